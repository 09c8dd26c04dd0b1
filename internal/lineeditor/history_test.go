package lineeditor

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// in is a history in a file that has this text, or no file.
func in(t *testing.T, text string, max int) (*History, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history")
	if text != "" {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return OpenHistory(path, max), path
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantEntries(t *testing.T, h *History, want ...string) {
	t.Helper()
	if got := h.Entries(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := h.Err(); err != nil {
		t.Error(err)
	}
}

func TestHistoryIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "easycli", "history")
	h := OpenHistory(path, 0)
	wantEntries(t, h)
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("looking made a directory")
	}
	for _, entry := range []string{"get a", "get a", "", "  ", " get secret", "\tget secret", "set a 'b\nc'", `\d`, "get a"} {
		h.Add(entry)
	}
	want := []string{"get a", "set a 'b\nc'", `\d`, "get a"}
	wantEntries(t, h, want...)
	wantEntries(t, OpenHistory(path, 0), want...)
	wantEntries(t, OpenHistory(path, 2), want[2:]...)
	if got := content(t, path); got != "get a\n\\set a 'b\\nc'\n\\\\\\d\nget a\n" {
		t.Errorf("the file is %q", got)
	}
	for name, perm := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != perm {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestHistoryWithoutAFile(t *testing.T) {
	h := OpenHistory("", 3)
	for _, entry := range []string{"a", "b", "b", "c", "d"} {
		h.Add(entry)
	}
	wantEntries(t, h, "b", "c", "d")
}

// TestHistoryOfAPlainFile reads what redis-cli wrote: there a backslash is a backslash.
func TestHistoryOfAPlainFile(t *testing.T) {
	h, path := in(t, "set k \"a\\nb\"\r\n\n  \n\\d\n\\\\x\\q\nlast\n", 0)
	want := []string{`set k "a\nb"`, `\d`, `\\x\q`, "last"}
	wantEntries(t, h, want...)
	h.Add("new")
	wantEntries(t, OpenHistory(path, 0), append(want, "new")...)
}

func TestHistoryOfOthersIsClosed(t *testing.T) {
	h, path := in(t, "old\n", 0)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	h.Add("new")
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("the file stays open to others: %v", info.Mode())
	}
	wantEntries(t, h, "old", "new")
}

func TestHistoryOfALargeFile(t *testing.T) {
	var b bytes.Buffer
	for i := range 1_500_000 {
		fmt.Fprintf(&b, "command %d\n", i)
	}
	h, path := in(t, b.String(), 0)
	got := h.Entries()
	if len(got) != 10_000 || got[0] != "command 1490000" || got[9_999] != "command 1499999" {
		t.Fatalf("%d entries, from %q to %q", len(got), got[0], got[len(got)-1])
	}
	h.Add("new")
	if size := len(content(t, path)); size > 200_000 {
		t.Errorf("the file still has %d bytes", size)
	}
	if again := OpenHistory(path, 0).Entries(); len(again) != 10_000 || again[9_999] != "new" {
		t.Errorf("%d entries, the last %q", len(again), again[len(again)-1])
	}
}

func TestHistorySeesOtherShells(t *testing.T) {
	a, path := in(t, "", 5)
	b := OpenHistory(path, 5)
	a.Add("one")
	b.Add("two")
	wantEntries(t, a, "one", "two")
	for i := range 20 { // more than twice what is kept, so that b trims what a has read
		b.Add(fmt.Sprint("b", i))
	}
	wantEntries(t, a, "b15", "b16", "b17", "b18", "b19")
	a.Add("three")
	wantEntries(t, b, "b16", "b17", "b18", "b19", "three")
	if err := os.WriteFile(path, []byte("another\nfile, with as many bytes as there were, and more, and more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantEntries(t, a, "another", "file, with as many bytes as there were, and more, and more")
}

func TestHistoryIsTrimmedInPlace(t *testing.T) {
	h, path := in(t, "one\n", 10)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		h.Add(fmt.Sprint("command ", i))
		if lines := strings.Count(content(t, path), "\n"); lines > 21 || lines < min(10, i) {
			t.Fatalf("%d lines", lines)
		}
	}
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("it is another file: %v", err)
	}
	if got := h.Entries(); len(got) != 10 || got[0] != "command 990" {
		t.Errorf("got %q", got)
	}
}

// TestHistoryTrimWaitsForRoom has its long entries at the end: the copy would overwrite its source.
func TestHistoryTrimWaitsForRoom(t *testing.T) {
	h, path := in(t, strings.Repeat("a\nb\n", 10), 2)
	long := strings.Repeat("x", 100)
	h.Add(long)
	if got := content(t, path); !strings.HasPrefix(got, "a\nb\n") {
		t.Errorf("trimmed to %q", got)
	}
	h.Add("c")
	h.Add("d")
	wantEntries(t, OpenHistory(path, 2), "c", "d")
	if got := content(t, path); got != "c\nd\n" {
		t.Errorf("the file is %q", got)
	}
}

// TestHistoryTrimWasKilled has the copy in the file, whole or in part, and what it was made of.
func TestHistoryTrimWasKilled(t *testing.T) {
	for _, text := range []string{
		"seven\neight\nnine\ntwo words\nthree words\nfour words\nseven\neight\nnine\n",
		"seven\neigwords\ntwo words\nthree words\nfour words\nseven\neight\nnine\n",
	} {
		h, path := in(t, text, 3)
		wantEntries(t, h, "seven", "eight", "nine")
		h.Add("ten")
		wantEntries(t, OpenHistory(path, 0), "eight", "nine", "ten")
	}
}

func TestHistoryMendsATornLine(t *testing.T) {
	h, path := in(t, "one\ntwo\nDEL user:1", 0)
	wantEntries(t, h, "one", "two")
	h.Add("three")
	wantEntries(t, h, "one", "two", "three")
	if got := content(t, path); got != "one\ntwo\nthree\n" {
		t.Errorf("the file is %q", got)
	}
}

// TestHistoryBehindALongLine has a line of somebody else's that has no end, and is longer than what is read.
func TestHistoryBehindALongLine(t *testing.T) {
	for _, size := range []int{maxTorn + 1, maxTail + 1, 2*maxTail + 1} {
		h, path := in(t, "old\n"+strings.Repeat("x", size), 0)
		h.Add("new")
		h.Add("newer")
		for _, h := range []*History{h, OpenHistory(path, 0)} {
			if got := h.Entries(); len(got) < 2 || got[len(got)-2] != "new" || got[len(got)-1] != "newer" || h.Err() != nil {
				t.Errorf("%d bytes: %d entries, %v", size, len(got), h.Err())
			}
		}
		if got := content(t, path); size < maxTail && !strings.HasPrefix(got, "old\nxxx") || !strings.HasSuffix(got, "\nnew\nnewer\n") && got != "new\nnewer\n" {
			t.Errorf("%d bytes: the file has %d", size, len(got))
		}
	}
}

func TestHistoryIsNoFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(file, "history"), os.DevNull} {
		h := OpenHistory(path, 0)
		h.Add("a")
		if err := h.Err(); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		if got := h.Entries(); !slices.Equal(got, []string{"a"}) {
			t.Errorf("%s: got %q", path, got)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, entry := range []string{"", "a", `\`, `\\`, "\n", "\\\n", "a\nb", `a\nb`, "\r", "a\r", "\\r\r\\n\n\\", "\x00"} {
		f.Add(entry)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		line := escape(entry)
		if strings.ContainsAny(line, "\r\n") {
			t.Errorf("%q is more than a line: %q", entry, line)
		}
		if got := unescape(line); got != entry {
			t.Errorf("%q became %q by way of %q", entry, got, line)
		}
		if !strings.ContainsAny(entry, "\r\n") && unescape(entry) != entry && escape(unescape(entry)) != entry {
			t.Errorf("the plain line %q lost its meaning", entry)
		}
	})
}

// T102: a secret that another program has kept in the file is not recalled.
func TestWhatIsHidden(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("get a\nauth hunter2\nget b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := OpenHistory(path, 0)
	h.Hide = func(entry string) bool { return strings.HasPrefix(entry, "auth") }
	wantEntries(t, h, "get a", "get b")
	h.Add("get c")
	wantEntries(t, h, "get a", "get b", "get c")
}
