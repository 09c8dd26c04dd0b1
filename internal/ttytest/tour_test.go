//go:build unix

package ttytest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// talker is a program that is enough of a prompt: it echoes lines, and its status is the last one.
const talker = `n=0; printf '%s> ' "$1"; while read -r line; do
	case $line in
	clear) printf '\033[H\033[2J';;
	ask) printf 'sure? [y/N] '; read -r answer; echo "answer $answer";;
	bye) exit 3;;
	*) echo "got $line";;
	esac
	printf '%s> ' "$1"
done`

const talk = `# A prompt.
server redis --port 1
size 40x8
run easycli ADDRESS -p 6380
> one <lt>two><Enter>
= 127.0.0.1:6379> one <two>
= got one <*>wo>
= 127.0.0.1:6379>
$ SET "a b" 127.0.0.1:6380
? GET a -> 2
> x<Enter>
> clear<Enter>
! got x
> ask<Enter>
~ [y/N]
+ yes<Enter>
~ answer yes
resize 30x5
paste "p\nq\n"
~ got q
> bye<Enter>
exit 3
`

func readTour(t testing.TB, text string) *Tour {
	t.Helper()
	path := filepath.Join(t.TempDir(), "talk.tour")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadTour(t, path)
}

func TestTour(t *testing.T) {
	tour := readTour(t, talk)
	if tour.Name != "talk" || tour.Cols != 40 || tour.Rows != 8 || !slices.Equal(tour.Server, []string{"redis", "--port", "1"}) {
		t.Errorf("got %+v", tour)
	}
	stages := map[string]func(t *testing.T, cols, rows int, command []string) Stage{
		"emulator": func(t *testing.T, cols, rows int, command []string) Stage {
			return Start(t, cols, rows, exec.Command(command[0], command[1:]...))
		},
		"tmux": func(t *testing.T, cols, rows int, command []string) Stage {
			return StartTmux(t, cols, rows, command)
		},
	}
	for name, stage := range stages {
		t.Run(name, func(t *testing.T) {
			var asked []string
			scene := Scene{Binary: "/bin/sh", Addrs: []string{"127.0.0.1:11", "127.0.0.1:22"}, Do: func(words ...string) string {
				asked = append(asked, fmt.Sprintf("%q", words))
				return fmt.Sprint(len(asked))
			}}
			tour.Play(t, scene, func(cols, rows int, command []string) Stage {
				if want := []string{"/bin/sh", "ADDRESS", "-p", "22"}; !slices.Equal(command, want) {
					t.Errorf("the command is %q, want %q", command, want)
				}
				return stage(t, cols, rows, []string{"/bin/sh", "-c", talker, "sh", "127.0.0.1:11"})
			})
			if want := `["SET" "a b" "127.0.0.1:22"] ["GET" "a"]`; strings.Join(asked, " ") != want {
				t.Errorf("asked %s, want %s", asked, want)
			}
		})
	}
}

func TestToursThatMakeNoSense(t *testing.T) {
	for _, text := range []string{
		"", "run x", "server redis", "server redis\n> a\nrun x", "server redis\nrun x\n> <Nokey>", "server redis\nrun x\nfly",
		"server redis\nrun x\nsize 80", "server redis\nrun x\npaste a", "server redis\nrun x\nexit a", "server redis\nrun x\n$ \"",
		"server redis\nrun x\n? PING", "server redis\nrun x\nresize 1",
	} {
		var fatal bool
		done := make(chan struct{})
		go func() { // Fatalf ends its goroutine
			defer close(done)
			readTour(&fatalities{TB: t, fatal: &fatal}, text)
		}()
		if <-done; !fatal {
			t.Errorf("%q passes", text)
		}
	}
}

type fatalities struct {
	testing.TB
	fatal *bool
}

func (f *fatalities) Fatalf(string, ...any) { *f.fatal = true; runtime.Goexit() }

func TestRowsPattern(t *testing.T) {
	for _, tt := range []struct {
		block, screen string
		want          bool
	}{
		{"b", "a\nb", true}, {"a", "a\nb", false}, {"a\nb ", "x\na\nb", true}, {"b", "ab", false}, {"<*>b", "ab", true},
		{"a.c", "abc", false}, {"127.0.0.1:<*>>", "127.0.0.1:9>", true}, {"a\n\n", "a", true}, {"a\n\nb", "a\n\nb", true},
		{"<*>", "a\nb", true}, {"a<*>b", "a\nb", false},
	} {
		if got := rowsPattern(tt.block).MatchString("\n" + tt.screen); got != tt.want {
			t.Errorf("%q and %q: %v", tt.block, tt.screen, got)
		}
	}
}
