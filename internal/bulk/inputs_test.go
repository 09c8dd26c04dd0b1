package bulk

import (
	"io"
	"strings"
	"testing"

	"easycli/internal/resptest"
	"easycli/internal/rows"
)

// named are inputs: name, text, name, text ...
func named(pairs ...string) func(*Config) {
	return func(cfg *Config) {
		cfg.Inputs = nil
		for i := 0; i < len(pairs); i += 2 {
			text := pairs[i+1]
			cfg.Inputs = append(cfg.Inputs, Input{Name: pairs[i], Format: rows.FormatOf(pairs[i]), Size: int64(len(text)),
				Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }})
		}
	}
}

func template(t *testing.T, text string) func(*Config) {
	t.Helper()
	parsed, err := rows.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return func(cfg *Config) { cfg.Template = parsed }
}

// Several inputs are one load: the numbers go on, the places are those of each.
func TestInputsAreNumberedThrough(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "", named("a.txt", "SET in:a 1\nLPUSH in:a x", "b.resp", "*2\r\n$4\r\nINCR\r\n$4\r\nin:a\r\n#TS:17\r\n"+
		"*2\r\n$4\r\nLPOP\r\n$4\r\nin:a\r\n", "c.txt", "", "d.txt", "\xef\xbb\xbf# nothing\nINCR in:a\nGET 'x\n"))
	want := "a.txt, line 2, byte 11: LPUSH: WRONGTYPE Operation against a key holding the wrong kind of value\n" +
		"easycli: the byte order mark at the beginning of d.txt is left out\n" +
		"b.resp, command 4, byte 32: LPOP: WRONGTYPE Operation against a key holding the wrong kind of value\n" +
		"easycli: d.txt, line 3, byte 23: unbalanced quote at byte 5; nothing from there on takes effect\n"
	if e := o.input(t); e.Number != 6 || o.Sent != 5 || o.Errors != 2 || !sameLines(o.err, want) {
		t.Errorf("%+v\n%s", o.Report, o.err)
	}
	if got := s.Do("GET", "in:a"); got != "3" {
		t.Error(got)
	}
}

// sameLines reports whether all lines of want are in got. What the server says may come later than
// what is found in the input.
func sameLines(got, want string) bool {
	for line := range strings.Lines(want) {
		if !strings.Contains(got, line) {
			return false
		}
	}
	return true
}

func TestACommandSpansNoTwoInputs(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "", named("a", "*2\r\n$4\r\nECHO\r\n", "b", "$1\r\nx\r\n"))
	if e := o.input(t); e.Input != "a" || !strings.HasPrefix(e.Msg, "the input ends inside this command") || o.Sent != 0 {
		t.Error(o.err)
	}
	o = loadText(t, s, "", named("a", "MULTI\nSET in:m 1\n", "b", "EXEC\n"))
	if e := o.input(t); e.Input != "a" || e.Number != 1 || s.Do("EXISTS", "in:m") != "0" {
		t.Error(o.err)
	}
}

// Each input begins in the database of the connection, whatever the last one has selected.
func TestEachInputBeginsInTheSameDatabase(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "", named("a", "SET db x\nSELECT 5\nSET db a\n", "b", "APPEND db b\nMULTI\nSELECT 6\nEXEC\n", "c", "APPEND db c\n"),
		func(cfg *Config) { cfg.Client.DB = 3 })
	if o.end != nil || o.Sent != 8 || o.Replies != 8 {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	for db, want := range map[string]string{"0": "", "3": "xbc", "5": "a", "6": ""} {
		if got := s.Do("EVAL", "redis.call('SELECT', ARGV[1]) return redis.call('GET', 'db') or ''", "0", db); got != want {
			t.Errorf("database %s: %q, want %q", db, got, want)
		}
	}
}

func TestRowsBecomeCommands(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "", template(t, "HSET rows:{id} name {name}"), named(
		"a.csv", "\xef\xbb\xbfid,name\n1,\"Ann; DEL *\"\n", "b.jsonl", `{"name":"Bob\u0021","id":2}`,
		"c", "name\tid\nx\\ty\t3\n"))
	if o.end != nil || o.Replies != 3 {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	for key, want := range map[string]string{"rows:1": "Ann; DEL *", "rows:2": "Bob!", "rows:3": "x\ty"} {
		if got := s.Do("HGET", key, "name"); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// A failed row is named by its file and the line on which it begins.
func TestRowsHavePlaces(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("SET", "rows:s", "x")
	o := loadText(t, s, "", template(t, "HSET rows:{id} name {name}"), named("a.csv", "id,name\n1,\"two\nlines\"\ns,y\n3,z\n4\n5,x\n"))
	want := "a.csv, line 4, byte 22: HSET: WRONGTYPE Operation against a key holding the wrong kind of value\n" +
		"easycli: a.csv, line 6, byte 30: this row has 1 field, the header 2; nothing from there on takes effect\n"
	if e := o.input(t); e.Line != 6 || o.Sent != 3 || o.Errors != 1 || !sameLines(o.err, want) {
		t.Errorf("%+v\n%s", o.Report, o.err)
	}
	o = loadText(t, s, "", template(t, "HSET rows:{no} name {name}"), named("a.csv", "id,name\n1,x\n"))
	if e := o.input(t); e.Advice != "its columns are: id, name" || o.Sent != 0 {
		t.Error(o.err)
	}
	o = loadText(t, s, "", template(t, "SUBSCRIBE {name}"), named("a.csv", "id,name\n1,x\n"))
	if e := o.input(t); e.Line != 2 || o.Sent != 0 {
		t.Error(o.err)
	}
	o = loadText(t, s, "", template(t, "SET rows:{1} x"), func(cfg *Config) { cfg.NoHeader = true }, named("a.csv", "1,x\n2,y\n"))
	if o.end != nil || s.Do("EXISTS", "rows:1", "rows:2") != "2" {
		t.Error(o.end, o.err)
	}
}

// A row is the same however the input is cut.
func TestRowsInPieces(t *testing.T) {
	s := resptest.Shared(t)
	var in strings.Builder
	in.WriteString("n,text\n")
	for range 2000 {
		in.WriteString("1,\"" + strings.Repeat("x\"\"\n", 100) + "\"\n")
	}
	o := loadInto(s.Addr, &trickle{in.String()}, template(t, "APPEND rows:long {text}"))
	if o.end != nil || o.Replies != 2000 || s.Do("STRLEN", "rows:long") != "600000" {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
}

// trickle gives its text in pieces of a thousand bytes.
type trickle struct{ text string }

func (r *trickle) Read(b []byte) (int, error) {
	if r.text == "" {
		return 0, io.EOF
	}
	n := copy(b, r.text[:min(len(r.text), 1000)])
	r.text = r.text[n:]
	return n, nil
}
