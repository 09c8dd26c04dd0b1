package session

import "testing"

func TestRedirectOf(t *testing.T) {
	for _, c := range []struct {
		text string
		want Redirect
		addr string
	}{
		{"MOVED 3999 10.0.0.1:6381", Redirect{false, 3999, "10.0.0.1", "6381"}, "10.0.0.1:6381"},
		{"ASK 1 host.example:7000", Redirect{true, 1, "host.example", "7000"}, "host.example:7000"},
		{"MOVED 1 ::1:7000", Redirect{false, 1, "::1", "7000"}, "[::1]:7000"},
		{"MOVED 1 [::1]:7000", Redirect{false, 1, "::1", "7000"}, "[::1]:7000"},
		{"MOVED 1 :7000", Redirect{false, 1, "", "7000"}, "127.0.0.1:7000"},
		{"MOVED 1 ?:7000", Redirect{false, 1, "", "7000"}, "127.0.0.1:7000"},
	} {
		got, ok := RedirectOf(c.text)
		if !ok || got != c.want || got.Addr("127.0.0.1:6379") != c.addr {
			t.Errorf("%q: %+v, %v", c.text, got, ok)
		}
	}
	for _, text := range []string{
		"", "MOVED", "MOVED 1", "MOVED x h:1", "MOVED 99999 h:1", "MOVED 1 h", "MOVED 1 h:", "MOVED 1 h:0", "ASK 1 h:x", "ERR MOVED 1 h:1",
		"MOVEDX 1 h:1", "MOVED 1 h\x1b[2J:1", "MOVED 1 /tmp/s:1", "ASK 1 a b:1", "MOVED 1 h\u202e:1",
	} {
		if r, ok := RedirectOf(text); ok {
			t.Errorf("%q is taken for %+v", text, r)
		}
	}
}
