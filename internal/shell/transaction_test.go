package shell

import (
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// What a transaction would have set does not count when the server did not carry it out: the next
// connection is what this one is.
func TestSettingsOfATransactionThatFailed(t *testing.T) {
	server := resptest.Server(t)
	server.Do("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all", "&*")
	touch := func(*person) { server.Do("INCR", "k") }
	for name, lines := range map[string][]any{
		"touched":             {"watch k", "multi", "auth ann pw", "client setname x", touch, "exec"},
		"aborted":             {"multi", "auth ann pw", "client setname x", "nosuch", "exec", "multi", "ping", "exec"},
		"refused, one by one": {"multi", "auth ann wrong", "client setname 'a b'", "client no-evict on", "exec"},
	} {
		screen, _, err := talk(t, at(server.Addr), nil, append(lines, killing(server), "acl whoami", "client getname")...)
		if err != nil || !strings.HasSuffix(screen, "\"default\"\n(nil)\n") && !strings.HasSuffix(screen, "\"default\"\n\"\"\n") {
			t.Errorf("%s: %v, %q", name, err, screen)
		}
	}
}
