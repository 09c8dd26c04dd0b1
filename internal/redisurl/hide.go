package redisurl

import "strings"

// HidePassword is an address that [Parse] takes, with another text in the place of the password it
// carries; without one it is as it was.
func HidePassword(raw, text string) string {
	scheme, rest, _ := strings.Cut(raw, "://")
	at := strings.LastIndexByte(rest, '@')
	if strings.HasSuffix(strings.ToLower(scheme), "unix") {
		at = strings.Index(rest, "@/")
		if strings.HasPrefix(rest, "/") {
			at = -1
		}
	}
	if at < 0 {
		return raw
	}
	user, _, both := strings.Cut(rest[:at], ":")
	if both {
		text = user + ":" + text
	}
	return scheme + "://" + text + rest[at:]
}
