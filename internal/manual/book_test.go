package manual

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

func TestFind(t *testing.T) {
	for line, want := range map[string]struct {
		name string
		n    int
	}{
		"": {}, "nosuch": {}, "get": {"GET", 1}, "GeT k": {"GET", 1}, "config": {"CONFIG", 1}, "config set a": {"CONFIG SET", 2},
		"config nosuch": {"CONFIG", 1}, "set config": {"SET", 1}, "gét": {},
		strings.Repeat("x", 100): {}, "object " + strings.Repeat("x", 100): {"OBJECT", 1},
	} {
		e, n := Embedded().Find(strings.Fields(line))
		name := ""
		if e != nil {
			name = e.Name
		}
		if name != want.name || n != want.n {
			t.Errorf("%s: got %q, %d, want %q, %d", line, name, n, want.name, want.n)
		}
	}
	if e, _ := Embedded().Find([]string{"CONFIG SET"}); e != nil {
		t.Error("two words in one are a name")
	}
}

func TestWith(t *testing.T) {
	b := resptest.Bulk
	server := Read(reply(t, array(
		b("get"), array(b("summary"), b("The server's."), b("group"), b("odd"), b("arguments"), array(array(b("name"), b("x")))),
		b("set"), array(),
		b("own.command"), array(b("summary"), b("A module's."), b("group"), b("module")))))
	book := Embedded().With(server)
	get, set := book.entry("GET"), book.entry("SET")
	if get.Summary != "The server's." || get.Group != "odd" || get.Since != "1.0.0" || get.Syntax() != "x" {
		t.Errorf("got %+v", get)
	}
	if set.Summary == "" || set.Group != "string" || set.Arguments != nil {
		t.Errorf("got %+v: what the server says has no arguments has none", set)
	}
	for name, want := range map[string]bool{"GET": false, "OWN.COMMAND": false, "HGET": true, "CONFIG SET": true} {
		if got := book.entry(name).Elsewhere; got != want {
			t.Errorf("%s: elsewhere is %t", name, got)
		}
	}
	if page := book.Page([]string{"hget"}, Style{}); !strings.Contains(page, "This server does not have it.") {
		t.Errorf("got %s", page)
	}
	if got := book.Next(nil, "hge").Candidates; got != nil {
		t.Errorf("%v are not on this server", got)
	}
	if book.entry("OWN.COMMAND") == nil || book.Len() != Embedded().Len()+1 || !slices.Contains(book.Groups(), "module") {
		t.Errorf("%d commands, groups %v", book.Len(), book.Groups())
	}
	if Embedded().entry("GET").Group != "string" {
		t.Error("the book below has changed")
	}
	if Embedded().With(nil) != Embedded() {
		t.Error("nothing laid upon a book is another book")
	}
	container := Read(reply(t, array(b("debug"), array())))
	if book := Embedded().With(container); book.entry("DEBUG OBJECT").Elsewhere || !book.entry("CONFIG SET").Elsewhere {
		t.Error("a server need not describe the subcommands of DEBUG")
	}
	kept := newBook([]Entry{{Name: "A", Unwritten: true}})
	other := newBook([]Entry{{Name: "A", Arguments: []Argument{{Name: "x"}}}})
	if got := other.With(kept).entry("A"); got.Unwritten || got.Syntax() != "x" {
		t.Errorf("got %+v", got)
	}
	if !reflect.DeepEqual(kept.entries[0], Entry{Name: "A", Unwritten: true}) {
		t.Error("the book above has changed")
	}
}

// The program's own book answers where the server says nothing.
func TestAnswer(t *testing.T) {
	own := Embedded().Help([]string{"get"})
	for shape, want := range map[string]string{
		described("get"): "\r\n  \x1b[1mGET\x1b[0m \x1b[90m\x1b[0m\r\n  \x1b[33msummary:\x1b[0m Does it.\r\n" +
			"  \x1b[33msince:\x1b[0m 1.0\r\n  \x1b[33mgroup:\x1b[0m generic\r\n\r\n",
		array():       "\r\n",
		"-ERR no\r\n": own,
		"+OK\r\n":     own,
	} {
		if got := Answer(reply(t, shape), []string{"get"}); got != want {
			t.Errorf("%q: got %q, want %q", shape, got, want)
		}
	}
	if Told(reply(t, "-ERR no\r\n")) != Embedded() || Told(reply(t, described("x"))).entry("X") == nil {
		t.Error("what the server tells is not in the book")
	}
}
