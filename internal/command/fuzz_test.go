package command

import (
	"bytes"
	"testing"
)

// FuzzOf asks everything about any words at all: no answer may point outside of them.
func FuzzOf(f *testing.F) {
	for _, line := range samples {
		f.Add(bytes.Join(words(line), []byte{0}))
	}
	for i := range table {
		f.Add([]byte(table[i].name + " 1 \xff"))
	}
	f.Fuzz(func(t *testing.T, joined []byte) {
		argv := bytes.FieldsFunc(joined, func(r rune) bool { return r == ' ' })
		if bytes.IndexByte(joined, 0) >= 0 {
			argv = bytes.Split(joined, []byte{0})
		}
		info := Of(argv)
		if info.Known == (info.Name == "") {
			t.Errorf("known is %t, the name %q", info.Known, info.Name)
		}
		if n := info.Replies(argv); n < 0 || n > len(argv)+1 {
			t.Errorf("%d replies to %d words", n, len(argv))
		}
		_ = info.Fits(len(argv))
		info.Credentials(argv)
		before := 0
		for at := range info.Keys(argv) {
			if at <= 0 || at >= len(argv) {
				t.Errorf("a key at %d of %d words", at, len(argv))
			}
			before++
		}
		if n := len(info.AppendKeys(nil, argv)); n != before {
			t.Errorf("%d keys, then %d", before, n)
		}
		for _, at := range info.AppendSecrets(nil, argv) {
			if at < 0 || at >= len(argv) {
				t.Errorf("a secret at %d of %d words", at, len(argv))
			}
		}
	})
}
