//go:build unix

package main

import (
	"regexp"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// drawn is the line of progress, each time it is drawn or taken away.
var drawn = regexp.MustCompile(`\r[^\r\n]*\x1b\[K`)

func TestALoadShowsOnATerminalHowFarItIs(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	in := strings.Repeat("NOSUCH\nSET k v\n", 500) + "DEBUG SLEEP 0.9\n" + strings.Repeat("NOSUCH\nSET k v\n", 500)
	load := append(at(t, server.Addr), "--pipe", "--allow-blocking")
	said := resptest.Exec(t, binary, load, in).Stderr
	if strings.ContainsAny(said, "\r\x1b") || strings.Count(said, "\n") != 1000 {
		t.Fatalf("without a terminal: %d lines, %q", strings.Count(said, "\n"), said[max(0, len(said)-600):])
	}
	text := strings.ReplaceAll(onTerminal(t, in, false, true, binary, load...), "\r\n", "\n")
	lines := drawn.FindAllString(text, -1)
	if rest := drawn.ReplaceAllString(text, ""); rest != said {
		t.Errorf("mixed with other text: %.2000q", rest)
	}
	if len(lines) < 2 || !strings.Contains(lines[0], " commands  ") || !strings.HasSuffix(text, "\r\x1b[K") && !strings.HasSuffix(text, "\n") {
		t.Errorf("%q, ends in %q", lines, text[len(text)-100:])
	}
	text = onTerminal(t, in, true, true, binary, load...)
	if rest := drawn.ReplaceAllString(text, ""); len(rest) == len(text) || !strings.HasSuffix(rest, "errors: 1000, replies: 2001\r\n") ||
		!strings.Contains("\n"+rest, "\nAll data transferred. Waiting for the last reply...\r\n") {
		t.Errorf("with stdout on it: %q", text[len(text)-400:])
	}
	if text := onTerminal(t, in, true, true, binary, append(load, "--no-progress")...); strings.Contains(text, "\x1b") {
		t.Errorf("not wanted: %q", drawn.FindAllString(text, -1))
	}
}
