package manual

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	for line, want := range map[string]Verdict{
		"get k":          {Known: true, Words: 1},
		"CONFIG get a":   {Known: true, Words: 2},
		"gte k":          {Words: 1, Near: "GET"},
		"g":              {Words: 1, Beginning: true},
		"ge":             {Words: 1, Beginning: true, Near: "GET"},
		"hgetal k":       {Words: 1, Beginning: true, Near: "HGETALL"},
		"frobnicate":     {Words: 1},
		"config":         {Known: true, Words: 1, Count: TooFew},
		"config gte":     {Words: 1, Near: "CONFIG GET"},
		"config re":      {Words: 1, Beginning: true},
		"debug anything": {Known: true, Words: 1}, // has subcommands that nobody lists
		"debug sleep x":  {Known: true, Words: 2, Wrong: 2, Argument: "seconds"},

		"get":                  {Known: true, Words: 1, Count: TooFew},
		"get a b":              {Known: true, Words: 1, Count: TooMany},
		"set k":                {Known: true, Words: 1, Count: TooFew},
		"expire k 5 nx xx":     {Known: true, Words: 1, Count: TooMany},
		"set k v ex":           {Known: true, Words: 1, Count: TooFew},
		"mset a 1 b":           {Known: true, Words: 1},
		"xnack s":              {Known: true, Words: 1, Count: TooFew},
		"xnack s a b c d e f":  {Known: true, Words: 1},
		"auth secret":          {Known: true, Words: 1},
		"json.strappend k v":   {Known: true, Words: 1},
		"blpop a 0":            {Known: true, Words: 1},
		"replicaof no one":     {Known: true, Words: 1},
		"zunion 1 k weights x": {Known: true, Words: 1, Wrong: 4, Argument: "weight"},

		"expire k 10s":              {Known: true, Words: 1, Wrong: 2, Argument: "seconds"},
		"expire k 10":               {Known: true, Words: 1},
		"set k v ex ten":            {Known: true, Words: 1, Wrong: 4, Argument: "seconds"},
		"set k v nx ex ten":         {Known: true, Words: 1, Wrong: 5, Argument: "seconds"},
		"zadd z one a":              {Known: true, Words: 1, Wrong: 2, Argument: "score"},
		"zadd z 1 a two b":          {Known: true, Words: 1, Wrong: 4, Argument: "score"},
		"zadd z +inf a":             {Known: true, Words: 1},
		"zincrby z 1.5 a":           {Known: true, Words: 1},
		"zcount z (1 +inf":          {Known: true, Words: 1},
		"zcount z [1 +inf":          {Known: true, Words: 1, Wrong: 2, Argument: "min"},
		"bitfield k set u8 #1 5":    {Known: true, Words: 1},
		"acl log reset":             {Known: true, Words: 2},
		"acl log 3":                 {Known: true, Words: 2},
		"acl log now":               {Known: true, Words: 2, Wrong: 2, Argument: "count"},
		"scan 18446744073709551615": {Known: true, Words: 1},
		"scan 0 count x":            {Known: true, Words: 1, Wrong: 3, Argument: "count"},
		"scan 0 what x":             {Known: true, Words: 1},
	} {
		var argv [][]byte
		for _, word := range strings.Fields(line) {
			argv = append(argv, []byte(word))
		}
		if got := Embedded().Judge(argv); got != want {
			t.Errorf("%s: got %+v, want %+v", line, got, want)
		}
	}
	if got := Embedded().Judge(nil); got != (Verdict{}) {
		t.Errorf("nothing: got %+v", got)
	}
}

func BenchmarkJudge(b *testing.B) {
	Embedded()
	argv := [][]byte{[]byte("SET"), []byte("k"), []byte("v"), []byte("EX"), []byte("10")}
	b.ReportAllocs()
	for b.Loop() {
		Embedded().Judge(argv)
	}
}

func BenchmarkJudgeUnknown(b *testing.B) {
	Embedded()
	argv := [][]byte{[]byte("HGTEALL"), []byte("k")}
	b.ReportAllocs()
	for b.Loop() {
		Embedded().Judge(argv)
	}
}
