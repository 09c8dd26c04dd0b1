package resp

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// corpusCase is one line of the corpus: what a server may send, and what it must be read as.
type corpusCase struct {
	id     string
	wire   string
	mustBe string
}

// corpus is the cases of testdata/wire/resp-cases.txt.
var corpus = sync.OnceValue(func() []corpusCase {
	cases := corpusLines()
	for i := range cases {
		cases[i].wire = corpusBytes(cases[i].wire)
	}
	return cases
})

// corpusLines is the cases with their bytes still written as expressions: some are large.
func corpusLines() []corpusCase {
	file, err := os.ReadFile("../../testdata/wire/resp-cases.txt")
	if err != nil {
		panic(err)
	}
	var cases []corpusCase
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			panic(fmt.Sprintf("corpus line %q", line))
		}
		cases = append(cases, corpusCase{f[0], f[1], f[2]})
	}
	return cases
}

// corpusBytes evaluates Go-quoted strings, joined by + and repeated by * N.
func corpusBytes(expr string) string {
	var wire strings.Builder
	for expr != "" {
		quoted, err := strconv.QuotedPrefix(expr)
		if err != nil {
			panic(expr)
		}
		part, _ := strconv.Unquote(quoted)
		expr = strings.TrimSpace(expr[len(quoted):])
		n := 1
		if times, ok := strings.CutPrefix(expr, "*"); ok {
			times, _, _ = strings.Cut(times, "+")
			if n, err = strconv.Atoi(strings.TrimSpace(times)); err != nil {
				panic(expr)
			}
			expr = strings.TrimSpace(expr[1+len(times):])
		}
		wire.WriteString(strings.Repeat(part, n))
		expr = strings.TrimSpace(strings.TrimPrefix(expr, "+"))
	}
	return wire.String()
}

// byID is the case with that name.
func byID(id string) corpusCase {
	i := slices.IndexFunc(corpus(), func(c corpusCase) bool { return c.id == id })
	return corpus()[i]
}

// trace is all that a stream is read as: its replies and, marked, its pushes, in the notation of
// notation_test.go, and how it ended.
func trace(src io.Reader, pushes bool) []string {
	var events []string
	r := NewReader(src)
	if pushes {
		r.OnPush = func(v Value) { events = append(events, "push "+string(notation(nil, v))) }
	}
	for {
		v, err := r.ReadValue()
		if err != nil {
			return append(events, ending(err))
		}
		events = append(events, string(notation(nil, v)))
	}
}

// readings are the events a case's bytes are read as, with OnPush set, where they are read without
// an error. A case whose "must be" begins with ERR or EOF is in the table only if something comes
// before that.
var readings = sync.OnceValue(func() map[string][]string {
	one := map[string]string{
		"S01": `+"OK"`, "S02": `+""`, "S08": `+"\x1b[2J\x1b]0;x\a"`, "S10": `+"\xff\xfe"`,
		"E01": `-"ERR x"`, "E02": `-""`, "E03": `-"ERR \x1b[2J"`, "Q02": `-"ERR max number of clients reached"`,
		"I01": `:0`, "I02": `:0`, "I03": `:5`, "I04": `:9223372036854775807`, "I05": `:-9223372036854775808`,
		"I12": `:1`,
		"B01": `$""`, "B02": `$nil`, "B04": `$"hello"`, "B21": `$"\r\n"`, "B22": `$"\x00\x01\xff"`,
		"B23": `$"$-1\r"`,
		"A01": `*[]`, "A02": `*nil`, "A12": `*[*[*[*[:1]]]]`, "A16": `*[$nil *nil _nil]`,
		"A17": `*[-"ERR inner"]`, "A18": `*[>[+"a" +"b"]]`,
		"N01": `_nil`, "T01": `#t`, "T02": `#f`,
		"D01": `,"3.14"`, "D02": `,"inf"`, "D03": `,"-inf"`, "D04": `,"nan"`, "D05": `,"-nan"`,
		"D06": `,"1e400"`, "D07": `,"infinity"`, "D08": `,"0x1p3"`, "D10": `,"1."`, "D11": `,".5"`,
		"D12": `,"1_0"`, "D13": `,"10"`, "D15": `,"INF"`, "D16": `,"1E+5"`, "D17": `,"nan(0x8000)"`,
		"D18": `,"NAN"`,
		"G01": `("3492890328409238509324850943850943825024385"`, "G02": `("-1"`, "G04": `("12a"`,
		"G06": `("+5"`, "G07": `("\x17[31m9"`,
		"V01": `=txt"Some string"`, "V05": `=mkd""`, "V07": `=txt"\x1b[2Ja"`, "V08": `=a  "x"`,
		"X01": `!"SYNTAX invalid syntax"`, "X03": `!""`,
		"M01": `%[]`, "M02": `%[+"a" :1]`, "M06": `%[*[:1] :2]`, "M07": `%[+"a" :1 +"a" :2]`,
		"M08": `%[_nil :1]`, "M10": `%[-"ERR k" :1]`, "Z01": `~[:1 :1]`,
		"R01": `|[+"ttl" :3600]+"OK"`, "R02": `*[:1 |[+"ttl" :3600]:2]`, "R03": `|[]+"OK"`,
		"R07": `|[|[+"a" :1]+"k" :2]+"OK"`,
		"R09": `|[$"key-popularity" *[$"key:123" :90]]$"Some real reply following the attribute"`,
		"C01": `$"Hello wor"`, "C02": `$""`, "C05": `*[:1 :2]`, "C06": `%[+"a" :1]`, "C08": `~[]`,

		"S09": `+"` + strings.Repeat("x", 1<<20) + `"`,
		"S12": `-"ERR ` + strings.Repeat("x", 1<<20) + `"`,
		"G05": `("` + strings.Repeat("9", 1000000) + `"`,
		"D14": `,"1` + strings.Repeat("0", 400) + `"`,
		"A13": strings.Repeat("*[", 1000) + ":1" + strings.Repeat("]", 1000),
		"A24": strings.Repeat("*[", 7990) + ":1" + strings.Repeat("]", 7990),
		"A19": "*[" + strings.Repeat("*[] ", 999999) + "*[]]",
	}
	many := map[string][]string{
		"P01": {`push >[$"invalidate" _nil]`, `+"OK"`},
		"P02": {`push >[]`, `+"OK"`},
		"P04": {`push >[:1]`, `+"OK"`},
		"P05": {`push >[$"message" $"c" $"m"]`, `push >[$"invalidate" *[$"k"]]`, `+"OK"`},
		"P06": {`push >[+"subscribe" +"c" :1]`},
		"R08": {`push |[+"a" :1]>[+"x"]`, `+"OK"`},
		"A21": {`push >[$"message" $"foo" $"bar"]`, `*[+"PONG" :1 +"PONG"]`},
		"A22": {`*[>[$"subscribe" $"a" :1]]`, `push >[$"subscribe" $"b" :2]`, `+"PONG"`},
		"A23": {`push >[$"invalidate" *[$"k"]]`, `*[:1 :2]`},
		"Q01": {`+"OK"`, `+"EXTRA"`},
		"Q03": {`$nil`, `:5`},
	}
	for id, reading := range one {
		many[id] = []string{reading}
	}
	return many
})

// outcome is what a case must be read as, with how the stream ends, and whether the end is free.
func (c corpusCase) outcome() (events []string, ends []string) {
	switch {
	case c.mustBe == "EOF" && c.wire == "":
		return nil, []string{"end"}
	case strings.HasPrefix(c.mustBe, "EOF (or ERR"), strings.HasPrefix(c.mustBe, "EOF/ERR"):
		return nil, []string{"EOF", "ERR"}
	case strings.HasPrefix(c.mustBe, "EOF"):
		return nil, []string{"EOF"}
	case strings.HasPrefix(c.mustBe, "ERR"):
		return nil, []string{"ERR"}
	}
	return readings()[c.id], []string{"end"}
}

// valid reports whether the case is whole replies.
func (c corpusCase) valid() bool { return readings()[c.id] != nil }

// check compares a trace with the case's outcome.
func (c corpusCase) check(t *testing.T, how string, got []string) {
	t.Helper()
	want, ends := c.outcome()
	last := len(got) - 1
	if !slices.Equal(got[:last], want) || !slices.Contains(ends, got[last]) {
		t.Errorf("%s %s: got %s, want %s and then %q", c.id, how,
			brief(fmt.Sprintf("%q", got)), brief(fmt.Sprintf("%q", want)), ends)
	}
}

func TestCorpusIsWhole(t *testing.T) {
	if got := len(corpus()); got != 179 {
		t.Errorf("the corpus has %d cases, not 179", got)
	}
	for _, c := range corpus() {
		if _, ends := c.outcome(); ends[0] == "end" && c.wire != "" && !c.valid() {
			t.Errorf("%s: must be %q, and no reading is known", c.id, c.mustBe)
		}
	}
}

func TestCorpusIsReadAsItMustBe(t *testing.T) {
	for _, c := range corpus() {
		c.check(t, "whole", trace(strings.NewReader(c.wire), true))
	}
}

func TestCorpusMayArriveInAnyPieces(t *testing.T) {
	largest := 2 << 20
	if raceEnabled { // a read a byte is slow then
		largest = 64 << 10
	}
	for _, c := range corpus() {
		if len(c.wire) <= largest {
			c.check(t, "one byte a read", trace(iotest.OneByteReader(strings.NewReader(c.wire)), true))
		}
		if len(c.wire) > 4<<10 {
			continue
		}
		step := 1
		if raceEnabled && len(c.wire) > 512 { // slow, and the pieces are the same
			step = 23
		}
		for i := 0; i < len(c.wire); i += step {
			src := io.MultiReader(strings.NewReader(c.wire[:i]), strings.NewReader(c.wire[i:]))
			c.check(t, fmt.Sprint("split at ", i), trace(src, true))
		}
	}
}

func TestCorpusLeavesTheNextReplyAligned(t *testing.T) {
	for _, c := range corpus() {
		if !c.valid() {
			continue
		}
		got := trace(strings.NewReader(c.wire+"+SENTINEL\r\n"), true)
		want := append(slices.Clone(readings()[c.id]), `+"SENTINEL"`, "end")
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %s, want %s", c.id, brief(fmt.Sprintf("%q", got)), brief(fmt.Sprintf("%q", want)))
		}
	}
}

func TestWithoutOnPushPushesBetweenRepliesAreReplies(t *testing.T) {
	dropped := map[string]bool{"A21": true, "A23": true} // pushes inside an array, which are no element
	for _, c := range corpus() {
		if !c.valid() || c.id == "A19" { // a million elements and no push
			continue
		}
		var want []string
		for _, event := range readings()[c.id] {
			event, isPush := strings.CutPrefix(event, "push ")
			if !isPush || !dropped[c.id] {
				want = append(want, event)
			}
		}
		got := trace(strings.NewReader(c.wire), false)
		if want = append(want, "end"); !slices.Equal(got, want) {
			t.Errorf("%s: got %s, want %s", c.id, brief(fmt.Sprintf("%q", got)), brief(fmt.Sprintf("%q", want)))
		}
	}
}

func TestCorpusIsTheSameAsTokensAsTreesAndSkipped(t *testing.T) {
	for _, c := range corpus() {
		comparePaths(t, c.id, []byte(c.wire+"+SENTINEL\r\n"))
	}
}

// comparePaths reads a stream as trees, as tokens, by replaying the trees and by skipping, and
// complains about differences. A string that is too long for a tree is no difference: only trees
// have that limit.
func comparePaths(t *testing.T, name string, wire []byte) {
	t.Helper()
	var treePushes, tokenPushes, skipPushes []string
	trees, tokens, skips := NewReader(bytes.NewReader(wire)), NewReader(bytes.NewReader(wire)), NewReader(bytes.NewReader(wire))
	attributed := false // a push had attributes: as tokens, they came before anybody knew whose they are
	trees.OnPush = func(v Value) {
		treePushes = append(treePushes, string(elements(nil, v.Elems)))
		attributed = attributed || v.Attrs != nil
	}
	tokens.OnPush = func(v Value) { tokenPushes = append(tokenPushes, string(elements(nil, v.Elems))) }
	skips.OnPush = func(v Value) { skipPushes = append(skipPushes, string(elements(nil, v.Elems))) }
	for {
		attributed = false
		v, treeErr := trees.ReadValue()
		var skipped []depthError
		kind, skipErr := skips.Skip(func(depth int, text []byte) {
			skipped = append(skipped, depthError{depth, string(text)})
		})
		spelled, tokenErr := spelling(tokens)
		if treeErr != nil {
			if strings.Contains(treeErr.Error(), "a string of more than") {
				return
			}
			if fmt.Sprint(tokenErr) != treeErr.Error() || fmt.Sprint(skipErr) != treeErr.Error() {
				t.Errorf("%s: trees end with %v, tokens with %v, skipping with %v", name, treeErr, tokenErr, skipErr)
			}
			break
		}
		if skipErr != nil || tokenErr != nil {
			t.Fatalf("%s: a tree, but tokens %v, skipping %v", name, tokenErr, skipErr)
		}
		tree := string(notation(nil, v))
		replay := v.Tokens()
		again, err := spelling(replay)
		if _, end := replay.Next(); again != tree || err != nil || end != io.EOF {
			t.Errorf("%s: %s replayed as %s, %v, %v", name, brief(tree), brief(again), err, end)
		}
		if spelled != tree && !attributed {
			t.Errorf("%s: read as %s, as tokens %s", name, brief(tree), brief(spelled))
		}
		if kind != v.Kind || skips.Offset() != trees.Offset() || tokens.Offset() != trees.Offset() {
			t.Errorf("%s: a %v up to %d, skipped a %v up to %d, tokens up to %d", name,
				v.Kind, trees.Offset(), kind, skips.Offset(), tokens.Offset())
		}
		if !attributed {
			checkSkipped(t, name, skipped, errorsIn(nil, v, 0))
		}
		if d := trees.Depth() + tokens.Depth() + skips.Depth(); d != 0 {
			t.Errorf("%s: depth %d between replies", name, d)
		}
	}
	if !slices.Equal(treePushes, tokenPushes) || !slices.Equal(treePushes, skipPushes) {
		t.Errorf("%s: pushes %q, with tokens %q, skipping %q", name, treePushes, tokenPushes, skipPushes)
	}
}

// depthError is what Skip tells of an error reply.
type depthError struct {
	depth int
	text  string
}

// errorsIn collects the errors of a tree, in the order of the wire.
func errorsIn(found []depthError, v Value, depth int) []depthError {
	if v.Attrs != nil {
		for _, e := range *v.Attrs {
			found = errorsIn(found, e, depth+1)
		}
	}
	if v.Kind == Error {
		found = append(found, depthError{depth, v.Text})
	}
	for _, e := range v.Elems {
		found = errorsIn(found, e, depth+1)
	}
	return found
}

func checkSkipped(t *testing.T, name string, got, want []depthError) {
	t.Helper()
	same := func(got, want depthError) bool {
		long := len(want.text) > wholeText
		return got.depth == want.depth &&
			(got.text == want.text || long && len(got.text) >= wholeText && strings.HasPrefix(want.text, got.text))
	}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("%s: skipping told of %s, the tree has %s", name, brief(fmt.Sprint(got)), brief(fmt.Sprint(want)))
	}
}

func TestHintsNameWhatAnswersInsteadOfRedis(t *testing.T) {
	for id, hint := range map[string]string{
		"Y02": "an HTTP server answers on this port",
		"Y03": "this port speaks TLS, use --tls",
		"Y09": "this port speaks TLS, use --tls",
		"Y12": "an SSH server answers on this port, not Redis",
		"Y01": "", "Y04": "", "Y11": "", "C09": "", "C11": "",
	} {
		_, err := NewReader(strings.NewReader(byID(id).wire)).ReadValue()
		if p, ok := err.(*ProtocolError); !ok || p.Hint != hint {
			t.Errorf("%s: %v has not the hint %q", id, err, hint)
		}
	}
	r := NewReader(strings.NewReader("+OK\r\nHTTP/1.1"))
	r.ReadValue()
	if _, err := r.ReadValue(); err.(*ProtocolError).Hint != "" {
		t.Errorf("a hint in the middle of a stream: %v", err)
	}
}
