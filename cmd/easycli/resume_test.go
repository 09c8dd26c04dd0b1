package main

import (
	"strings"
	"testing"
)

func TestTheCommandLineThatContinuesALoad(t *testing.T) {
	for _, c := range []struct {
		args   []string
		want   string
		hidden bool
	}{
		{[]string{"--pipe"}, "easycli --pipe --skip 7 < FILE", false},
		{[]string{"--skip", "3", "--pipe", "--skip=4", "-p", "6380"}, "easycli --pipe -p 6380 --skip 7 < FILE", false},
		{[]string{"-p6380", "--reject", "my rejects", "--pipe"}, "easycli -p6380 --reject 'my rejects' --pipe --skip 7 < FILE", false},
		{[]string{"--reject", "it's $HOME", "--pipe"}, `easycli --reject 'it'\''s $HOME' --pipe --skip 7 < FILE`, false},
		{[]string{"-a", "hunter2", "--pipe"}, "easycli -a PASSWORD --pipe --skip 7 < FILE", true},
		{[]string{"-ahunter2", "--pipe"}, "easycli -aPASSWORD --pipe --skip 7 < FILE", true},
		{[]string{"-3a", "hunter2", "--pipe"}, "easycli -3a PASSWORD --pipe --skip 7 < FILE", true},
		{[]string{"--pass=hunter2", "--pipe"}, "easycli --pass=PASSWORD --pipe --skip 7 < FILE", true},
		{[]string{"--pass", "hunter2", "--pass", "--skip", "--pipe"}, "easycli --pass PASSWORD --pass PASSWORD --pipe --skip 7 < FILE", true},
		{[]string{"-u", "redis://bob:hunter2@h:1/2", "--pipe"}, "easycli -u redis://bob:PASSWORD@h:1/2 --pipe --skip 7 < FILE", true},
		{[]string{"--uri=redis://hunter2@h", "--pipe"}, "easycli --uri=redis://PASSWORD@h --pipe --skip 7 < FILE", true},
		{[]string{"-u", "redis://h", "--pipe", "--"}, "easycli -u redis://h --pipe --skip 7 -- < FILE", false},
		{[]string{"--reject", "", "--pipe"}, "easycli --reject '' --pipe --skip 7 < FILE", false},
	} {
		line, means := pipe{}.resume(c.args)(7)
		if line != c.want || strings.Contains(means, "PASSWORD") != c.hidden {
			t.Errorf("%q: %s (%s), want %s", c.args, line, means, c.want)
		}
	}
	files := pipe{inputs: inputs{Files: []string{"a file", "b"}}}
	line, means := files.resume([]string{"--pipe", "a file", "-a", "hunter2", "b", "--skip", "2"})(7)
	if line != "easycli --pipe 'a file' -a PASSWORD b --skip 7" || means != "the password as PASSWORD" {
		t.Errorf("%s (%s)", line, means)
	}
	line, _ = files.resume([]string{"--pipe", "a file", "--", "-b"})(7)
	if line != "easycli --pipe 'a file' --skip 7 -- -b" {
		t.Error(line)
	}
	if line, _ := (pipe{}).resume([]string{"--skip", "3", "--pipe"})(0); line != "easycli --pipe < FILE" {
		t.Error(line)
	}
}
