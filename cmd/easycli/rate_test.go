package main

import (
	"errors"
	"strings"
	"testing"

	"easycli/internal/bulk"
)

func TestRates(t *testing.T) {
	for text, want := range map[string]bulk.Rate{
		"500": {PerSecond: 500}, "20k": {PerSecond: 20_000}, "1.5M": {PerSecond: 1_500_000}, "0.5": {PerSecond: 0.5},
		"10MB": {PerSecond: 10_000_000, Bytes: true}, "64kB": {PerSecond: 64_000, Bytes: true}, "1000B": {PerSecond: 1000, Bytes: true},
		"1GB": {PerSecond: 1e9, Bytes: true},
	} {
		got, err := parse([]string{"--pipe", "--rate", text}, nowhere())
		if load, ok := got.(pipe); !ok || load.Rate != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "fast", "1e3", "0x10", "inf", "k", "B", "MB", "1kk", "1 k", "10Mb", "1.2.3", "99999999999999"} {
		_, err := parse([]string{"--pipe", "--rate", text}, nowhere())
		if usage := (usageError{}); !errors.As(err, &usage) || !strings.Contains(err.Error(), "--rate wants commands a second") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for line, want := range map[string]string{
		"--rate 5":               "--rate is for --pipe and --unlink",
		"--rate 5 GET k":         "--rate is for --pipe and --unlink",
		"--unlink a* --rate 5MB": "--rate wants keys a second",
		"--unlink a* --rate 0.5": "--rate wants keys a second",
		"--export --rate 5":      "--rate is for --pipe and --unlink",
	} {
		_, err := parse(strings.Fields(line), nowhere())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
	got, err := parse(strings.Fields("--unlink a* --rate 5k"), nowhere())
	if u, ok := got.(unlink); !ok || u.Rate != 5000 {
		t.Errorf("%+v, %v", got, err)
	}
}
