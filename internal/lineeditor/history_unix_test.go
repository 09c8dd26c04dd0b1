//go:build unix

package lineeditor

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// historyTask is what the test binary does when it is run as another shell, see [TestHistoryShell].
const historyTask = "EASYCLI_TEST_HISTORY"

// shell is the test binary as another process, with a task.
func shell(t *testing.T, words ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHistoryShell$")
	cmd.Env = append(os.Environ(), historyTask+"="+strings.Join(words, "|"))
	cmd.Stderr = os.Stderr
	return cmd
}

// TestHistoryShell is no test: it is the other process.
func TestHistoryShell(t *testing.T) {
	task := strings.Split(os.Getenv(historyTask), "|")
	switch task[0] {
	case "":
		t.Skip("for other tests")
	case "add": // path, name, number, max
		number, _ := strconv.Atoi(task[3])
		max, _ := strconv.Atoi(task[4])
		h := OpenHistory(task[1], max)
		for i := range number {
			h.Add(fmt.Sprintf("%s %d\nof %d", task[2], i, number))
			if err := h.Err(); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			fmt.Println(i)
		}
	case "full": // path
		fill(t, task[1])
	}
	os.Exit(0)
}

// TestHistoryOfManyShells has all their entries in it, each in its shell's order and none damaged.
func TestHistoryOfManyShells(t *testing.T) {
	const shells, each = 4, 1000
	for _, max := range []int{10_000, 300} {
		_, path := in(t, "", 0)
		var all []*exec.Cmd
		for i := range shells {
			cmd := shell(t, "add", path, fmt.Sprint("s", i), fmt.Sprint(each), fmt.Sprint(max))
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			all = append(all, cmd)
		}
		for _, cmd := range all {
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
		}
		next, total := map[string]int{}, 0
		for line := range strings.Lines(content(t, path)) {
			name, number := entryOf(t, line, each)
			if expected, seen := next[name]; number != expected && (seen || max > each) {
				t.Fatalf("max %d: %q comes after %d", max, line, expected-1)
			}
			next[name] = number + 1
			total++
		}
		if max > each && total != shells*each || max < each && (total < max || total > 2*max+1) {
			t.Errorf("max %d: %d entries", max, total)
		}
	}
}

// entryOf reads a line that a shell of ours wrote.
func entryOf(t *testing.T, line string, each int) (name string, number int) {
	t.Helper()
	entry := unescape(strings.TrimSuffix(line, "\n"))
	if n, err := fmt.Sscanf(entry, "%s %d", &name, &number); n != 2 || entry != fmt.Sprintf("%s %d\nof %d", name, number, each) {
		t.Fatalf("a damaged line: %q, %v", line, err)
	}
	return name, number
}

// TestHistoryOfKilledShells kills shells in the middle of it: what they had said to be kept is there.
func TestHistoryOfKilledShells(t *testing.T) {
	_, path := in(t, "", 0)
	kept := map[string]int{}
	for i := range 10 {
		name := fmt.Sprint("s", i)
		cmd := shell(t, "add", path, name, "1000000", "100000")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			kept[name], _ = strconv.Atoi(lines.Text())
			if kept[name] == 50+i {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
	}
	h := OpenHistory(path, 100_000)
	h.Add("s 0\nof 1000000") // mends what the last one left
	found := map[string]int{}
	for line := range strings.Lines(content(t, path)) {
		name, number := entryOf(t, line, 1_000_000)
		found[name] = number
	}
	for name, number := range kept {
		if found[name] < number {
			t.Errorf("%s: the last is %d, want %d", name, found[name], number)
		}
	}
}

// TestHistoryOnAFullDisk loses nothing that was there, and keeps what waited once there is room.
func TestHistoryOnAFullDisk(t *testing.T) {
	_, path := in(t, "old\n", 0)
	if out, err := shell(t, "full", path).Output(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	long := strings.Repeat("x", 100)
	wantEntries(t, OpenHistory(path, 0), "old", "a", long, "b", "c")
}

// fill adds to a file that cannot grow, and again when it can.
func fill(t *testing.T, path string) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	narrow := limit
	narrow.Cur = 20
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &narrow); err != nil {
		t.Fatal(err)
	}
	h := OpenHistory(path, 0)
	long := strings.Repeat("x", 100)
	for _, entry := range []string{"a", long, "b"} {
		h.Add(entry)
	}
	err := h.Err()
	text := content(t, path)
	entries := h.Entries()
	unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
	if err == nil || text != "old\na\n" || !slices.Equal(entries, []string{"old", "a", long, "b"}) {
		fmt.Printf("got %v, %q, %q\n", err, text, entries)
		os.Exit(1)
	}
	h.Add("c")
	if err := h.Err(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// TestHistoryGivesUpOnALock does not wait for ever for a shell that was stopped.
func TestHistoryGivesUpOnALock(t *testing.T) {
	h, path := in(t, "old\n", 0)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if free, err := tryLock(file, true); !free || err != nil {
		t.Fatal(free, err)
	}
	h.testOnlyPatience = time.Millisecond
	h.Add("new")
	if err := h.Err(); err == nil || !strings.HasSuffix(err.Error(), errBusy.Error()) {
		t.Errorf("got %v", err)
	}
	unlock(file)
	h.Add("newer")
	wantEntries(t, h, "old", "new", "newer")
}

func TestHistoryBehindLinks(t *testing.T) {
	h, path := in(t, "old\n", 0)
	link := filepath.Join(filepath.Dir(path), "link")
	fresh := filepath.Join(filepath.Dir(path), "fresh")
	for name, target := range map[string]string{link: "history", link + "2": link, fresh: "none", fresh + "2": fresh + "2"} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	h.Add("a")
	other := OpenHistory(link+"2", 0)
	other.Add("b")
	wantEntries(t, h, "old", "a", "b")
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link is gone: %v", err)
	}
	OpenHistory(fresh, 0).Add("c")
	if got := content(t, filepath.Join(filepath.Dir(path), "none")); got != "c\n" {
		t.Errorf("got %q", got)
	}
	circle := OpenHistory(fresh+"2", 0)
	circle.Add("d")
	if circle.Err() == nil {
		t.Error("a circle of links is a history")
	}
}

func TestHistoryIsNoFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	h := OpenHistory(path, 0)
	h.Add("a")
	if err := h.Err(); err == nil || !strings.HasSuffix(err.Error(), errStrange.Error()) {
		t.Errorf("got %v", err)
	}
}

func TestHistoryOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	h, path := in(t, "theirs\n", 0)
	link := filepath.Join(t.TempDir(), "link")
	own := filepath.Join(t.TempDir(), "own")
	if err := os.Symlink(own, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		if err := os.Lchown(name, 4242, 4242); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range []*History{h, OpenHistory(link, 0)} {
		h.Add("a")
		if err := h.Err(); err == nil || !strings.HasSuffix(err.Error(), errForeign.Error()) {
			t.Errorf("got %v", err)
		}
	}
	if got := content(t, path); got != "theirs\n" {
		t.Errorf("the file is %q", got)
	}
	if _, err := os.Stat(own); err == nil {
		t.Error("the link was followed")
	}
}
