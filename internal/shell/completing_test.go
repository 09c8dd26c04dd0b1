package shell

import (
	"context"
	"strings"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// completions are what could stand at the end of a line. Searches end with their time, and go on with the
// next Tab: as many are done as find something.
func completions(t *testing.T, a *Assistant, line string, some bool) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		var texts []string
		for _, c := range a.Complete(ctx, line, len(line)).Candidates {
			texts = append(texts, c.Text)
		}
		if len(texts) > 0 || !some || ctx.Err() != nil {
			return strings.Join(texts, " ")
		}
	}
}

func TestCompletion(t *testing.T) {
	server := resptest.Shared(t)
	server.Do("SADD", "s", "x", "y z")
	server.Do("ZADD", "z", "1", "one", "2", "two")
	server.Do("HSET", "h", "f", "v")
	scout := NewScout()
	defer scout.Close()
	scout.Follow(at(server.Addr), func(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error) {
		return pipeclient.Dial(ctx, cfg)
	})
	a := NewAssistant(scout)
	a.Profiles = []string{"dev", "prod"}
	for _, c := range []struct{ line, want string }{
		{"srem s ", `x "y z"`},
		{"zrem z t", "two"},
		{"hget h ", "f"},
		{"type ", "h s z"},
		{"3 ps", "psetex psubscribe psync"},
		{":pe", ":peek"},
		{":peek ", "h s z"},
		{":peek h ", "h s z"},
		{":watch 2 zcar", "zcard"},
		{":watch 0.5 zrem z o", "one"},
		{":use ", "dev prod"},
		{":use dev ", ""},
		{":set t", "timing"},
		{":set hints ", "on off"},
		{":SET confirm D", "destructive"},
		{":set decode json ", ""},
		{":decode gz", "gzip"},
		{":format ", "auto human raw csv json quoted-json"},
		{":timing o", "on off"},
		{":monitor ", "command key client db"},
		{":monitor key a* command PSET", "PSETEX"},
		{":monitor key ", ""},
		{":help ", ""},
		{":nosuch g", ""},
	} {
		if got := completions(t, a, c.line, c.want != ""); got != c.want {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
}
