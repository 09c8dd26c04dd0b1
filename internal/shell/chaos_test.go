package shell

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// Whenever connections are killed: what is in doubt is all that may be missing or too much, nothing of a
// transaction is carried out outside of it, and no reply is that of another command (T30, T35 by chance).
func TestConnectionsThatDieAtAnyTime(t *testing.T) {
	server := resptest.Shared(t)
	for seed := range uint64(3) {
		server.Do("FLUSHALL")
		random := rand.New(rand.NewPCG(seed, 7))
		kill := killing(server)
		late := func(*person) { server.Do("CLIENT", "KILL", "TYPE", "normal") } // found out by the next command
		var lines []any
		for i := range 150 {
			step := []any{"incr n", fmt.Sprintf("echo tag%d", i), "multi", "incr a", "incr b", "exec", "discard"}
			for _, line := range step {
				if random.IntN(12) == 0 {
					lines = append(lines, kill)
				}
				if random.IntN(12) == 0 {
					lines = append(lines, late)
				}
				lines = append(lines, line)
			}
		}
		screen, _, err := talk(t, at(server.Addr), nil, lines...)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := server.Do("GET", "a"), server.Do("GET", "b"); a != b || a == "" {
			t.Errorf("seed %d: a is %s and b %s: one was changed outside of a transaction", seed, a, b)
		}
		counter, _ := strconv.Atoi(server.Do("GET", "n"))
		doubt := strings.Count(screen, "after INCR was sent")
		answered := 0
		for row := range strings.Lines(screen) {
			if strings.HasPrefix(row, "(integer) ") {
				answered++
			}
			if tag, ok := strings.CutPrefix(row, `"tag`); ok {
				n, err := strconv.Atoi(strings.TrimRight(tag, "\"\n"))
				if err != nil || n < 0 || n >= 150 {
					t.Errorf("seed %d: odd row %q", seed, row)
				}
			}
		}
		if counter < answered || counter > answered+doubt {
			t.Errorf("seed %d: the counter is %d; %d were answered, %d are in doubt", seed, counter, answered, doubt)
		}
		if tags := strings.Count(screen, `"tag`); tags < 100 {
			t.Errorf("seed %d: only %d of 150 reads were answered", seed, tags)
		}
	}
}
