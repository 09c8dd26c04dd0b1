package config

import (
	"strings"
	"testing"
)

// FuzzParse has a password in a file that is wrong somewhere: no message repeats it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{example, "[profiles.a]\n", "[shell]\nhints = ", "a = 'b", "x = \"\"\"\n", "[[profiles]]", "\\u", "= 1"} {
		f.Add(text, "\n")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "hunter2hunter2"
		for _, line := range []string{"password = \"" + secret + "\"", "password = " + secret, "password = '" + secret} {
			_, err := parse(before + "\n" + line + after)
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%q", err)
			}
		}
	})
}
