package render

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTerminal(t *testing.T) {
	human, raw, js := Options{Terminal: true}, Options{Terminal: true, Format: Raw}, Options{Terminal: true, Format: JSON}
	hostile := "caf\u00e9\x1b]0;x\a\u202e\x9b\ufeff"
	for _, c := range []struct {
		name string
		o    Options
		how  How
		wire string
		want string
	}{
		{"string", human, AsReply, bulk(hostile + "\n\""), `"caf` + "\u00e9" + `\x1b]0;x\a\xe2\x80\xae\x9b\xef\xbb\xbf\n\""` + "\n"},
		{"status", human, AsReply, "+" + hostile + "\r\n", "caf\u00e9" + `\x1b]0;x\a\u202e\x9b\ufeff` + "\n"},
		{"error", human, AsReply, "-" + hostile + "\r\n", "(error) caf\u00e9" + `\x1b]0;x\a\u202e\x9b\ufeff` + "\n"},
		{"blob error", human, AsReply, "!5\r\na\nb\tc\r\n", `(error) a\nb\tc` + "\n"},
		{"big number", human, AsReply, "(\x17[31m9\r\n", `(big number) \x17[31m9` + "\n"},
		{"double", human, AsReply, ",1\x1b\r\n", `(double) 1\x1b` + "\n"},
		{"verbatim", human, AsReply, verbatim("txt", "a\tb\r\nc\x1b\n"), "a\tb\nc\\x1b\n\n"},
		{"report", human, Verbatim, bulk("# Server\r\na:1\r\n\x1b"), "# Server\na:1\n\\x1b\n"},
		{"report with an end", human, Verbatim, bulk("a:1\r\n"), "a:1\n"},
		{"report in json", js, Verbatim, bulk("a\r\n\u202e"), `"a\r\n\u202e"` + "\n"},
		{"raw", raw, AsReply, aggregate('*', bulk("a\x1b\nb"), "+\x9b\r\n"), "a\\x1b\nb\n\\x9b\n"},
		{"raw key", raw, AsReply, aggregate('%', bulk("\x07"), bulk("\u00e9")), "\\a \u00e9\n"},
		{"json", js, AsReply, bulk(hostile + "\U000e0041\x7f"), `"caf` + "\u00e9" + `\u001b]0;x\u0007\u202e\u009b\ufeff\udb40\udc41\u007f"` + "\n"},
		{"push", human, AsReply, ">2\r\n" + bulk("invalidate") + "*1\r\n" + bulk("k\x1b\u00e9") + ":1\r\n", "-> invalidate: 'k\\x1b\u00e9'\n(integer) 1\n"},
	} {
		for _, piece := range []int{0, 1, 3} {
			if got := printWire(t, way{opts: c.o, how: c.how}, c.wire, 1, piece); got != c.want {
				t.Errorf("%s in pieces of %d:\n got %q\nwant %q", c.name, piece, got, c.want)
			}
		}
	}
}

// checkSafe holds what nothing printed to a terminal may break.
func checkSafe(t *testing.T, printed string) {
	t.Helper()
	if !utf8.ValidString(printed) {
		t.Errorf("%q is no UTF-8", printed)
	}
	for _, r := range printed {
		if r != '\n' && r != '\t' && (unicode.Is(unicode.C, r) || r == '\u2028' || r == '\u2029') {
			t.Errorf("%q holds %U", printed, r)
		}
	}
}

func TestNothingUnsafeReachesATerminal(t *testing.T) {
	exotic := []reply{
		{"all", aggregate('*', bulk(everyByte()), verbatim("txt", everyByte()), "+\x00\x1b\u009b\r\n", "-\x1b\u202e\r\n", "(\x1b\r\n", ",\x1b\r\n",
			aggregate('%', verbatim("txt", "\x1b"), "!2\r\n\x1b\n\r\n", "*1\r\n+\x9b\r\n", bulk("\x1b")))},
	}
	for _, r := range append(exotic, replies()...) {
		for _, w := range ways {
			for how := AsReply; how <= ClusterNodes; how++ {
				w.opts.Terminal, w.how = true, how
				checkSafe(t, printWire(t, w, r.wire, len(r.wire), 3))
			}
		}
	}
}

func TestJSONIsValid(t *testing.T) {
	for _, r := range replies() {
		for _, format := range []Format{JSON, QuotedJSON} {
			for how := AsReply; how <= ClusterNodes; how++ {
				for _, terminal := range []bool{false, true} {
					got := print(t, Options{Format: format, Terminal: terminal}, how, r.wire)
					for line := range strings.Lines(got) {
						if !json.Valid([]byte(line)) || !utf8.ValidString(line) {
							t.Errorf("%s as %d: %s", r.name, how, line)
						}
					}
				}
			}
		}
	}
}
