package command

import (
	"fmt"
	"slices"
	"testing"
)

func TestKeys(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"GET k", "[1]"},
		{"GET", "[]"},
		{"PING", "[]"},
		{"FOO k", "[]"},
		{"DEL a b c", "[1 2 3]"},
		{"BLPOP a b 0", "[1 2]"},
		{"BLPOP a", "[]"},
		{"MSET a 1 b 2", "[1 3]"},
		{"RENAME a b", "[1 2]"},
		{"RENAME a", "[1]"},
		{"OBJECT ENCODING k", "[2]"},
		{"OBJECT HELP", "[]"},
		{"MEMORY USAGE k", "[2]"},
		{"XGROUP CREATE s g $", "[2]"},
		{"XINFO STREAM s", "[2]"},
		{"BITOP AND d a b", "[2 3 4]"},
		{"EVAL x 2 a b c", "[3 4]"},
		{"EVAL x 0", "[]"},
		{"EVAL x 3 a b", "[]"},
		{"EVAL x -1 a", "[]"},
		{"EVAL x", "[]"},
		{"EVAL x 99999999999999999999 a", "[]"},
		{"FCALL_RO f 1 a b", "[3]"},
		{"ZUNIONSTORE d 2 a b WEIGHTS 1 2", "[1 3 4]"},
		{"ZUNIONSTORE d x a b", "[]"},
		{"ZINTER 2 a b WITHSCORES", "[2 3]"},
		{"BLMPOP 0 2 a b LEFT", "[3 4]"},
		{"ZMPOP 1 a MIN", "[2]"},
		{"XREAD COUNT 2 BLOCK 1 STREAMS a b 0 0", "[6 7]"},
		{"XREAD STREAMS a b 0", "[2]"},
		{"XREAD STREAMS", "[]"},
		{"XREAD COUNT STREAMS STREAMS a 0", "[4]"},
		{"XREADGROUP GROUP STREAMS c NOACK COUNT 1 STREAMS a >", "[8]"},
		{"XREADGROUP GROUP g c CLAIM 5 STREAMS a >", "[7]"},
		{"MIGRATE h 1 k 0 10", "[3]"},
		{`MIGRATE h 1 "" 0 10 COPY KEYS a b`, "[8 9]"},
		{`MIGRATE h 1 "" 0 10 AUTH keys KEYS a`, "[9]"},
		{`MIGRATE h 1 "" 0 10 AUTH2 u keys KEYS a`, "[10]"},
		{"SORT k", "[1]"},
		{"SORT k BY store GET store LIMIT 0 store STORE d", "[1 10]"},
		{"SORT k STORE c STORE d", "[1 5]"},
		{"SORT k STORE", "[1]"},
		{"SORT_RO k BY x", "[1]"},
		{"GEORADIUS k 0 0 1 m STORE a STOREDIST b", "[1 7 9]"},
		{"GEORADIUSBYMEMBER k m 1 m STORE a", "[1 6]"},
		{"GEORADIUSBYMEMBER k store 1 m", "[1]"},
		{"HIMPORT SET k f v", "[2]"},
		{"GEORADIUS_RO k 0 0 1 m", "[1]"},
		{"MSETEX 2 a 1 b 2 EX 10", "[2 4]"},
		{"MSETEX 3 a 1 b 2", "[]"},
		{"TS.MADD a 1 1 b 1 1", "[1 4]"},
		{"JSON.MGET a b $", "[1 2]"},
		{"CMS.MERGE d 2 a b", "[1 3 4]"},
		{"SUBSCRIBE a b", "[]"},
		{"SSUBSCRIBE a b", "[1 2]"},
	} {
		argv := words(tt.line)
		info := Of(argv)
		got := slices.Collect(info.Keys(argv))
		if fmt.Sprint(got) != tt.want {
			t.Errorf("%s: keys at %v, want %s", tt.line, got, tt.want)
		}
		if appended := info.AppendKeys(nil, argv); !slices.Equal(appended, got) {
			t.Errorf("%s: AppendKeys says %v, Keys %v", tt.line, appended, got)
		}
		first := 0
		if len(got) > 0 {
			first = got[0]
		}
		if info.FirstKey(argv) != first {
			t.Errorf("%s: first key at %d, want %d", tt.line, info.FirstKey(argv), first)
		}
	}
}
