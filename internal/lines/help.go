package lines

import (
	"context"
	"strings"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// GeneralHelp is what help says about nothing in particular.
const GeneralHelp = `Every line is a command for the server, such as: SET greeting "hello world"
  help SET           what a command does and how it is written
  help @string       all commands of a group: @generic, @hash, @list, @set ...
  help expire hash   commands that have to do with both words
  3 PING             a number first repeats the command
  connect HOST PORT  go to another server
  clear              clear the screen
  quit               leave
`

// Connector makes a connection, as [pipeclient.Dial] does.
type Connector func(context.Context, pipeclient.Config) (*pipeclient.Conn, error)

// Docs is what the server says of the command that the first of the words names, or of all commands
// for a group with an @ in front; it may be an error reply. It is asked over a connection of its own,
// so that a transaction or a subscription is not disturbed.
func Docs(ctx context.Context, connect Connector, server pipeclient.Config, words []string) (resp.Value, error) {
	server.OnPush, server.BeforeBlock = nil, nil
	conn, err := connect(ctx, server)
	if err != nil {
		return resp.Value{}, err
	}
	defer conn.Close()
	ask := []string{"COMMAND", "DOCS"}
	if len(words) > 0 && !strings.HasPrefix(words[0], "@") {
		ask = append(ask, words[0])
	}
	return conn.Do(ctx, ask...)
}
