package command

import (
	"strings"
	"testing"
)

func TestDanger(t *testing.T) {
	for line, want := range map[string]Danger{
		"get a": Harmless, "del a b": Harmless, "flushall": Erases, "FLUSHDB ASYNC": Erases, "function flush": Erases,
		"script flush": Erases, "script load x": Harmless, "shutdown": Ends, "shutdown nosave": Ends,
		"shutdown abort": Harmless, "debug segfault": Ends, "debug sleep 1": Occupies, "debug object k": Harmless,
		"debug reload": Upsets, "debug": Harmless, "replicaof no one": Upsets, "cluster reset hard": Upsets,
		"swapdb 0 1": Upsets, "keys *": Occupies, "save": Occupies, "bgsave": Harmless, "acl deluser x": Upsets,
		"nosuch": Harmless, "config set x y": Harmless,
	} {
		var argv [][]byte
		for word := range strings.FieldsSeq(line) {
			argv = append(argv, []byte(word))
		}
		if got := Of(argv).Danger(argv); got != want {
			t.Errorf("%s: got %d, want %d", line, got, want)
		}
	}
}
