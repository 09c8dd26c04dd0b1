package rows

import (
	"fmt"
	"strings"
	"testing"
)

// commands reads all of the input, in pieces of that size, and shows each command behind its line.
func commands(template, input string, format Format, noHeader bool, piece int) ([]string, error) {
	t, err := Parse(template)
	if err != nil {
		return nil, err
	}
	r := t.Rows(format, noHeader)
	var got []string
	for from, given := 0, 0; from < len(input); {
		eof := given == len(input)
		words, size, err := r.Next([]byte(input[from:given]), eof)
		switch {
		case err != nil:
			return got, err
		case size == 0 && eof:
			return got, fmt.Errorf("nothing was taken of %q", input[from:])
		case size == 0:
			given = min(given+piece, len(input))
		}
		if from += size; size > 0 && len(words) > 0 {
			got = append(got, fmt.Sprintf("%q", words))
		}
	}
	return got, nil
}

func TestRows(t *testing.T) {
	tests := []struct {
		name, template string
		format         Format
		noHeader       bool
		input          string
		want           string // the commands, a line each
	}{
		{"csv", "HSET user:{id} name {name}", CSV, false, "id,name\n1,Ann\n2,Bob\n",
			`["HSET" "user:1" "name" "Ann"]` + "\n" + `["HSET" "user:2" "name" "Bob"]`},
		{"a value stays one word", "SET {k} {v}", CSV, false, "k,v\na b,\"c \"\"d\"\" 'e\"\n", `["SET" "a b" "c \"d\" 'e"]`},
		{"a value that looks like a template", "SET {k} {v}", CSV, false, "k,v\n{v},{{x}}\n", `["SET" "{v}" "{{x}}"]`},
		{"lines within quotes", "SET {k} {v}", CSV, false, "k,v\n1,\"a\r\nb\nc\"\n2,x\n", `["SET" "1" "a\r\nb\nc"]` + "\n" + `["SET" "2" "x"]`},
		{"no last end of line", "SET {k} {v}", CSV, false, "k,v\n1,2", `["SET" "1" "2"]`},
		{"an empty last field", "SET {k} {v}", CSV, false, "k,v\n1,", `["SET" "1" ""]`},
		{"CRLF", "SET {k} {v}", CSV, false, "k,v\r\n1,2\r\n\r\n3,\"4\"\r\n", `["SET" "1" "2"]` + "\n" + `["SET" "3" "4"]`},
		{"CRLF at the end alone", "SET {k} {v}", CSV, false, "k,v\n1,\"2\"\r", `["SET" "1" "2"]`},
		{"a CR in a field", "SET {k} {v}", CSV, false, "k,v\n1\r,2\r3\n", `["SET" "1\r" "2\r3"]`},
		{"semicolons, and a name with a blank", `SET {k} "{full name}"`, CSV, false, "k;\"full name\"\n1,5;2\n", `["SET" "1,5" "2"]`},
		{"no header", "SET {2} {1}", CSV, true, "a,b\nc,d\n", `["SET" "b" "a"]` + "\n" + `["SET" "d" "c"]`},
		{"a constant command", "INCR rows", CSV, false, "a\n1\n2\n", `["INCR" "rows"]` + "\n" + `["INCR" "rows"]`},
		{"braces", "SET {{{k}}}:x '{{}}'", CSV, false, "k\n7\n", `["SET" "{7}:x" "{}"]`},
		{"JSON around a value", `SET k '{{"id":{id}}}'`, CSV, false, "id\n7\n", `["SET" "k" "{\"id\":7}"]`},
		{"bytes", "SET {k} {v}", CSV, false, "k,v\n\xff\x00,\xe4\n", `["SET" "\xff\x00" "\xe4"]`},
		{"quoted words of the template", `SET "a b" '{v}'`, CSV, false, "v\nx\n", `["SET" "a b" "x"]`},
		{"an empty word of the template", `SET "" {v}`, CSV, false, "v\nx\n", `["SET" "" "x"]`},
		{"nothing in csv", "SET {k} {v?none}", CSV, false, "k,v\n1,\n2,\"\"\n3,x\n",
			`["SET" "1" "none"]` + "\n" + `["SET" "2" ""]` + "\n" + `["SET" "3" "x"]`},
		{"all in csv", "HSET u:{id} {*}", CSV, false, "a,id,b\n1,2,3\n,5,\n", `["HSET" "u:2" "a" "1" "b" "3"]` + "\n" + `["HSET" "u:5" "a" "" "b" ""]`},
		{"all of them", "HSET h id {id} {*}", CSV, false, "a,id\n1,2\n", `["HSET" "h" "id" "2" "a" "1"]`},
		{"an empty name", "HSET h {*}", CSV, false, ",b\n1,2\n", `["HSET" "h" "" "1" "b" "2"]`},

		{"tsv", "SET {k} {v}", TSV, false, "k\tv\na b\t\"c\"\n\t\n", `["SET" "a b" "\"c\""]` + "\n" + `["SET" "" ""]`},
		{"escapes", "SET {k} {v}", TSV, false, "k\tv\na\\tb\t\\\\N\\n\\r\\0\\b\\f\\v.\n", `["SET" "a\tb" "\\N\n\r\x00\b\f\v."]`},
		{"null", "HSET {k} v {v?-} {*}", TSV, false, "k\tv\tw\tx\n1\t\\N\t\\N\ty\n", `["HSET" "1" "v" "-" "x" "y"]`},
		{"tsv in CRLF", "SET {k} {v}", TSV, false, "k\tv\r\n1\t2\r\n", `["SET" "1" "2"]`},
		{"a CR that ends a value", "SET {k} {v}", TSV, false, "k\tv\n1\t2\r\n", `["SET" "1" "2\r"]`},
		{"tsv without header", "SET {1} {2}", TSV, true, "k\tv", `["SET" "k" "v"]`},

		{"jsonl", "HSET u:{id} name {name}", JSONL, false, `{"id":1,"name":"Ann"}` + "\n\n" + ` { "name" : "Bob" , "id" : "2" } ` + "\r\n",
			`["HSET" "u:1" "name" "Ann"]` + "\n" + `["HSET" "u:2" "name" "Bob"]`},
		{"numbers as they are", "RPUSH l {a} {b} {c} {d}", JSONL, false, `{"a":12345678901234567890,"b":1.10,"c":-1E+5,"d":0}`,
			`["RPUSH" "l" "12345678901234567890" "1.10" "-1E+5" "0"]`},
		{"words and structures", "RPUSH l {a} {b} {c} {d}", JSONL, false, `{"a":true,"b":false,"c":{ "x" : [1, 2 ],"y z":"a \" b" },"d":[ ]}`,
			`["RPUSH" "l" "true" "false" "{\"x\":[1,2],\"y z\":\"a \\\" b\"}" "[]"]`},
		{"escapes in json", "RPUSH l {a} {é}", JSONL, false, `{"a":"\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00\u0000","\u00e9":"é"}`,
			`["RPUSH" "l" "\"\\/\b\f\n\r\té€😀\x00" "é"]`},
		{"nested", "RPUSH l {a.b} {a.c.d} {x.y}", JSONL, false, `{"a":{"b":1,"c":{"d":[1]}},"x.y":"dot"}`, `["RPUSH" "l" "1" "[1]" "dot"]`},
		{"a nested name and its object", "RPUSH l {a.b} {a}", JSONL, false, `{"a":{"b":"x"}}`, `["RPUSH" "l" "x" "{\"b\":\"x\"}"]`},
		{"missing in json", `RPUSH l {a?} {b?x} "{c.d?y z}"`, JSONL, false, `{"b":null,"c":1}`, `["RPUSH" "l" "" "x" "y z"]`},
		{"an empty text is a value", "RPUSH l {a?x}", JSONL, false, `{"a":""}`, `["RPUSH" "l" ""]`},
		{"all in json", "HSET u:{id} {*}", JSONL, false, `{"a":"x","id":1,"b":null,"c":{"d": 2}}`, `["HSET" "u:1" "a" "x" "c" "{\"d\":2}"]`},
		{"twice in json", "SET k {a}", JSONL, false, `{"a":1,"a":2}`, `["SET" "k" "2"]`},

		{"the first line says json", "SET k {a}", Unknown, false, "\n" + `{"a":1}` + "\n", `["SET" "k" "1"]`},
		{"the first line says tsv", "SET {k} {v}", Unknown, false, "k\tv\n1\t2\n", `["SET" "1" "2"]`},
		{"the first line says csv", "SET {k} {v}", Unknown, false, "k,v\n1,2\n", `["SET" "1" "2"]`},
		{"one column", "SADD s {k}", Unknown, false, "k\n1", `["SADD" "s" "1"]`},
	}
	for _, tt := range tests {
		for _, piece := range []int{1, 7, 1 << 20} {
			t.Run(fmt.Sprintf("%s by %d", tt.name, piece), func(t *testing.T) {
				got, err := commands(tt.template, tt.input, tt.format, tt.noHeader, piece)
				if err != nil || strings.Join(got, "\n") != tt.want {
					t.Errorf("got\n%s\n%v, want\n%s", strings.Join(got, "\n"), err, tt.want)
				}
			})
		}
	}
}

func TestRowsRefused(t *testing.T) {
	tests := []struct {
		name, template string
		format         Format
		noHeader       bool
		input          string
		want, advice   string
	}{
		{"an unknown column", "SET {nam} 1", CSV, false, "id,name, b\n", `line 1: the header has no column nam`, `its columns are: id, name, " b"`},
		{"an unknown number", "SET {3} {1}", CSV, true, "a,b\n", "line 1: there is no column {3}", "the columns are {1} to {2}"},
		{"a column twice", "SET k {a}", CSV, false, "a,b,a\n", "line 1: column a: the header has it twice", ""},
		{"a column twice for all", "HSET k {*}", CSV, false, "a,b,a\n", "line 1: column a: the header has it twice", ""},
		{"all without a header", "HSET k {*}", CSV, true, "a,b\n", "line 1: {*} writes the names of columns, and there is no header", ""},
		{"a field too few", "SET k {a}", CSV, false, "a,b\n1,2\n\n3\n", "line 4: this row has 1 field, the header 2", ""},
		{"a field too many", "SET k {a}", CSV, false, "a,b\n\"1\n\n\",2\n3,4,5\n", "line 5: this row has 3 fields, the header 2", ""},
		{"a ragged first row", "SET k {1}", CSV, true, "a,b\n1,2,3\n", "line 2: this row has 3 fields, the first row 2", ""},
		{"a quote in a field", "SET k {a}", CSV, false, "a,b\n1,5\" pipe\n", "line 2: field 2: a quote inside of a field: such a field is in quotes, and its quotes are written twice", ""},
		{"text behind a quote", "SET k {a}", CSV, false, "a,b\n\"1\"2,3\n", "line 2: field 1: text behind a closing quote: a quote inside of quotes is written twice", ""},
		{"a CR behind a quote", "SET k {a}", CSV, false, "a\n\"1\"\r\"2\"\n", "line 2: field 1: text behind a closing quote: a quote inside of quotes is written twice", ""},
		{"an open quote", "SET k {a}", CSV, false, "a\n1\n\"2\n3\n", "line 3: field 1: the quote that opens it is never closed", ""},
		{"fields without end", "SET k {a}", CSV, false, strings.Repeat(",", maxFields+1), "line 1: more than 100000 fields", ""},
		{"tabs without end", "SET k {a}", TSV, false, strings.Repeat("\t", maxFields+1), "line 1: more than 100000 fields", ""},
		{"a null that is needed", "SET k {a}", TSV, false, "a\tb\n\\N\t1\n", "line 2: column a: this row has no value for it", "{a?} writes an empty word then, {a?text} the text"},
		{"an unknown escape", "SET k {a}", TSV, false, "a\tb\nC:\\windows\t1\n", `line 2: column a: \w means nothing; a backslash is written \\`, ""},
		{"a backslash at the end", "HSET k {*}", TSV, false, "a\tb\n1\tx\\\n", `line 2: column b: a backslash at its end; one is written \\`, ""},
		{"a missing field", "SET k {a}", JSONL, false, `{"b":1,"c":2}`, "line 1: this row has no field a", "its fields are: b, c; {a?} writes"},
		{"a null", "SET k {a}", JSONL, false, "{\"a\":1}\n{\"a\":null}", "line 2: column a: this row has no value for it", "{a?}"},
		{"an array", "SET k {a}", JSONL, false, `[{"a":1}]`, "line 1: this is an array, and a line of JSONL is an object", "jq -c '.[]' FILE"},
		{"no object", "SET k {a}", JSONL, false, "{\"a\":1}\nhello\n", "line 2: this is no JSON object: a line of JSONL is one", ""},
		{"over several lines", "SET k {a}", JSONL, false, "{\n\"a\":1}\n", "line 1: the line ends inside of its JSON", "jq -c . FILE"},
		{"no JSON", "SET k {a}", JSONL, false, `{"a":01}`, `line 1: this is no JSON: "1" at byte 7 of the line`, ""},
		{"something behind", "SET k {a}", JSONL, false, `{"a":1}{"a":2}`, `line 1: this is no JSON: "{" at byte 8 of the line`, ""},
		{"a control character", "SET k {a}", JSONL, false, "{\"a\":\"\t\"}", `line 1: this is no JSON: "\t" at byte 7 of the line`, ""},
		{"an unknown escape of JSON", "SET k {a}", JSONL, false, `{"a":"\x41"}`, `line 1: this is no JSON: "\\" at byte 7 of the line`, ""},
		{"half a character", "SET k {a}", JSONL, false, `{"a":"\ud83d!"}`, "line 1: column a: half of a surrogate pair is no character", ""},
		{"too deep", "SET k {a}", JSONL, false, `{"a":` + strings.Repeat("[", 2000), "line 1: nested more than 1000 deep", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := commands(tt.template, tt.input, tt.format, tt.noHeader, 1<<20)
			e, ok := err.(*Error)
			if !ok || e.Error() != tt.want || !strings.HasPrefix(e.Advice, tt.advice) && !strings.Contains(e.Advice, tt.advice) {
				t.Errorf("got  %v (%+v)\nwant %s (%s)", err, e, tt.want, tt.advice)
			}
		})
	}
}

func TestTemplatesRefused(t *testing.T) {
	tests := map[string]string{
		"":                `it is empty`,
		`SET "a`:          "unbalanced quote at byte 5",
		"{cmd} a":         "the name of the command cannot come from a row",
		"X{cmd} a":        "the name of the command cannot come from a row",
		"{*}":             "{*} must be a word of its own, behind the name of the command",
		"HSET k a{*}":     "{*} must be a word of its own, behind the name of the command",
		"SET {k":          "a { without its } in {k; {{ writes one",
		"SET k} 1":        "a } without its { in k}; }} writes one",
		"SET {} 1":        "{} names no column; {{}} writes the braces",
		"SET {?x} 1":      "{} names no column; {{}} writes the braces",
		"SET {a{b} 1":     "a { inside of {a{b}",
		"SET {full name}": "a { without its } in {full; {{ writes one",
	}
	for text, want := range tests {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestFormatOf(t *testing.T) {
	tests := map[string]Format{
		"a.csv": CSV, "/x/A.CSV.GZ": CSV, "a.tsv.zst": TSV, "a.jsonl": JSONL, "a.ndjson": JSONL,
		"a.json": Unknown, "csv": Unknown, "a.gz": Unknown, "stdin": Unknown, "": Unknown,
	}
	for path, want := range tests {
		if got := FormatOf(path); got != want {
			t.Errorf("%q: got %d, want %d", path, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	parsed, _ := Parse("SET {k} 1")
	r := parsed.Rows(CSV, false)
	in := []byte("k\n\n\"1\n2\"\n3\n")
	var lines []int64
	for len(in) > 0 {
		at := r.Line()
		words, n, err := r.Next(in, true)
		if err != nil {
			t.Fatal(err)
		}
		if len(words) > 0 {
			lines = append(lines, at)
		}
		in = in[n:]
	}
	if got := fmt.Sprint(lines); got != "[3 5]" {
		t.Errorf("got %s", got)
	}
}

// A row costs no memory of its own once there have been a few.
func TestRowsAllocateNothing(t *testing.T) {
	tests := map[Format]string{
		CSV:   "id,name,\"a \"\"quoted\"\" one\"\n",
		TSV:   "id\tname\ta\\tb\n",
		JSONL: `{"id":123,"name":"Ann","x":{"y": "\u00e9"},"tags":[1, 2]}` + "\n",
	}
	for format, row := range tests {
		parsed, _ := Parse("HSET user:{1} name {2} x {3}")
		if format == JSONL {
			parsed, _ = Parse("HSET user:{id} name {name} x {x.y} tags {tags}")
		}
		r := parsed.Rows(format, true)
		in := []byte(row)
		got := testing.AllocsPerRun(100, func() {
			if _, _, err := r.Next(in, false); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 {
			t.Errorf("format %d: %v allocations a row", format, got)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	tests := map[string]string{
		"csv":   "12345,Ann Example,ann@example.com,\"Main Street 5, Springfield\",2024-01-01\n",
		"tsv":   "12345\tAnn Example\tann@example.com\tMain Street 5, Springfield\t2024-01-01\n",
		"jsonl": `{"1":12345,"2":"Ann Example","3":"ann@example.com","4":"Main Street 5, Springfield","5":"2024-01-01"}` + "\n",
	}
	for name, row := range tests {
		b.Run(name, func(b *testing.B) {
			parsed, _ := Parse("HSET user:{1} name {2} mail {3}")
			format, _ := ParseFormat(name)
			r := parsed.Rows(format, true)
			in := []byte(row)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := r.Next(in, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
