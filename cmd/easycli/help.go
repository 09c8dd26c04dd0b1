package main

import "strings"

// helpWidth is how wide --help may be; the column is where descriptions begin.
const (
	helpWidth  = 80
	helpColumn = 30
)

const helpHead = `easycli talks to Redis and Valkey servers.

  easycli set greeting hello             one command
  easycli -h db.example.com -n 2 get k   on another server, in database 2
  easycli @prod get k                    on the server of a profile
  easycli < commands.txt                 a script, one command a line, pipelined
  easycli --pipe data.txt more.txt.gz    bulk loading, every command counted
  easycli                                a prompt
  easycli --sandbox                      a server to try, nothing to install
  easycli -x set photo < photo.jpg       an argument from stdin
  easycli --eval script.lua k1 k2 , a1   a Lua script with keys and arguments
  easycli --json hgetall user:1          JSON
  easycli completion bash                also for zsh, fish, powershell

Usage: easycli [OPTIONS] [COMMAND [ARGUMENT...]]

Options end at the first word without a dash, or at --. The last one wins.
Values may also be written --port=6380 or -p6380.
`

const helpTail = `
Environment:
  EASYCLI_AUTH, VALKEYCLI_AUTH, REDISCLI_AUTH
                              password, in this order; options come first
  VALKEYCLI_HOST, VALKEYCLI_PORT
                              address, unless options say otherwise
  EASYCLI_CONFIG              configuration with the profiles
                              (default ~/.config/easycli/config.toml)
  EASYCLI_HISTFILE, EASYCLI_RCFILE
                              history and preferences of the prompt, as with
                              VALKEYCLI_ and REDISCLI_; /dev/null for none
  FAKETTY                     print as on a terminal
  NO_COLOR, CLICOLOR_FORCE    never or always use colours

Exit status:
  0    all well
  1    the server answered with an error
  2    the command line makes no sense
  3    no connection: network, TLS, AUTH, SELECT or HELLO; nothing was sent
  4    connection lost or timed out, something is in doubt
  5    the input is not acceptable
  6    the output could not be written
  7    replies do not match requests
  8    a wait for durability was not confirmed
  130  interrupted (143: terminated)
`

func helpText() string {
	var b strings.Builder
	b.WriteString(helpHead)
	for _, g := range groups() {
		b.WriteString("\n" + g.title + ":\n")
		for _, o := range g.options {
			writeOption(&b, o)
		}
	}
	b.WriteString(helpTail)
	return b.String()
}

// writeOption writes the names in one column and what they do in the other.
func writeOption(b *strings.Builder, o option) {
	names := "      "
	if o.short != "" {
		names = "  -" + o.short + ", "
	}
	names += "--" + o.long
	if o.value != "" {
		names += " " + o.value
	}
	b.WriteString(names)
	at := len(names)
	if at >= helpColumn {
		b.WriteByte('\n')
		at = 0
	}
	for i, word := range strings.Fields(o.help) {
		switch {
		case i == 0:
			b.WriteString(strings.Repeat(" ", helpColumn-at))
			at = helpColumn
		case at+1+len(word) > helpWidth:
			b.WriteString("\n" + strings.Repeat(" ", helpColumn))
			at = helpColumn
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	b.WriteByte('\n')
}
