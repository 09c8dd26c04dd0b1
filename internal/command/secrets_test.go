package command

import (
	"bytes"
	"testing"
)

// TestSecrets has every secret spelled with SECRET in it, and nothing else.
func TestSecrets(t *testing.T) {
	for _, line := range []string{
		"AUTH SECRET",
		"auth user SECRET",
		"AUTH SECRET SECRET SECRET",
		"HELLO 3",
		"HELLO 3 AUTH user SECRET SETNAME n",
		"hello 3 setname n auth user SECRET",
		"HELLO 3 AUTH SECRET",
		"HELLO 3 AUTH",
		"ACL SETUSER bob on >SECRET ~* &* +@all",
		"ACL SETUSER bob #SECRET <SECRET !SECRET resetpass (+get ~k)",
		"ACL SETUSER bob on SECRET",
		"ACL GETUSER bob",
		"ACL DELUSER bob",
		"CONFIG SET requirepass SECRET",
		"config set maxmemory 1 MASTERAUTH SECRET save 1",
		"CONFIG SET masteruser SECRET primaryauth SECRET primaryuser SECRET",
		"CONFIG SET tls-key-file-pass SECRET tls-client-key-file-pass SECRET",
		"CONFIG SET tls-key-file f.pem",
		"CONFIG GET requirepass",
		"MIGRATE h 1 k 0 10 AUTH SECRET",
		`MIGRATE h 1 "" 0 10 COPY AUTH2 user SECRET KEYS a b auth c`,
		`MIGRATE h 1 "" 0 10 KEYS auth b`,
		"SENTINEL SET mymaster auth-pass SECRET quorum 2",
		"SENTINEL SET mymaster quorum 2 AUTH-PASS SECRET",
		"SENTINEL CONFIG SET sentinel-pass SECRET",
		"SENTINEL CONFIG GET announce-ip",
		"MODULE LOADEX /x.so SECRET SECRET SECRET",
		"MODULE LOAD /x.so SECRET",
		"MODULE LOAD /x.so",
		"AUHT SECRET",
		"UTH SECRET SECRET",
		"AUTTH SECRET",
		"authh SECRET",
		"ATUHX SECRET",
		"SET k v",
		"GET auth",
		"MONITORX a",
		"SET url redis://user:SECRET@host:1",
		"SET url redis://host:SECRET/a@b",
		"SET url redis://host:1/a",
		"SET url http://host/path",
	} {
		argv := words(line)
		secret := map[int]bool{}
		for _, at := range Of(argv).AppendSecrets(nil, argv) {
			secret[at] = true
		}
		for at, word := range argv {
			if want := bytes.Contains(word, []byte("SECRET")); secret[at] != want {
				t.Errorf("%s: word %d is a secret: %t, want %t", line, at, secret[at], want)
			}
		}
		if got := Of(argv).Sensitive(argv); got != (len(secret) > 0) {
			t.Errorf("%s: sensitive is %t", line, got)
		}
	}
}

func TestNearAuth(t *testing.T) {
	for word, want := range map[string]bool{
		"AUTH": true, "auth": true, "AU": true, "UATH": true, "UAHT": true, "AUTHEN": true,
		"AXXH": true, "aut": true, "A": false, "AXXX": false, "FOOBAR": false, "AUTHENT": false,
		"": false, "GET": false,
	} {
		if got := nearAuth([]byte(word)); got != want {
			t.Errorf("nearAuth(%q) is %t, want %t", word, got, want)
		}
	}
}
