package command

// Greeting is what HELLO asks for. Its words are those of argv.
type Greeting struct {
	Proto               []byte // nil: as it is
	User, Pass          []byte // from AUTH
	Name                []byte // from SETNAME
	HasAuth, ChangeName bool
}

// GreetingOf reads the words of a HELLO. It is for one that the server accepted.
func GreetingOf(argv [][]byte) Greeting {
	var g Greeting
	if len(argv) > 1 {
		g.Proto = argv[1]
	}
	for at := 2; at < len(argv); at++ {
		switch word := argv[at]; {
		case fold(word, "AUTH") && at+2 < len(argv):
			g.User, g.Pass, g.HasAuth = argv[at+1], argv[at+2], true
			at += 2
		case fold(word, "SETNAME") && at+1 < len(argv):
			g.Name, g.ChangeName = argv[at+1], true
			at++
		}
	}
	return g
}

// Credentials are the user and the password that an AUTH or a HELLO in argv presents, if it does;
// no user means the default one.
func (i Info) Credentials(argv [][]byte) (user, pass []byte, ok bool) {
	switch {
	case i.Effect == Auth && len(argv) == 2:
		return nil, argv[1], true
	case i.Effect == Auth && len(argv) == 3:
		return argv[1], argv[2], true
	case i.Effect == Hello:
		g := GreetingOf(argv)
		return g.User, g.Pass, g.HasAuth
	}
	return nil, nil, false
}

// TurnsOn reports whether the third word is ON: CLIENT TRACKING, NO-EVICT and NO-TOUCH.
func TurnsOn(argv [][]byte) bool { return len(argv) > 2 && fold(argv[2], "ON") }
