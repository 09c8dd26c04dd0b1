package command

import (
	"bytes"
	"strings"
)

// AppendSecrets appends the positions of the arguments that nobody should see or keep to dst: in
// a history, a log, an error. It errs on the side of silence: where a command is mistyped, all that
// might have been meant as a secret counts as one. What it cannot know is a secret among ordinary
// data (SET api_token …).
func (i Info) AppendSecrets(dst []int, argv [][]byte) []int {
	if len(argv) == 0 {
		return dst
	}
	from := len(dst)
	switch {
	case i.flags&secret != 0:
		dst = i.appendKnownSecrets(dst, argv)
	case i.flags&container != 0:
		dst = i.appendMistyped(dst, argv)
	case !i.Known:
		dst = appendUnknown(dst, argv)
	}
	if len(dst) > from {
		return dst
	}
	for at, word := range argv {
		if holdsPassword(word) {
			dst = append(dst, at)
		}
	}
	return dst
}

// Sensitive reports whether an argument in argv is a secret.
func (i Info) Sensitive(argv [][]byte) bool { return len(i.AppendSecrets(nil, argv)) > 0 }

// appendKnownSecrets is AppendSecrets for the commands that the table marks.
func (i Info) appendKnownSecrets(dst []int, argv [][]byte) []int {
	switch i.Name {
	case "AUTH":
		if len(argv) == 3 { // the first is the user
			return append(dst, 2)
		}
		return appendAll(dst, 1, argv)
	case "HELLO":
		return appendAuth(dst, 1, true, argv)
	case "MIGRATE":
		return appendAuth(dst, 6, false, argv)
	case "ACL SETUSER":
		return appendRules(dst, argv)
	case "CONFIG SET":
		return appendPairs(dst, 2, isSecretSetting, argv)
	case "SENTINEL SET", "SENTINEL CONFIG":
		return appendPairs(dst, 3, isSecretSetting, argv)
	case "MODULE LOAD", "MODULE LOADEX": // a module's own settings, whatever they mean
		return appendAll(dst, 3, argv)
	}
	return dst
}

// appendMistyped is AppendSecrets where the command is known and the subcommand is not.
func (i Info) appendMistyped(dst []int, argv [][]byte) []int {
	switch i.Name {
	case "ACL":
		return appendRules(dst, argv)
	case "CONFIG", "SENTINEL":
		return appendPairs(dst, 2, isSecretSetting, argv)
	case "MODULE":
		return appendAll(dst, 3, argv)
	}
	return dst
}

// appendUnknown is AppendSecrets where nothing is known: an AUTH that was mistyped, a client's own
// command line, or what has the words of a secret in it.
func appendUnknown(dst []int, argv [][]byte) []int {
	if nearAuth(argv[0]) {
		return appendAll(dst, 1, argv)
	}
	from := len(dst)
	if isClient(argv[0]) {
		dst = appendOptions(dst, argv)
	}
	if len(dst) == from {
		dst = appendAuth(dst, 1, true, argv)
	}
	if len(dst) == from {
		dst = appendPairs(dst, 1, isPasswordSetting, argv)
	}
	return dst
}

func appendAll(dst []int, from int, argv [][]byte) []int {
	for at := from; at < len(argv); at++ {
		dst = append(dst, at)
	}
	return dst
}

// appendAuth appends the passwords after AUTH and AUTH2 among options. A user's name stands before
// the password in AUTH2, and where userFirst says so in AUTH; if there is one word only, that may be
// the password.
func appendAuth(dst []int, from int, userFirst bool, argv [][]byte) []int {
	for at := from; at < len(argv); at++ {
		auth, auth2 := fold(argv[at], "AUTH"), fold(argv[at], "AUTH2")
		switch {
		case fold(argv[at], "KEYS"), at+1 == len(argv):
			return dst
		case auth2 || auth && userFirst:
			at = min(at+2, len(argv)-1)
		case auth:
			at = min(at+1, len(argv)-1)
		default:
			continue
		}
		dst = append(dst, at)
	}
	return dst
}

// appendRules appends the rules of ACL SETUSER that hold a password or its hash, and those that
// are no rule, for they may be a password with its sign forgotten.
func appendRules(dst []int, argv [][]byte) []int {
	for at := 3; at < len(argv); at++ {
		word := argv[at]
		if len(word) > 1 && word[0] == '(' {
			word = word[1:] // a selector holds no passwords, but one may have been put there
		}
		if len(word) == 0 || strings.IndexByte("+-~%&@()", word[0]) >= 0 || isRule(word) {
			continue
		}
		dst = append(dst, at)
	}
	return dst
}

// isRule reports whether word is one of the rules that are a plain word.
func isRule(word []byte) bool {
	for _, rule := range [...]string{"ON", "OFF", "NOPASS", "RESET", "RESETPASS", "RESETKEYS",
		"ALLKEYS", "ALLCOMMANDS", "NOCOMMANDS", "ALLCHANNELS", "RESETCHANNELS", "CLEARSELECTORS",
		"SANITIZE-PAYLOAD", "SKIP-SANITIZE-PAYLOAD", "ALLDBS", "RESETDBS"} {
		if fold(word, rule) {
			return true
		}
	}
	return false
}

// appendPairs appends the values of the settings that are secrets, among name value name value …
// A name without a value, or a secret's name in the place of a value, is taken for what it looks
// like.
func appendPairs(dst []int, from int, isSecret func(name []byte) bool, argv [][]byte) []int {
	for at := from; at+1 < len(argv); at++ {
		if isSecret(argv[at]) {
			at++
			dst = append(dst, at)
		}
	}
	return dst
}

// isSecretSetting reports whether a setting of the server or of Sentinel is a secret: a password, or
// one of the user names that go with them.
func isSecretSetting(name []byte) bool { return endsIn(name, "USER") || isPasswordSetting(name) }

// isPasswordSetting reports whether a setting is a password: requirepass, masterauth, primaryauth,
// tls-key-file-pass, auth-pass, sentinel-pass. Those most often typed may have up to two letters wrong.
func isPasswordSetting(name []byte) bool {
	return endsIn(name, "PASS") || endsIn(name, "AUTH") || endsIn(name, "PASSWORD") ||
		near(name, "REQUIREPASS") || near(name, "MASTERAUTH") || near(name, "PRIMARYAUTH")
}

// endsIn reports whether word ends in name, which is in capitals, in whatever case.
func endsIn(word []byte, name string) bool {
	return len(word) >= len(name) && fold(word[len(word)-len(name):], name)
}

// holdsPassword reports whether word has an URL with a password in it: scheme://user:password@host. In
// an address of ours the password may stand alone.
func holdsPassword(word []byte) bool {
	scheme, rest, ok := bytes.Cut(word, []byte("://"))
	if !ok {
		return false
	}
	userinfo, _, ok := bytes.Cut(rest, []byte("@"))
	return ok && (bytes.IndexByte(userinfo, ':') >= 0 || isOurScheme(scheme))
}

// isOurScheme reports whether text ends in the scheme of a server's address.
func isOurScheme(text []byte) bool {
	for _, scheme := range [...]string{"REDIS", "REDISS", "VALKEY", "VALKEYS", "UNIX", "SENTINEL"} {
		if endsIn(text, scheme) {
			return true
		}
	}
	return false
}

// nearAuth reports whether word is AUTH with up to two letters added, left out, changed or swapped.
func nearAuth(word []byte) bool { return len(word) > 1 && near(word, "AUTH") }

// longestName is the longest name that words are compared with.
const longestName = len("REQUIREPASS")

// near reports whether word is name, which is in capitals, with up to two letters added, left out,
// changed or swapped.
func near(word []byte, name string) bool {
	if len(word) < len(name)-2 || len(word) > len(name)+2 {
		return false
	}
	// The usual table of distances: before, above and here are its last three rows, and row n,
	// column m is the distance between n letters of word and m of name.
	var before, above, here [longestName + 1]int
	for m := range above {
		above[m] = m
	}
	for n := 1; n <= len(word); n++ {
		here[0] = n
		for m := 1; m <= len(name); m++ {
			cost := 1
			if upper(word[n-1]) == name[m-1] {
				cost = 0
			}
			here[m] = min(above[m]+1, here[m-1]+1, above[m-1]+cost)
			if n > 1 && m > 1 && upper(word[n-1]) == name[m-2] && upper(word[n-2]) == name[m-1] {
				here[m] = min(here[m], before[m-2]+1)
			}
		}
		before, above = above, here
	}
	return above[len(name)] <= 2
}
