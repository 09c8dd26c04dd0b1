package manual

import (
	"flag"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

var printLive = flag.Bool("live", false, "print the server's commands in the notation of commands.txt")

// liveDocs is COMMAND DOCS of the server at hand, after HELLO with a version of the protocol.
func liveDocs(t *testing.T, version string) resp.Value {
	t.Helper()
	conn, err := net.Dial("tcp", resptest.Shared(t).Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := resp.NewReader(conn)
	var v resp.Value
	for _, words := range [][]string{{"HELLO", version}, {"COMMAND", "DOCS"}} {
		if _, err := conn.Write(resp.AppendCommand(nil, words...)); err != nil {
			t.Fatal(err)
		}
		if v, err = in.ReadValue(); err != nil || v.IsError() {
			t.Fatal(err, v.Text)
		}
	}
	return v
}

// TestPrintLive is no test: with -live it prints what the table would be.
func TestPrintLive(t *testing.T) {
	if !*printLive {
		t.Skip("only with -live")
	}
	for _, e := range Read(liveDocs(t, "3")).entries {
		fmt.Print(string(appendRow(nil, &e)))
	}
}

// newer are the commands whose syntax Redis 7.0 describes less well than later servers do: operation
// is a word where it is one of four, where numbers may have a fraction it says integer, and what excludes
// each other stands side by side.
var newer = map[string]bool{
	"GEORADIUS": true, "GEORADIUSBYMEMBER": true, "MIGRATE": true, "BITOP": true, "COMMAND GETKEYS": true, "COMMAND GETKEYSANDFLAGS": true, "ZINCRBY": true,
	"ZINTER": true, "ZINTERSTORE": true, "ZUNION": true, "ZUNIONSTORE": true,
}

// TestTheServerAgrees compares each row with what Redis 7.0 says of the command, over either
// protocol.
func TestTheServerAgrees(t *testing.T) {
	if !strings.Contains(resptest.Shared(t).Do("INFO", "server"), "redis_version:7.0.") {
		t.Skip("the server at hand is not Redis 7.0, and other versions have other arguments")
	}
	live := Read(liveDocs(t, "3"))
	if flat := Read(liveDocs(t, "2")); !reflect.DeepEqual(live, flat) {
		t.Error("RESP2 and RESP3 make two books")
	}
	if live.Len() < 300 {
		t.Errorf("the server described only %d commands", live.Len())
	}
	for _, e := range live.entries {
		own := Embedded().entry(e.Name)
		switch {
		case own == nil:
			t.Errorf("no row for %s; it would be\n\t%s", e.Name, appendRow(nil, &e))
		case own.Group != e.Group || own.Since != e.Since:
			t.Errorf("%s: %s since %s at the server, %s since %s here", e.Name, e.Group, e.Since, own.Group, own.Since)
		case !newer[e.Name] && !reflect.DeepEqual(own.Arguments, e.Arguments):
			t.Errorf("%s: at the server %s\nhere %s", e.Name, appendSyntax(nil, e.Arguments), appendSyntax(nil, own.Arguments))
		case own.Summary == e.Summary:
			t.Errorf("%s: the summary is the server's, not our own", e.Name)
		}
	}
}

// TestTheServersWordsComeBack keeps what the server says in a file and gets it back.
func TestTheServersWordsComeBack(t *testing.T) {
	live := Read(liveDocs(t, "3"))
	path := t.TempDir() + "/a/docs"
	if err := live.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := Load(path)
	if err != nil || !reflect.DeepEqual(live, again) {
		t.Errorf("the book is not what it was: %v", err)
	}
}
