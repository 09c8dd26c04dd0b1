package rows

import (
	"bytes"
	"path/filepath"
	"strings"
)

// Format is how rows are written.
//
//   - CSV: as in RFC 4180. Fields in quotes may hold anything, and a quote twice; lines end in LF or
//     CRLF; the first has the names. Where that has semicolons and no comma, semicolons separate.
//   - TSV: as mysql --batch and PostgreSQL's COPY write it: one line each, a tab between fields,
//     \t \n \r \\ \0 \b \f \v for what is in them, \N for null. The first line has the names.
//   - JSONL: an object a line. A string is its text as UTF-8, numbers, true and false are as they
//     stand there, objects and arrays are compact JSON. Of a field that an object has twice, the last
//     counts.
//
// Blank lines are passed over.
type Format byte

// The formats. Unknown lets the first line of the input decide.
const (
	Unknown Format = iota
	CSV
	TSV
	JSONL
)

// FormatNames are the names of the formats, for messages.
const FormatNames = "csv, tsv or jsonl"

// ParseFormat reads the name of a format.
func ParseFormat(name string) (f Format, ok bool) {
	switch strings.ToLower(name) {
	case "csv":
		return CSV, true
	case "tsv":
		return TSV, true
	case "jsonl", "ndjson":
		return JSONL, true
	}
	return Unknown, false
}

// FormatOf is the format that the name of a file says: its extension, or the one before .gz or .zst.
func FormatOf(path string) Format {
	path = strings.ToLower(path)
	for _, compressed := range []string{".gz", ".zst"} {
		path = strings.TrimSuffix(path, compressed)
	}
	f, _ := ParseFormat(strings.TrimPrefix(filepath.Ext(path), "."))
	return f
}

// sniffBytes is how long a first line is waited for.
const sniffBytes = 64 << 10

// firstLine is the first line that is not blank, or the beginning of a long one, once that has come.
func firstLine(in []byte, eof bool) (line []byte, come bool) {
	in = bytes.TrimLeft(in, " \t\r\n")
	line, _, come = bytes.Cut(in[:min(len(in), sniffBytes)], newline)
	return line, come || eof || len(in) >= sniffBytes
}

// sniff tells a format by the first line.
func sniff(line []byte) Format {
	switch {
	case len(line) > 0 && (line[0] == '{' || line[0] == '['):
		return JSONL
	case bytes.IndexByte(line, '\t') >= 0 && bytes.IndexByte(line, ',') < 0:
		return TSV
	}
	return CSV
}

// comma is what separates the fields of CSV.
func comma(in []byte, noHeader bool) byte {
	line, _ := firstLine(in, true) // begin has waited for it
	if !noHeader && bytes.IndexByte(line, ';') >= 0 && bytes.IndexByte(line, ',') < 0 {
		return ';'
	}
	return ','
}
