// Command bench measures easycli beside its peers and prints one table of ratios. Each ratio comes
// from one run of this program: the contenders take turns, and the median of each is compared, so
// that what the machine does otherwise falls on all of them.
//
// The peers are redis-cli, as a program beside our program and as a prompt beside our prompt, and
// rueidis and go-redis, as clients beside our client. All talk to a redis-server that is started here, on loopback and without
// persistence, and ends with the run. A peer that is missing is named in the table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"time"
)

// row measures one kind of work and gives one or more lines of the table.
type row struct {
	name    string
	measure func(context.Context, *lab) ([]result, error)
}

// rows are what the table shows, in its order.
var rows = []row{
	{"pipe-resp", pipeRESP},
	{"pipe-text", pipeText},
	{"pipe-long-text", pipeLongText},
	{"pipe-long", pipeLong},
	{"pipe-huge", pipeHuge},
	{"pipe-cluster", pipeCluster},
	{"checkpoint", checkpointed},
	{"unlink", unlink},
	{"copy", copyKeys},
	{"script", script},
	{"do-1", do(1, 1.0)},
	{"do-16", do(16, 1.0)},
	{"do-256", do(256, 1.5)},
	{"do-2048", do(2048, 1.5)},
	{"ping", ping},
	{"get-raw", bigGet("raw")},
	{"get-human", bigGet("human")},
	{"lrange-human", bigList},
	{"prompt-key", promptKey},
	{"prompt-start", promptStart},
	{"prompt-idle", promptIdle},
	{"prompt-paste", promptPaste},
	{"prompt-enter", promptEnter},
	{"prompt-peak", promptPeak},
}

// lab is what every measurement uses.
type lab struct {
	dir      string // for the data, removed at the end
	easycli  string // our program
	redisCLI string // redis-cli, "" if there is none
	server   *server
	reps     int
	quick    bool
}

// size is the full size of some work, or what -quick makes of it.
func (l *lab) size(full, quick int) int {
	if l.quick {
		return quick
	}
	return full
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == workerWord {
		if err := worker(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	program := flag.String("easycli", "", "the `program` to measure (default: built here)")
	pattern := flag.String("run", "", "measure only the rows that match the `regexp`")
	reps := flag.Int("reps", 3, "repetitions of each measurement")
	quick := flag.Bool("quick", false, "small sizes: shows that it works, not how fast")
	list := flag.Bool("list", false, "list the rows")
	flag.Parse()

	chosen, err := choose(*pattern)
	if err != nil {
		return err
	}
	if *list {
		for _, r := range chosen {
			fmt.Println(r.name)
		}
		return nil
	}
	l, err := newLab(ctx, *program)
	if err != nil {
		return err
	}
	defer l.close()
	l.reps, l.quick = max(*reps, 1), *quick
	return l.measure(ctx, chosen)
}

func choose(pattern string) ([]row, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	var chosen []row
	for _, r := range rows {
		if re.MatchString(r.name) {
			chosen = append(chosen, r)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no row matches %q", pattern)
	}
	return chosen, nil
}

func newLab(ctx context.Context, program string) (*lab, error) {
	dir, err := os.MkdirTemp("", "easycli-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir}
	if l.easycli, err = ourProgram(ctx, dir, program); err != nil {
		l.close()
		return nil, err
	}
	if l.redisCLI, err = exec.LookPath("redis-cli"); err != nil {
		l.redisCLI = ""
	}
	if l.server, err = startServer(ctx, dir); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lab) close() {
	if l.server != nil {
		l.server.stop()
	}
	os.RemoveAll(l.dir)
}

// ourProgram is the program named on the command line, or one built from the source beside us.
func ourProgram(ctx context.Context, dir, name string) (string, error) {
	if name != "" {
		return filepath.Abs(name)
	}
	name = filepath.Join(dir, "easycli")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w",
		"-o", name, "easycli/cmd/easycli")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building easycli: %w\n%s", err, out)
	}
	return name, nil
}

// measure runs the rows and prints the table, also when some of them failed.
func (l *lab) measure(ctx context.Context, chosen []row) error {
	fmt.Printf("%s, %s, %d CPUs, %s on loopback, median of %d\n\n",
		time.Now().Format("2006-01-02"), runtime.Version(), runtime.NumCPU(), l.server.version, l.reps)
	var table []result
	var failures []error
	for _, r := range chosen {
		fmt.Fprintf(os.Stderr, "measuring %s\n", r.name)
		results, err := r.measure(ctx, l)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", r.name, err))
			results = append(results, result{work: r.name, note: "failed, see below"})
		}
		table = append(table, results...)
	}
	printTable(os.Stdout, table)
	return errors.Join(failures...)
}
