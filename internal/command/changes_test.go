package command

import (
	"strings"
	"testing"
)

func TestChanges(t *testing.T) {
	for line, want := range map[string]bool{
		"get a": false, "set a 1": true, "GETEX a": true, "getdel a": true, "eval x 0": true, "eval_ro x 0": false,
		"fcall f 0": true, "fcall_ro f 0": false, "sort l": false, "sort l store d": true, "config get x": false,
		"config set x y": true, "client list": false, "client kill x": true, "monitor": false, "slowlog get": false,
		"slowlog reset": true, "flushall": true, "publish a b": true, "shutdown": true, "script load x": true,
		"multi": false, "exec": false, "select 1": false, "auth x": false, "subscribe a": false, "info": false,
		"client setname x": false, "debug object k": false, "debug reload": true, "acl whoami": false, "acl setuser x": true,
		"xread streams a 0": false, "xreadgroup group a b streams c >": true, "spop s": true, "role": false, "hello 3": false,
	} {
		var argv [][]byte
		for word := range strings.FieldsSeq(line) {
			argv = append(argv, []byte(word))
		}
		if got := Of(argv).Changes(argv); (got != "") != want {
			t.Errorf("%s: got %q", line, got)
		}
	}
}
