package render

import (
	"fmt"
	"strings"
)

// A reply is a case of the goldens: what a server sends.
type reply struct{ name, wire string }

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

func verbatim(format, s string) string { return fmt.Sprintf("=%d\r\n%s:%s\r\n", len(s)+4, format, s) }

// many is an aggregate of n elements, or pairs for a map.
func many(wire byte, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%c%d\r\n", wire, n)
	for i := range n {
		fmt.Fprintf(&b, ":%d\r\n", i)
		if wire == '%' {
			b.WriteString(bulk(fmt.Sprintf("v%d", i)))
		}
	}
	return b.String()
}

func aggregate(wire byte, elems ...string) string {
	n := len(elems)
	if wire == '%' {
		n /= 2
	}
	return fmt.Sprintf("%c%d\r\n%s", wire, n, strings.Join(elems, ""))
}

func everyByte() string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}

// replies are the cases. What the real redis-cli prints for them is recorded in testdata/render.
func replies() []reply {
	one, two := ":1\r\n", aggregate('*', ":1\r\n", ":2\r\n")
	return []reply{
		{"status", "+OK\r\n"},
		{"status-empty", "+\r\n"},
		{"status-control", "+a\x1b[2J\x07\x7f\xff\"b\\\r\n"},
		{"status-nul", "+a\x00b\r\n"},
		{"error", "-ERR unknown command 'foo', with args beginning with: \r\n"},
		{"error-empty", "-\r\n"},
		{"error-control", "-ERR \x1b[2J\"\\\xc3\xa9\r\n"},
		{"error-nul", "-ERR a\x00b\r\n"},
		{"error-blob", "!21\r\nSYNTAX invalid syntax\r\n"},
		{"error-blob-lines", "!7\r\nERR a\nb\r\n"},
		{"integer", ":42\r\n"},
		{"integer-zero", ":0\r\n"},
		{"integer-minus-zero", ":-0\r\n"},
		{"integer-plus", ":+5\r\n"},
		{"integer-leading-zero", ":-007\r\n"},
		{"integer-max", ":9223372036854775807\r\n"},
		{"integer-min", ":-9223372036854775808\r\n"},
		{"bulk", bulk("hello world")},
		{"bulk-empty", bulk("")},
		{"bulk-quotes", bulk(`say "hi" and 'hi'`)},
		{"bulk-backslash", bulk(`C:\temp\x41`)},
		{"bulk-lines", bulk("one\ntwo\r\nthree\tfour\n")},
		{"bulk-control", bulk("\x00\x01\a\b\v\f\x1b\x7f")},
		{"bulk-utf8", bulk("caf\u00e9 \u65e5\u672c \U0001f600")},
		{"bulk-no-utf8", bulk("\xff\xfe\xc3(\xe2\x82")},
		{"bulk-every-byte", bulk(everyByte())},
		{"bulk-slashes", bulk("</script>\u2028")},
		{"bulk-streamed", "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;0\r\n"},
		{"bulk-streamed-empty", "$?\r\n;0\r\n"},
		{"null-bulk", "$-1\r\n"},
		{"null-array", "*-1\r\n"},
		{"null-resp3", "_\r\n"},
		{"double", ",3.141\r\n"},
		{"double-whole", ",10\r\n"},
		{"double-exponent", ",-1.5e+300\r\n"},
		{"double-capital", ",1E5\r\n"},
		{"double-inf", ",inf\r\n"},
		{"double-minus-inf", ",-inf\r\n"},
		{"double-nan", ",nan\r\n"},
		{"double-no-json", ",.5\r\n"},
		{"double-trailing-point", ",1.\r\n"},
		{"double-no-number", ",1,\"2\r\n"},
		{"boolean-true", "#t\r\n"},
		{"boolean-false", "#f\r\n"},
		{"big-number", "(3492890328409238509324850943850943825024385\r\n"},
		{"verbatim", verbatim("txt", "Some string")},
		{"verbatim-lines", verbatim("mkd", "# head\nline \"q\"\ttab\n")},
		{"verbatim-control", verbatim("txt", "\x1b[2Ja\xff\x00")},
		{"verbatim-empty", verbatim("txt", "")},
		{"attribute", "|1\r\n+ttl\r\n:3600\r\n+OK\r\n"},
		{"attribute-inside", "*2\r\n:1\r\n|1\r\n+k\r\n*2\r\n:7\r\n:8\r\n:2\r\n"},

		{"array-empty", "*0\r\n"},
		{"set-empty", "~0\r\n"},
		{"map-empty", "%0\r\n"},
		{"array-1", many('*', 1)},
		{"array-9", many('*', 9)},
		{"array-10", many('*', 10)},
		{"array-99", many('*', 99)},
		{"array-100", many('*', 100)},
		{"set-3", many('~', 3)},
		{"set-10", many('~', 10)},
		{"map-2", many('%', 2)},
		{"map-9", many('%', 9)},
		{"map-10", many('%', 10)},
		{"map-100", many('%', 100)},
		{"array-kinds", aggregate('*', "+OK\r\n", "-ERR x\r\n", ":1\r\n", bulk("a\"b"), "$-1\r\n", "_\r\n", ",1.5\r\n",
			"#t\r\n", verbatim("txt", "v\nw"), "*0\r\n", "~0\r\n", "%0\r\n")},
		{"array-plain-kinds", aggregate('*', "+OK\r\n", ":1\r\n", bulk("a b"), "$-1\r\n", ",1.5\r\n", "#f\r\n", "*0\r\n")},
		{"array-empties", aggregate('*', "*0\r\n", bulk(""), "$-1\r\n", "+\r\n", "*0\r\n")},
		{"array-errors", aggregate('*', "-ERR a\r\n", "-ERR b\r\n")},
		{"array-streamed", "*?\r\n:1\r\n*2\r\n:2\r\n:3\r\n:4\r\n.\r\n"},
		{"array-streamed-empty", "*?\r\n.\r\n"},
		{"map-streamed", "%?\r\n+a\r\n:1\r\n+b\r\n*?\r\n:2\r\n.\r\n.\r\n"},
		{"set-streamed", "~?\r\n:1\r\n:2\r\n.\r\n"},
		{"nested-pairs", aggregate('*', two, aggregate('*', ":3\r\n", two), ":4\r\n")},
		{"nested-ten-inside", aggregate('*', many('*', 10), bulk("b"))},
		{"nested-ten-outside", "*10\r\n" + strings.Repeat(two, 10)},
		{"nested-hundred", "*100\r\n" + strings.Repeat(aggregate('~', ":1\r\n", two), 100)},
		{"nested-deep", strings.Repeat("*1\r\n", 20) + one},
		{"nested-deep-pairs", strings.Repeat("*2\r\n:0\r\n", 12) + one},
		{"nested-empties", aggregate('*', aggregate('*', "*0\r\n", "%0\r\n"), "~0\r\n")},
		{"nested-kinds", aggregate('*', aggregate('%', "+k\r\n", aggregate('~', one)), aggregate('~', two, one), one)},
		{"verbatim-nested", aggregate('*', aggregate('*', verbatim("txt", "a\nb"), "-ERR x\r\n"), one)},
		{"push-nested", aggregate('*', ">2\r\n+a\r\n+b\r\n", ">0\r\n", one)},
		{"command-info", aggregate('*', aggregate('*', bulk("get"), ":2\r\n", aggregate('*', "+readonly\r\n", "+fast\r\n"), ":1\r\n"))},
		{"exec", aggregate('*', "+OK\r\n", ":2\r\n", aggregate('*', bulk("a"), bulk("b")), "$-1\r\n")},
		{"scan", aggregate('*', bulk("17"), aggregate('*', bulk("key:1"), bulk("key 2"), bulk("\xff")))},
		{"zrange-withscores", aggregate('*', aggregate('*', bulk("m1"), ",1.5\r\n"), aggregate('*', bulk("m2"), ",2\r\n"))},

		{"map-strings", aggregate('%', bulk("f1"), bulk("v1"), bulk("f2"), bulk("v2"))},
		{"map-keys", aggregate('%', one, one, ",1.5\r\n", one, "#t\r\n", one, "+s\r\n", one, verbatim("txt", "v"), one)},
		{"map-key-null", aggregate('%', "_\r\n", one)},
		{"map-key-inf", aggregate('%', ",inf\r\n", one)},
		{"map-key-error", aggregate('%', "-ERR \"k\"\r\n", one)},
		{"map-key-quotes", aggregate('%', bulk("a\"b\n"), bulk("c"))},
		{"map-key-array", aggregate('%', two, bulk("v"))},
		{"map-key-array-strings", aggregate('%', aggregate('*', bulk("a"), bulk("b\"\\")), one)},
		{"map-key-array-empty", aggregate('%', "*0\r\n", one)},
		{"map-key-map", aggregate('%', aggregate('%', bulk("a"), one, one, two), two)},
		{"map-key-key", aggregate('%', aggregate('%', two, bulk("x")), bulk("y"))},
		{"map-value-array-1", aggregate('%', bulk("k"), aggregate('*', one))},
		{"map-value-array-2", aggregate('%', bulk("k"), two)},
		{"map-value-empty", aggregate('%', bulk("k"), "*0\r\n", bulk("l"), "%0\r\n")},
		{"map-value-chain", aggregate('%', bulk("k"), aggregate('*', aggregate('*', two)))},
		{"map-value-chain-one", aggregate('%', bulk("k"), aggregate('*', aggregate('~', one)))},
		{"map-value-chain-empty", aggregate('%', bulk("k"), aggregate('*', aggregate('*', "*0\r\n")))},
		{"map-value-map-1", aggregate('%', bulk("k"), aggregate('%', bulk("z"), one))},
		{"map-value-map-2", aggregate('%', bulk("k"), aggregate('%', bulk("z"), one, bulk("y"), one))},
		{"map-value-map-chain", aggregate('%', bulk("k"), aggregate('%', bulk("z"), aggregate('%', bulk("y"), two)))},
		{"map-value-map-chain-one", aggregate('%', bulk("k"), aggregate('%', bulk("z"), aggregate('%', bulk("y"), one)))},
		{"map-value-map-key-array", aggregate('%', bulk("k"), aggregate('%', two, one))},
		{"map-value-map-keys", aggregate('%', bulk("k"), aggregate('%', aggregate('%', bulk("i"), two), aggregate('*', two)))},
		{"map-value-error", aggregate('%', bulk("k"), "-ERR x\r\n")},
		{"map-value-verbatim", aggregate('%', verbatim("txt", "a\nb\n"), verbatim("txt", "c\nd"))},
		{"map-nested", aggregate('*', aggregate('%', "+a\r\n", aggregate('%', "+x\r\n", one, "+y\r\n", "*0\r\n")), ":2\r\n")},
		{"map-ten-nested", "%10\r\n" + strings.Repeat(bulk("k")+aggregate('%', bulk("a"), two, bulk("b"), one), 10)},
		{"map-set-deep", strings.Repeat("%1\r\n+k\r\n~2\r\n:0\r\n", 6) + one},

		{"push-message", ">3\r\n" + bulk("message") + bulk("chan\"nel") + bulk("text") + "+OK\r\n"},
		{"push-invalidate", ">2\r\n" + bulk("invalidate") + aggregate('*', bulk("a"), bulk("b\n'")) + "+OK\r\n"},
		{"push-invalidate-nul", ">2\r\n" + bulk("invalidate") + aggregate('*', bulk("a\x00b")) + "+OK\r\n"},
		{"push-invalidate-all", ">2\r\n" + bulk("invalidate") + "_\r\n+OK\r\n"},
		{"push-invalidate-none", ">2\r\n" + bulk("invalidate") + "*0\r\n+OK\r\n"},
		{"push-invalidate-odd", ">2\r\n" + bulk("invalidate") + "*1\r\n:5\r\n+OK\r\n"},
		{"push-invalidate-status", ">2\r\n+invalidate\r\n*1\r\n+a\r\n+OK\r\n"},
		{"push-invalidate-set", ">2\r\n" + bulk("invalidate") + "~1\r\n$1\r\na\r\n+OK\r\n"},
		{"push-empty", ">0\r\n+OK\r\n"},
		{"push-two", ">2\r\n+a\r\n:1\r\n>2\r\n+b\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n"},
	}
}
