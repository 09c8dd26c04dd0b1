package rows

import (
	"bytes"
	stdcsv "encoding/csv"
	stdjson "encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// encoding/csv is the slow reference: what it reads, we read the same, and what it refuses, we refuse.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"b\",\"\n\"\r\n", "a\"b\n", "\"a\"b\n", "\"a\n", "\n\n,\n", "a,\r", "\"\"\n"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, in string, piece int) {
		// The reference makes LF of CRLF within quotes; a byte stays what it is here.
		if strings.Contains(in, "\r") && !strings.HasSuffix(in, "\r") || strings.Count(in, "\r") > 1 {
			in = strings.ReplaceAll(in, "\r", "")
		}
		want, wantErr := reference(in)
		got, err := split(in, max(piece, 1))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got the error %v, want %v", in, err, wantErr)
		}
		if err == nil && fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Fatalf("%q: got %q, want %q", in, got, want)
		}
	})
}

func reference(in string) ([][]string, error) {
	r := stdcsv.NewReader(strings.NewReader(in))
	r.FieldsPerRecord = -1
	return r.ReadAll()
}

// split is all fields of all records.
func split(in string, piece int) (all [][]string, err error) {
	c := newCSV(',')
	for from, given := 0, 0; from < len(in); {
		data := []byte(in[from:given])
		n, _, err := c.scan(data, given == len(in))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			given = min(given+piece, len(in))
			continue
		}
		var record []string
		for _, field := range c.fields() {
			v, _, _ := c.text(data, field, nil)
			record = append(record, string(v.text))
		}
		if record != nil {
			all = append(all, record)
		}
		from += n
	}
	return all, nil
}

// encoding/json judges what is an object, and what a string in it means.
func FuzzJSONL(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `{"a":"\u00e9\n","b":[1,{}]}`, `{"a":{"a":null}}`, `{"a":-0.1e5}`, `{"a":"\ud800"}`, `[]`, `{`} {
		f.Add(seed)
	}
	template, err := Parse("X {a?}")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		in = strings.ReplaceAll(in, "\n", " ")
		if strings.TrimLeft(in, " \t\r") == "" || !utf8.ValidString(in) || strings.Count(in, "{")+strings.Count(in, "[") > 900 {
			return
		}
		var want map[string]stdjson.RawMessage
		wantErr := stdjson.Unmarshal([]byte(in), &want)
		if wantErr == nil && want == nil {
			wantErr = fmt.Errorf("null")
		}
		words, n, err := template.Rows(JSONL, false).Next([]byte(in), true)
		if err != nil && strings.Contains(err.Error(), "surrogate") {
			return
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got the error %v, want %v", in, err, wantErr)
		}
		if err != nil {
			return
		}
		if n != len(in) || len(words) != 2 {
			t.Fatalf("%q: %q, %d bytes", in, words, n)
		}
		if got, want := string(words[1]), meaning(want["a"]); got != want {
			t.Fatalf("%q: got %q, want %q", in, got, want)
		}
	})
}

// meaning is what we make of a JSON value.
func meaning(raw stdjson.RawMessage) string {
	var text string
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if stdjson.Unmarshal(raw, &text) == nil {
		return text
	}
	var out bytes.Buffer
	if stdjson.Compact(&out, raw) != nil {
		return string(raw)
	}
	return out.String()
}

// However the input is cut into pieces, the same commands come out of it, or the same error; and no
// row gives a command of more words than the template has.
func FuzzPieces(f *testing.F) {
	f.Add("a,b\n1,\"x\ny\"\n", byte(0), 1)
	f.Add("a\tb\n1\t\\N\n", byte(1), 2)
	f.Add(`{"a":"x y","b":1}`, byte(2), 3)
	f.Fuzz(func(t *testing.T, in string, kind byte, piece int) {
		format := Format(kind%3) + CSV
		const template = "SET k:{a?} {b?none} end"
		want, wantErr := commands(template, in, format, false, len(in)+1)
		got, err := commands(template, in, format, false, max(piece, 1))
		if fmt.Sprint(got, err) != fmt.Sprint(want, wantErr) {
			t.Errorf("got %v, %v; want %v, %v", got, err, want, wantErr)
		}
		parsed, _ := Parse(template)
		r := parsed.Rows(format, false)
		for rest := []byte(in); len(rest) > 0; {
			words, n, err := r.Next(rest, true)
			if err != nil {
				break
			}
			if len(words) != 0 && (len(words) != 4 || string(words[0]) != "SET" || string(words[3]) != "end") {
				t.Errorf("got %q", words)
			}
			rest = rest[n:]
		}
	})
}

// A template is refused or has words, and never those of anything in a row.
func FuzzTemplate(f *testing.F) {
	f.Add("SET {a} '{{x}} {b?c d}'")
	f.Add("HSET {*} {a.b}")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse(text)
		if err != nil {
			return
		}
		if len(parsed.words) == 0 || len(parsed.words[0].parts) != 1 || parsed.words[0].parts[0].column >= 0 {
			t.Errorf("%q has no name", text)
		}
	})
}
