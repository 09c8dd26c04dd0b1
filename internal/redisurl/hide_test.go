package redisurl

import "testing"

func TestHidePassword(t *testing.T) {
	for raw, want := range map[string]string{
		"redis://h:1/2":                  "redis://h:1/2",
		"redis://secret@h":               "redis://X@h",
		"redis://:secret@h":              "redis://:X@h",
		"rediss://bob:secret@h:1/2?db=2": "rediss://bob:X@h:1/2?db=2",
		"redis://bob:sec/r@et:x@h":       "redis://bob:X@h",
		"unix:///a@/b":                   "unix:///a@/b",
		"redis+unix://bob:secret@/a@/b":  "redis+unix://bob:X@/a@/b",
		"unix://secret@/s":               "unix://X@/s",
		"valkey://bob:@h":                "valkey://bob:X@h",
		"redis+sentinel://bob:secret@h,i/m?sentinel_password=secret&db=1": "redis+sentinel://bob:X@h,i/m?sentinel_password=X&db=1",
		"redis+sentinel://h/m?sentinel_user=u&sentinel_password=secret":   "redis+sentinel://h/m?sentinel_user=u&sentinel_password=X",
		"redis+sentinel://a?sentinel_password=secret@h/m":                 "redis+sentinel://X@h/m",
		"redis://bob:%70%77@[::1]:6379/15":                                "redis://bob:X@[::1]:6379/15",
	} {
		if got := HidePassword(raw, "X"); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
		if _, err := Parse(raw); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
	}
}
