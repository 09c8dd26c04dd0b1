package session

import (
	"strings"
	"testing"
)

// TestPromptsOfRedisCLI replays what redis-cli 7.0.15 showed on a terminal: a command, what came of
// it, and the prompt after it.
func TestPromptsOfRedisCLI(t *testing.T) {
	for place, recorded := range map[string]string{
		"127.0.0.1:7911": `
			SELECT 1 > OK | 127.0.0.1:7911[1]>
			MULTI > OK | 127.0.0.1:7911[1](TX)>
			SELECT 5 > QUEUED | 127.0.0.1:7911[5](TX)>
			NOSUCH > ERR | 127.0.0.1:7911[5](TX)>
			EXEC > ERR | 127.0.0.1:7911[1]>
			MULTI > OK | 127.0.0.1:7911[1](TX)>
			SELECT > ERR | 127.0.0.1:7911[1](TX)>
			DISCARD now > ERR | 127.0.0.1:7911[1](TX)>
			DISCARD > OK | 127.0.0.1:7911[1]>
			SELECT 2 > OK | 127.0.0.1:7911[2]>
			EXEC > ERR | 127.0.0.1:7911[2]>
			SELECT 99 > ERR | 127.0.0.1:7911[2]>
			MULTI > OK | 127.0.0.1:7911[2](TX)>
			SELECT 99 > QUEUED | 127.0.0.1:7911[99](TX)>
			RESET > RESET | 127.0.0.1:7911>`,
		"[::1]:7911": `
			SELECT 2 > OK | [::1]:7911[2]>`,
		"redis /tmp/u.sock": `
			SELECT 2 > OK | redis /tmp/u.sock[2]>
			MULTI > OK | redis /tmp/u.sock[2](TX)>`,
	} {
		var s State
		for line := range strings.Lines(strings.TrimSpace(recorded)) {
			step, want, _ := strings.Cut(strings.TrimSpace(line), " | ")
			s = play(t, s, step)
			if got := s.Prompt(place); got != want+" " {
				t.Errorf("after %s the prompt is %q, want %q", step, got, want+" ")
			}
		}
	}
}

func TestPromptShapes(t *testing.T) {
	for _, tt := range []struct {
		place, want string
	}{
		{Place("tcp", "127.0.0.1:6379"), "127.0.0.1:6379> "},
		{Place("tcp", "[::1]:7102"), "[::1]:7102> "},
		{Place("unix", "/path/u.sock"), "redis /path/u.sock> "},
		{"", "not connected> "},
	} {
		if got := (State{}).Prompt(tt.place); got != tt.want {
			t.Errorf("Prompt(%q) is %q, want %q", tt.place, got, tt.want)
		}
	}
	if got := (State{DB: 3, InMulti: true}).Prompt(""); got != "not connected> " {
		t.Errorf("without a connection the prompt is %q", got)
	}
}
