package redisurl

import "strings"

// HidePassword is an address that [Parse] takes, with another text in the place of the passwords it
// carries; without one it is as it was.
func HidePassword(raw, text string) string {
	scheme, rest, _ := strings.Cut(raw, "://")
	if strings.HasSuffix(strings.ToLower(scheme), "+sentinel") {
		raw = hideParameter(raw, text)
		_, rest, _ = strings.Cut(raw, "://")
	}
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

// hideParameter hides the password of the sentinels, which is in the query.
func hideParameter(raw, text string) string {
	query := strings.LastIndexByte(raw, '?')
	if query < strings.LastIndexByte(raw, '@') {
		return raw
	}
	pairs := strings.Split(raw[query+1:], "&")
	for i, pair := range pairs {
		if key, _, _ := strings.Cut(pair, "="); key == sentinelPassword {
			pairs[i] = key + "=" + text
		}
	}
	return raw[:query+1] + strings.Join(pairs, "&")
}
