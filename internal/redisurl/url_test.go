package redisurl

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for raw, want := range map[string]URL{
		"redis://":                  {},
		"redis://h":                 {Host: "h"},
		"REDIS://h":                 {Host: "h"},
		"redis://h/":                {Host: "h"},
		"redis://h:":                {Host: "h"},
		"redis:///3":                {DB: 3, HasDB: true},
		"redis://h:7000/0":          {Host: "h", Port: 7000, HasDB: true},
		"redis://:7000":             {Port: 7000},
		"redis://h?db=3":            {Host: "h", DB: 3, HasDB: true},
		"redis://h/3?db=3":          {Host: "h", DB: 3, HasDB: true},
		"rediss://h":                {TLS: true, Host: "h"},
		"valkey://h":                {Host: "h"},
		"valkeys://h:1/2":           {TLS: true, Host: "h", Port: 1, DB: 2, HasDB: true},
		"redis://pw@h":              {Host: "h", Pass: "pw", HasAuth: true},
		"redis://:pw@h":             {Host: "h", Pass: "pw", HasAuth: true},
		"redis://u:pw@h":            {Host: "h", User: "u", Pass: "pw", HasAuth: true},
		"redis://u:@h":              {Host: "h", User: "u", HasAuth: true},
		"redis://@h":                {Host: "h"},
		"redis://u:p:w@h":           {Host: "h", User: "u", Pass: "p:w", HasAuth: true},
		"redis://u:p@w@h:1":         {Host: "h", Port: 1, User: "u", Pass: "p@w", HasAuth: true},
		"redis://:p/w?x#y@h/1":      {Host: "h", Pass: "p/w?x#y", HasAuth: true, DB: 1, HasDB: true},
		"redis://a%3Ab:%40%2f+%00@": {User: "a:b", Pass: "@/+\x00", HasAuth: true},
		"redis://[::1]":             {Host: "::1"},
		"redis://[::1]:7102/1":      {Host: "::1", Port: 7102, DB: 1, HasDB: true},
		"redis://p@[fe80::1%25lo]":  {Host: "fe80::1%lo", Pass: "p", HasAuth: true},
		"unix:///run/r.sock":        {Socket: "/run/r.sock"},
		"unix:///run/r.sock?db=3":   {Socket: "/run/r.sock", DB: 3, HasDB: true},
		"redis+unix:///a@b?db=1":    {Socket: "/a@b", DB: 1, HasDB: true},
		"unix:///a%20b":             {Socket: "/a b"},
		"unix://u:p@/run/r":         {Socket: "/run/r", User: "u", Pass: "p", HasAuth: true},
	} {
		if got, err := Parse(raw); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", raw, got, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for raw, want := range map[string]error{
		"":                     ErrScheme,
		"h:6379":               ErrScheme,
		"http://h":             ErrScheme,
		"redis:/h":             ErrScheme,
		"redis://%4@h":         ErrIncomplete,
		"redis://a%@h":         ErrIncomplete,
		"redis://:%4x@h":       ErrEncoding,
		"redis://h:abc":        ErrPort,
		"redis://h:0":          ErrPort,
		"redis://h:65536":      ErrPort,
		"redis://h:-1":         ErrPort,
		"redis://h:+1":         ErrPort,
		"redis://::1":          ErrHost,
		"redis://[::1":         ErrHost,
		"redis://[::1]x":       ErrHost,
		"redis://[h]":          ErrHost,
		"redis://[]":           ErrHost,
		"redis://a b":          ErrHost,
		"redis://a\x1b[2J":     ErrHost,
		"redis://h/3x":         ErrDB,
		"redis://h/3/4":        ErrDB,
		"redis://h/-1":         ErrDB,
		"redis://h/2147483648": ErrDB,
		"redis://h?db=":        ErrDB,
		"redis://h/3?db=4":     ErrTwoDBs,
		"redis://h/3?timeout=": ErrQuery,
		"redis://h?DB=3":       ErrQuery,
		"redis://h#f":          ErrFragment,
		"unix://":              ErrNoSocket,
		"unix:///":             ErrNoSocket,
		"unix://run/r.sock":    ErrNoSocket,
		"unix://u:p@":          ErrNoSocket,
		"unix:///a%00":         ErrNoSocket,
	} {
		if got, err := Parse(raw); !errors.Is(err, want) || got != (URL{}) {
			t.Errorf("%q: got %+v, %v; want %v", raw, got, err, want)
		}
	}
}

// FuzzParse: a password never shows in an error, wherever in the address it stands, and what is
// accepted has a usable port and host.
func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{
		{"redis://u:", "@h:1/2?db=2"}, {"rediss://", "@[::1]:1"}, {"unix://:", "@/a?db=1"},
		{"redis://u%4:", "@h"}, {"", "://@h"}, {"redis://h/", ""}, {"redis://h?db=", "&x=y"},
		{"redis+sentinel://h/m?sentinel_password=", "&db=x"}, {"redis+sentinel://h,", "/m"}, {"redis+sentinel://h/", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	const secret = "hunter2hunter2"
	f.Fuzz(func(t *testing.T, before, after string) {
		u, err := Parse(before + secret + after)
		if err != nil {
			if strings.Contains(err.Error(), secret) || u != (URL{}) {
				t.Fatalf("error %q with %+v", err, u)
			}
			return
		}
		if u.Port < 0 || u.Port > 65535 || u.DB < 0 || u.Socket != "" && u.Host != "" {
			t.Fatalf("accepted as %+v", u)
		}
	})
}
