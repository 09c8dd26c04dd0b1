package spelling

import (
	"slices"
	"strings"
	"testing"
)

func TestSlips(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"GET", "GET", 0}, {"GTE", "GET", 1}, {"GETT", "GET", 1}, {"GE", "GET", 1}, {"SET", "GET", 1},
		{"SAD", "SADD", 1}, {"HGTE", "HGET", 1}, {"LPSUHX", "LPUSH", 2}, {"ABCDEF", "GET", 3}, {"", "GET", 3},
		{strings.Repeat("A", 50), strings.Repeat("A", 50), 3},
	} {
		if got := Slips(tt.a, tt.b, 3); got != tt.want {
			t.Errorf("%s, %s: got %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"host", "hash", "port", "db", "password"}
	for word, want := range map[string]string{
		"hots": "host", "hast": "host", "prot": "port", "pasword": "password", "passwodr": "password",
		"": "", "x": "", "dbx": "db", "unheard": "", "HOST": "",
	} {
		if got := Nearest(word, slices.Values(names)); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
