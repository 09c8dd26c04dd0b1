package command

import "testing"

func TestCredentials(t *testing.T) {
	for _, tt := range []struct {
		line, user, pass string
		ok               bool
	}{
		{"AUTH pw", "", "pw", true},
		{"auth bob pw", "bob", "pw", true},
		{"AUTH", "", "", false},
		{"AUTH a b c", "", "", false},
		{"HELLO 3", "", "", false},
		{"HELLO 3 auth bob pw setname n", "bob", "pw", true},
		{"HELLO 3 SETNAME auth AUTH bob pw", "bob", "pw", true},
		{"HELLO 3 AUTH bob", "", "", false},
		{"GET AUTH", "", "", false},
	} {
		argv := words(tt.line)
		user, pass, ok := Of(argv).Credentials(argv)
		if string(user) != tt.user || string(pass) != tt.pass || ok != tt.ok {
			t.Errorf("%s: %q, %q, %t", tt.line, user, pass, ok)
		}
	}
}

func TestGreetingNames(t *testing.T) {
	g := GreetingOf(words("HELLO 3 AUTH setname x SETNAME me"))
	if string(g.Proto) != "3" || !g.ChangeName || string(g.Name) != "me" {
		t.Errorf("got %+v", g)
	}
	if g := GreetingOf(words("HELLO")); g.Proto != nil || g.ChangeName || g.HasAuth {
		t.Errorf("a bare HELLO asks for %+v", g)
	}
}
