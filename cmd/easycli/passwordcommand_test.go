//go:build unix

package main

import (
	"context"
	"strings"
	"testing"
)

func TestPasswordCommands(t *testing.T) {
	t.Setenv("REDISCLI_AUTH", "inherited")
	sh := func(line string) []string { return []string{"sh", "-c", line} }
	for _, tt := range []struct {
		command    []string
		want, fail string
	}{
		{sh("echo hunter2"), "hunter2", ""},
		{sh("printf 'hunter2\\r\\nmore\\n'"), "hunter2", ""},
		{[]string{"echo", "hunter2; $HOME"}, "hunter2; $HOME", ""},
		{sh("echo asking >&2; echo hunter2"), "hunter2", ""},
		{sh("cat; echo hunter2"), "hunter2", ""},
		{sh(`echo "hunter2$REDISCLI_AUTH"`), "hunter2", ""},
		{sh("exec 3>&1; { read x; } <&3 & echo hunter2"), "hunter2", ""},
		{sh("echo hunter2; exit 3"), "", "password_command of profile p failed: exit status 3"},
		{sh("true"), "", "password_command of profile p: the first line is empty"},
		{sh("echo; echo hunter2"), "", "password_command of profile p: the first line is empty"},
		{sh("yes hunter2hunter2 | head -c 100000 | tr -d '\\n'"), "", "password_command of profile p: this is no password, it is too long"},
		{[]string{"/hunter2/none"}, "", "password_command of profile p cannot be run: No such file or directory"},
	} {
		c, _, told := testConsole("PING\n")
		got, err := password{From: passwordCommand, Command: tt.command, Profile: "p"}.read(context.Background(), c)
		if got != tt.want || (err == nil) != (tt.fail == "") {
			t.Errorf("%q: got %q, %v", tt.command, got, err)
		}
		if err != nil && (statusOf(err) != exitConnect || explainFailure(err, false) != tt.fail+"\n") {
			t.Errorf("%q: status %d, %q", tt.command, statusOf(err), explainFailure(err, false))
		}
		if strings.Contains(tt.command[len(tt.command)-1], "asking") != strings.Contains(told.String(), "asking") {
			t.Errorf("%q: stderr has %q", tt.command, told)
		}
	}
}
