package manual

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"easycli/internal/command"
)

// TestEveryCommandIsInTheTable compares commands.txt with internal/command, which knows what the
// names mean.
func TestEveryCommandIsInTheTable(t *testing.T) {
	b := Embedded()
	n := 0
	for name := range command.Names() {
		n++
		e := b.entry(name)
		if e == nil {
			t.Errorf("no row for %s", name)
			continue
		}
		if e.Summary == "" || e.Group == "" {
			t.Errorf("%s: summary %q, group %q", name, e.Summary, e.Group)
		}
		if len(e.Summary) > 80 || !strings.HasSuffix(e.Summary, ".") {
			t.Errorf("%s: the summary is to be one short sentence: %q", name, e.Summary)
		}
	}
	if n != b.Len() {
		t.Errorf("%d rows for %d commands", b.Len(), n)
	}
	if !slices.IsSortedFunc(b.entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the rows are not in order")
	}
}

// TestFewestWords compares how many words a command needs at least with what internal/command says.
func TestFewestWords(t *testing.T) {
	for _, e := range Embedded().entries {
		if e.Unwritten || e.Arguments == nil {
			continue
		}
		parts := strings.Fields(e.Name)
		sub := ""
		if len(parts) > 1 {
			sub = parts[1]
		}
		info := command.OfName([]byte(parts[0]), []byte(sub))
		if least := len(parts) + fewest(e.Arguments); !info.Fits(least) {
			t.Errorf("%s: at least %d words with %q, which does not fit", e.Name, least, e.Syntax())
		}
	}
}

func TestTableRoundTrip(t *testing.T) {
	var text []byte
	for i := range Embedded().entries {
		text = appendRow(text, &Embedded().entries[i])
	}
	again, err := parseTable(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, Embedded().entries) {
		t.Error("what is written is not what was read")
	}
	_, rows, _ := strings.Cut(commandsText, "\n\n")
	ours, written := strings.Split(rows, "\n"), strings.Split(string(text), "\n")
	for i := range min(len(ours), len(written)) {
		if ours[i] != written[i] {
			t.Errorf("commands.txt has\n%s\nwhich is better written\n%s", ours[i], written[i])
		}
	}
}

func TestNotation(t *testing.T) {
	for syntax, shown := range map[string]string{
		"":                                   "",
		"key:key value":                      "key value",
		"[NX|XX]":                            "[NX|XX]",
		"[EX seconds:int|KEEPTTL]":           "[EX seconds|KEEPTTL]",
		"(LEFT|RIGHT) (LEFT|RIGHT) n:double": "LEFT|RIGHT LEFT|RIGHT n",
		"NO, ONE, host":                      "NO ONE host",
		`(key:key|"")`:                       `key|""`,
		`"m" "" ="a b":int ="x"`:             `m "" a b x`,
		"GET pattern ...GET":                 "GET pattern [GET pattern ...]",
		"KEYS key ...":                       "KEYS key [key ...]",
		"{a b} ...":                          "a b [a b ...]",
		"[{a b} ...]":                        "[a b [a b ...]]",
		"[a [B]]":                            "[a [B]]",
		"[{[A]}]":                            "[[A]]",
		"ip:port ID:string":                  "ip:port ID",
		"LIMIT {offset:int count:int}":       "LIMIT offset count",
		"[AGGREGATE (SUM|MIN)]":              "[AGGREGATE SUM|MIN]",
		"[([TYPE (A|B)]|[ID n:int]) ...]":    "[[TYPE A|B]|[ID n] [[TYPE A|B]|[ID n] ...]]",
		"* = ~ $ 0":                          "* = ~ $ 0",
		"at:time p:pattern n:int d:double":   "at p n d",
		"SCHEMA, ADD {attribute option ...}": "SCHEMA ADD attribute option [option ...]",
		`"a|b" ="c\x7cd"`:                    "a|b c|d",
	} {
		args, err := parseSyntax(syntax)
		if err != nil {
			t.Errorf("%s: %v", syntax, err)
			continue
		}
		e := Entry{Arguments: args}
		if got := e.Syntax(); got != shown {
			t.Errorf("%s: shown as %q, want %q", syntax, got, shown)
		}
		again, err := parseSyntax(string(appendSyntax(nil, args)))
		if err != nil || !reflect.DeepEqual(args, again) {
			t.Errorf("%s: written as %s: %v", syntax, appendSyntax(nil, args), err)
		}
	}
}

func TestNotationErrors(t *testing.T) {
	for syntax, want := range map[string]string{
		"[a":                          `at "": ] is missing`,
		"{a":                          "} is missing",
		"(a|b":                        ") is missing",
		"(a b)":                       "parentheses hold alternatives",
		"a]":                          `at "]": "]" closes nothing`,
		"a|b":                         `"|" closes nothing`,
		"[]":                          "nothing between brackets",
		"{}":                          "nothing in a group",
		"[[a]]":                       "brackets within brackets",
		"[a b|c]":                     "put braces around several",
		"(a|b c)":                     "put braces around several",
		"(a|)":                        "put braces around several",
		`"a`:                          "a quote is not closed",
		`="a":what`:                   `there is no type ":what"`,
		"GET a ...X":                  "what follows the dots is not the token in front",
		"a ...GET":                    "what follows the dots",
		"...":                         "a name is missing",
		strings.Repeat("[{", 9) + "a": "more than 8 levels",
	} {
		if args, err := parseSyntax(syntax); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v, want %q", syntax, args, err, want)
		}
	}
	for row, want := range map[string]string{
		"GET | string | 1 | key":                  "line 1: 4 fields",
		" | string | 1 | key | x":                 "a command without a name",
		"\n#\nGET | string | 1 | [key | Gets it.": `line 3: GET: at "": ] is missing`,
		`GET | string | 1 | key | "Gets it.`:      "line 1: GET: invalid syntax",
	} {
		if _, err := parseTable(row); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", row, err, want)
		}
	}
}

// FuzzNotation: what can be read is written so that it reads as the same.
func FuzzNotation(f *testing.F) {
	for _, e := range Embedded().entries {
		f.Add(string(appendSyntax(nil, e.Arguments)))
	}
	f.Add(`="":int "\x7c" a ...`)
	f.Fuzz(func(t *testing.T, syntax string) {
		args, err := parseSyntax(syntax)
		if err != nil {
			return
		}
		written := string(appendSyntax(nil, args))
		again, err := parseSyntax(written)
		if err != nil || !reflect.DeepEqual(args, again) {
			t.Errorf("%q is written as %q: %v", syntax, written, err)
		}
		if strings.Contains(written, " | ") {
			t.Errorf("%q is written as %q, with a separator in it", syntax, written)
		}
	})
}
