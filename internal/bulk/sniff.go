package bulk

import (
	"bytes"
	"context"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// SniffBytes is how much of an input is enough for [Foreign].
const SniffBytes = 16

// sniff decides what kind of input this is. It waits for one byte, and for more only while those
// that came are the beginning of something that it would refuse or drop.
func (f *feeder) sniff(ctx context.Context) error {
	f.scan = &textScanner{}
	for f.r == f.w && !f.eof || !f.eof && f.w < SniffBytes && undecided(f.buf[:f.w]) {
		if err := f.read(ctx); err != nil {
			return err
		}
	}
	if bytes.HasPrefix(f.buf[:f.w], bom) {
		f.r, f.offset = len(bom), int64(len(bom))
		f.say("the byte order mark at the beginning of %s is left out", f.in.title())
		for f.r == f.w && !f.eof {
			if err := f.read(ctx); err != nil {
				return err
			}
		}
	}
	in := f.buf[f.r:f.w]
	switch {
	case f.cfg.Template != nil:
		f.scan = &rowScanner{rows: f.cfg.Template.Rows(f.in.Format, f.cfg.NoHeader), at: 1}
	case len(in) > 0 && in[0] == '*':
		f.scan = &respScanner{}
	}
	if kind, advice := Foreign(in); kind != "" {
		return f.errorf(0, "this is %s, not commands\n%s", kind, advice)
	}
	return nil
}

var bom = []byte("\xef\xbb\xbf")

// magic are the beginnings of files that are met by mistake, and what to do with such a file. A
// text that could be a command stands here only if it could not be one that works.
var magic = []struct{ prefix, kind, advice string }{
	{"\x1f\x8b", "gzip data", "try: gunzip -c FILE | easycli --pipe"},
	{"\x28\xb5\x2f\xfd", "zstd data", "try: zstd -dc FILE | easycli --pipe"},
	{"PK\x03\x04", "a zip archive", "try: unzip -p FILE | easycli --pipe"},
	{"BZh", "bzip2 data", "try: bzip2 -dc FILE | easycli --pipe"},
	{"\xfd7zXZ", "xz data", "try: xz -dc FILE | easycli --pipe"},
	{"REDIS0", "an RDB file", loadRDB},
	{"VALKEY0", "an RDB file", loadRDB},
	{"\xff\xfe", "UTF-16 text", "try: iconv -f UTF-16 -t UTF-8 FILE | easycli --pipe"},
	{"\xfe\xff", "UTF-16 text", "try: iconv -f UTF-16 -t UTF-8 FILE | easycli --pipe"},
	{"\x7fELF", "a program", needsCommands},
	{"SQLite format", "an SQLite database", "have sqlite3 print a command a line: SELECT 'SET ' || key || ..."},
	{"%PDF-", "a PDF document", needsCommands},
}

const (
	loadRDB       = "a server reads it when it starts: redis-server --dir FOLDER --dbfilename FILE"
	needsCommands = "what is loaded is a command a line, such as SET key value, or RESP"
)

// undecided reports whether what has come is only the beginning of a known one.
func undecided(in []byte) bool {
	begins := func(whole string) bool {
		return len(in) < len(whole) && bytes.HasPrefix([]byte(whole), in)
	}
	for _, m := range magic {
		if begins(m.prefix) {
			return true
		}
	}
	return begins(string(bom))
}

// Foreign names the kind of a file by its first bytes if it is none to load, and says what to do with
// it. It is "" for what may be commands, or rows.
func Foreign(in []byte) (kind, advice string) {
	for _, m := range magic {
		if bytes.HasPrefix(in, []byte(m.prefix)) {
			return m.kind, m.advice
		}
	}
	return "", ""
}

// isSQL recognises a statement that a dump of a database begins with. Its first word could be a
// command's name, so it is looked for in the first line only.
func isSQL(line []byte) bool {
	upper := bytes.ToUpper(line[:min(len(line), 32)])
	for _, begins := range []string{
		"INSERT INTO ", "CREATE TABLE ", "CREATE DATABASE ", "SELECT * FROM ", "DROP TABLE ", "BEGIN;", "-- ", "/*",
	} {
		if bytes.HasPrefix(upper, []byte(begins)) {
			return true
		}
	}
	return false
}

// isCSV recognises what a table may begin with: a first word with commas in it, which no command has.
func isCSV(line []byte) bool {
	line, _, _ = bytes.Cut(line, []byte("\n"))
	word, _, _ := bytes.Cut(line, []byte(" "))
	return bytes.IndexByte(word, ',') > 0 && utf8.Valid(word) && bytes.IndexFunc(word, unicode.IsControl) < 0
}

// elsewhere is a guess, for the end of a message, at what stands where a command should.
func elsewhere(in []byte) string {
	kind, advice := Foreign(in)
	if kind == "" && len(in) > 0 {
		switch c := firstByte(in); {
		case isSQL(in):
			kind, advice = "SQL", "have the database print a command a line: SELECT CONCAT('SET ', key, ' ', value) ..."
		case c == '{' || c == '[':
			kind, advice = "JSON", "rows of JSON become commands with --template 'SET user:{id} {name}'"
		case isCSV(in):
			kind, advice = "CSV", "its rows become commands with --template 'SET user:{id} {name}'"
		case c == '<':
			kind, advice = "HTML or XML", needsCommands
		case c == '$' || c == '+' || c == ':' || c == '*':
			return " (RESP that does not begin with a whole command?)"
		case c < ' ' || c > '~':
			kind, advice = "binary data", needsCommands
		}
	}
	if kind == "" {
		return ""
	}
	return fmt.Sprintf(" (this looks like %s)\n%s", kind, advice)
}
