package manual

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// reply is the value on the wire; words are bulk strings, [ and { begin an array and a map.
func reply(t testing.TB, wire string) resp.Value {
	t.Helper()
	v, err := resp.NewReader(strings.NewReader(wire)).ReadValue()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func array(elems ...string) string {
	return fmt.Sprintf("*%d\r\n%s", len(elems), strings.Join(elems, ""))
}

// described is COMMAND DOCS of one command, as RESP2 has it.
func described(name string, arguments ...string) string {
	b := resptest.Bulk
	return array(b(name), array(b("summary"), b("Does it."), b("since"), b("1.0"), b("group"), b("generic"),
		b("arguments"), array(arguments...)))
}

func TestReadOddShapes(t *testing.T) {
	b := resptest.Bulk
	for shape, want := range map[string]string{
		array():                            "",
		"+OK\r\n":                          "",
		"-ERR no\r\n":                      "",
		"_\r\n":                            "",
		array(b("x"), b("no description")): "",
		array(b("x")):                      "",
		array(b(""), array()):              "",
		array(b("a|b"), array()):           "\"A\\x7cB\" |  |  |  | \n",
		array(b("x"), array(b("arguments"), b("none"))):                                                          "X |  |  |  | \n",
		array(b("x"), array(b("summary"), ":5\r\n", b("group"), "_\r\n")):                                        "X |  |  |  | \n",
		described("x", array(b("name"), b("a"), b("type"), b("what"))):                                           "X | generic | 1.0 | a | Does it.\n",
		described("x", array(b("name"), b("A b"), b("type"), b("integer"))):                                      "X | generic | 1.0 | =\"A b\":int | Does it.\n",
		described("x", array(b("type"), b("block"))):                                                             "X | generic | 1.0 | =\"\" | Does it.\n",
		described("x", array(b("type"), b("pure-token"))):                                                        "X | generic | 1.0 | \"\" | Does it.\n",
		described("x", b("a"), ":1\r\n"):                                                                         "X | generic | 1.0 |  | Does it.\n",
		described("x", array(b("name"), b("a"), b("flags"), array(b("multiple_token")))):                         "X | generic | 1.0 | a | Does it.\n",
		array(b("x"), array(b("subcommands"), array(b("x|y"), array(b("subcommands"), array(b("z"), array()))))): "X |  |  |  | \nX Y |  |  |  | \n",
	} {
		book := Read(reply(t, shape))
		var got []byte
		for i := range book.entries {
			got = appendRow(got, &book.entries[i])
		}
		if string(got) != want {
			t.Errorf("%q: got %q, want %q", shape, got, want)
		}
	}
}

// nested is an argument with so many others around it, each of which may come again.
func nested(levels int) string {
	b := resptest.Bulk
	arg := array(b("name"), b("x"), b("type"), b("string"), b("flags"), array(b("multiple")))
	for range levels {
		arg = array(b("name"), b("x"), b("type"), b("block"), b("flags"), array(b("multiple")), b("arguments"), array(arg, arg))
	}
	return arg
}

func TestReadBounds(t *testing.T) {
	deep := Read(reply(t, described("deep", nested(12))))
	if hint := deep.Hint([]string{"deep"}, true); len(hint) > 2*maxHint {
		t.Errorf("a hint of %d bytes", len(hint))
	}
	if help := deep.Help([]string{"deep"}); len(help) > 3*maxHint {
		t.Errorf("help of %d bytes", len(help))
	}
	long := Read(reply(t, described(strings.Repeat("n", 100))))
	if long.Len() != 0 {
		t.Error("a name of 100 bytes is a command")
	}
	wide := Read(reply(t, described("wide", array(resptest.Bulk("name"), resptest.Bulk(strings.Repeat("é", maxText))))))
	if name := wide.entries[0].Arguments[0].Name; len(name) > maxText || strings.ContainsRune(name, '\\') {
		t.Errorf("a name of %d bytes", len(name))
	}
}

// Whatever a server says, what a book returns is fit for a terminal.
func TestHostileText(t *testing.T) {
	const hostile = "a\x1b]0;x\x07\u009b2J\r\n\u202eb\xff"
	b := resptest.Bulk
	docs := array(b("h"+hostile), array(b("summary"), b(hostile), b("since"), b(hostile), b("group"), b(hostile),
		b("complexity"), b(hostile), b("deprecated_since"), b(hostile), b("replaced_by"), b(hostile),
		b("arguments"), array(array(b("name"), b(hostile), b("type"), b("string"), b("token"), b(hostile)),
			array(b("display_text"), b(hostile)))))
	checkSafe(t, Read(reply(t, docs)))
}

// checkSafe prints everything a book can say.
func checkSafe(t *testing.T, book *Book) {
	t.Helper()
	for i := range book.entries {
		e := &book.entries[i]
		words := strings.Fields(e.Name)
		next := book.Next(words, "")
		texts := []string{book.Hint(words, true), e.Syntax(), e.Summary, e.Name, book.Help(words),
			book.Page(words, Style{}), book.Page([]string{"@" + e.Group}, Style{}), book.Page([]string{"does"}, Style{})}
		for _, c := range next.Candidates {
			texts = append(texts, c.Text, c.Description)
		}
		for _, text := range texts {
			for _, ours := range []string{"\r\n", "\n", "\x1b[1m", "\x1b[0m", "\x1b[90m", "\x1b[33m"} {
				text = strings.ReplaceAll(text, ours, "")
			}
			if safe(text) != text && len(text) < maxText {
				t.Errorf("%q is not fit for a terminal", text)
			}
		}
	}
}

// FuzzRead: of any reply the book can be written and read again, and says nothing that is
// not fit for a terminal.
func FuzzRead(f *testing.F) {
	b := resptest.Bulk
	f.Add([]byte(described("x", array(b("name"), b("a"), b("type"), b("oneof"), b("token"), b(""), b("arguments"),
		array(array(b("name"), b("b\x1b"), b("flags"), array(b("multiple"), b("optional"))))))))
	f.Add([]byte(described("deep", nested(2))))
	f.Fuzz(func(t *testing.T, wire []byte) {
		v, err := resp.NewReader(bytes.NewReader(wire)).ReadValue()
		if err != nil {
			return
		}
		book := Read(v)
		checkSafe(t, book)
		var text []byte
		for i := range book.entries {
			text = appendRow(text, &book.entries[i])
		}
		entries, err := parseTable(string(text))
		if err != nil || !reflect.DeepEqual(book, newBook(entries)) {
			t.Errorf("%q: %v", wire, err)
		}
	})
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "easycli")
	path := filepath.Join(dir, "docs-redis-7.0.15")
	if _, err := Load(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := Embedded().Save(path); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, dir: 0o700 | os.ModeDir} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left", len(files))
	}
	if again, err := Load(path); err != nil || !reflect.DeepEqual(again, Embedded()) {
		t.Errorf("not what it was: %v", err)
	}
	good, _ := os.ReadFile(path)
	for what, text := range map[string]string{
		"empty":    "",
		"half":     string(good[:len(good)/2]),
		"changed":  strings.Replace(string(good), "GET", "got", 1),
		"longer":   string(good) + "X",
		"no table": heading([]byte("nothing")) + "\nnothing",
	} {
		os.WriteFile(path, []byte(text), 0o600)
		if _, err := Load(path); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	evil := "GET | g | 1 | key | \x1b[2J\n"
	os.WriteFile(path, []byte(heading([]byte(evil))+"\n"+evil), 0o600)
	if book, err := Load(path); err != nil || book.entries[0].Summary != `\x1b[2J` {
		t.Errorf("got %v, %v", book, err)
	}
	if err := Embedded().Save(path + "/x"); err == nil {
		t.Error("a file is no directory")
	}
}
