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
		"CONFIG SET requirepas SECRET",
		"CONFIG SET requirpasss SECRET maxmemory 1 mastrauth SECRET",
		"CONFIG SETT requirepass SECRET",
		"CNFIG SET requirepass SECRET",
		"ACL SETUSR bob on >SECRET ~k",
		"ACL SETUSER bob (>SECRET (~k)",
		"HELO 3 AUTH user SECRET",
		"SENTINEL STE mymaster auth-pass SECRET",
		"MODULE LOADX /x.so SECRET",
		"redis-cli -h h -a SECRET -n 1",
		"/usr/bin/valkey-cli --pass=SECRET",
		"easycli -aSECRET get k",
		"redis-cli AUTH SECRET",
		"SET k v",
		"GET auth",
		"FOO a b",
		"FOO user b",
		"MONITORX a",
		"SET url redis://user:SECRET@host:1",
		"SET url redis://host:SECRET/a@b",
		"SET url redis://SECRET@host:1",
		"SET url x=redis+unix://SECRET@/s",
		"SET url redis://host:1/a",
		"SET url http://user@host/path",
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

// TestHoldsSecret has entries as they are typed, and pasted.
func TestHoldsSecret(t *testing.T) {
	for entry, want := range map[string]bool{
		"AUTH x": true, "auth u x": true, "  AUTH x": true, `"AUTH" 'x'`: true, "3 AUTH x": true, "-1 auth x": true,
		`3 "AUTH" x`: true, "+3 AUTH x": true, "99999999999999999999 AUTH x": true,
		"AUTH": false, "3": false, "": false, "3 AUTH": false,
		`AUTH "x`: true, `AUTH 'x`: true, `"AUTH x`: true, `AUTH"x"`: true, `'AU'TH x`: true,
		`CONFIG SET requirepass "x`: true, `CONFIG SET save "" requirepass 'a b`: true, `ACL SETUSER b on >x "`: true,
		`HELLO 3 AUTH u "p`: true, `SENTINEL SET m auth-pass "x`: true, `GET "x`: false,
		`SET a "auth x"`: false, `EVAL "return redis.call('auth', 1)" 0`: false,
		"AUHT x": true, "authh x": true, "XAUTH x": true,
		"redis://u:p@h": true, "redis://:p@h": true, "redis://p@h": true, ":use redis://u:p@h": true,
		":use valkeys://u:p@h:1/2": true, "connect redis://u:p@h 1": true, ":use prod": false, "redis://h": false,
		"GET a\nAUTH x": true, "GET a\r\nAUTH x\r\n": true, "GET a\nGET b": false,
		"SET a \"b\nAUTH x\"": true, "AUTH \"a\nb\"": true, "AUTH\nb": true, "AUTH \"\nb": true, "CONFIG SET\nrequirepass \"x": true,
		"SET a \"b\nc\"": false,
		"GET a | AUTH x": true, "GET a | redis-cli -a x SET b": true, "GET a | redis-cli -u redis://u:p@h": true,
		"GET a | grep x": false, "GET a | sort -a x": false, "|": false, "| |": false,
		"127.0.0.1:6379> AUTH x": true, "127.0.0.1:6379[1]> ACL SETUSER b >x": true, "h:1(TX)> 2 auth x": true,
		"redis> GET a": false, ">": false, "XREADGROUP GROUP g c STREAMS s >": false,
		"SET api_token x": false,
	} {
		if got := HoldsSecret([]byte(entry)); got != want {
			t.Errorf("%q: %t, want %t", entry, got, want)
		}
	}
}
