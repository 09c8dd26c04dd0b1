package progress

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// screen is a terminal that knows what the line needs: lines, their wrapping at the edge, and the
// sequences that go up and erase to the end.
type screen struct {
	t        *testing.T
	width    int
	rows     []string
	row, col int
}

func (s *screen) Write(p []byte) (int, error) {
	for text := string(p); text != ""; {
		switch {
		case strings.HasPrefix(text, "\x1b[K"):
			s.line(s.rows[s.row][:s.col])
			text = text[3:]
			continue
		case strings.HasPrefix(text, "\x1b[A"):
			s.row--
			text = text[3:]
			continue
		case text[0] == '\r':
			s.col = 0
		case text[0] == '\n':
			s.row, s.col = s.row+1, 0
			if s.row == len(s.rows) {
				s.rows = append(s.rows, "")
			}
		case text[0] < ' ' || text[0] > '~':
			s.t.Errorf("%q reaches the terminal", text)
		default:
			if s.col == s.width {
				s.row, s.col = s.row+1, 0
				s.rows = append(s.rows, "")
			}
			line := s.rows[s.row]
			s.line(line[:s.col] + text[:1] + line[min(len(line), s.col+1):])
			s.col++
		}
		text = text[1:]
	}
	return len(p), nil
}

func (s *screen) line(text string) { s.rows[s.row] = text }

// narrow makes the screen narrower, with its last line wrapped, as terminals do it.
func (s *screen) narrow(width int) {
	s.width = width
	for len(s.rows[s.row]) > width {
		rest := s.rows[s.row][width:]
		s.rows[s.row] = s.rows[s.row][:width]
		s.rows = append(s.rows, rest)
		s.row++
		s.col = len(rest)
	}
}

func (s *screen) String() string { return strings.Join(s.rows, "\n") }

func newScreen(t *testing.T, width int) *screen {
	return &screen{t: t, width: width, rows: []string{""}}
}

var load = Facts{Bytes: 24_300_000, TotalBytes: 58_000_000, Items: 1_234_567, Noun: "commands", Errors: 3, Waiting: true,
	Parts: []Part{{"10.0.0.1:7000", 400_000}, {"10.0.0.2:7000", 834_567}}}

// paceOf is the pace of a load that was at the beginning four seconds ago.
func paceOf(f Facts) *pace {
	p := &pace{}
	begin := time.Unix(1e9, 0)
	p.see(begin, Facts{Parts: make([]Part, len(f.Parts))})
	p.see(begin.Add(4*time.Second), f)
	return p
}

func TestTheLineShowsWhatThereIsRoomFor(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{
		{200, "41%  24.3 MB/58.0 MB  1.2M commands  309k/s  6.1 MB/s  ETA 0:06  3 errors  10.0.0.1:7000 100k/s  10.0.0.2:7000 209k/s"},
		{100, "41%  24.3 MB/58.0 MB  1.2M commands  309k/s  6.1 MB/s  ETA 0:06  3 errors  10.0.0.1:7000 100k/s"},
		{80, "41%  24.3 MB/58.0 MB  1.2M commands  309k/s  6.1 MB/s  ETA 0:06  3 errors"},
		{40, "41%  309k/s  ETA 0:06  3 errors"},
		{20, "41%  3 errors"},
		{13, "3 errors"},
		{8, "3 error"},
		{1, ""},
	} {
		if got := compose(load, paceOf(load), c.width); got != c.want || len(got) >= c.width {
			t.Errorf("%d columns: %q, want %q", c.width, got, c.want)
		}
	}
}

func TestTheLineOfOtherWork(t *testing.T) {
	for want, f := range map[string]Facts{
		"8000 commands  2000/s  saving":                         {Items: 8000, Noun: "commands", Waiting: true, Note: "saving"},
		"8000 commands  2000/s":                                 {Items: 8000, Noun: "commands"},
		"0 commands  0/s":                                       {Noun: "commands"},
		"999 B  12 keys  3/s  249 B/s  1 error":                 {Bytes: 999, Items: 12, Noun: "keys", Errors: 1},
		"50%  500/1000 keys  125/s  ETA 0:04":                   {Items: 500, TotalItems: 1000, Noun: "keys"},
		"100%  2000/1000 keys  500/s":                           {Items: 2000, TotalItems: 1000, Noun: "keys"},       // a guess that was too low
		"0%  400/100M keys  100/s":                              {Items: 400, TotalItems: 100_000_000, Noun: "keys"}, // more than 100 hours
		"0%  40.0k/10.0M keys  10.0k/s  ETA 16:36":              {Items: 40_000, TotalItems: 10_000_000, Noun: "keys"},
		"0%  4000/40.0M keys  1000/s  ETA 11:06:36":             {Items: 4_000, TotalItems: 40_000_000, Noun: "keys"},
		"8 commands  2/s  a?[2J? 1/s":                           {Items: 8, Noun: "commands", Parts: []Part{{"a\x1b[2J\u00e9", 4}}},
		"100%  999 B/999 B  0 commands  0/s  249 B/s  ETA 0:00": {Bytes: 999, TotalBytes: 999, Noun: "commands"},
	} {
		if got := compose(f, paceOf(f), 200); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNumbersAreShort(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 9999: "9999", 10_000: "10.0k", 99_949: "99.9k", 99_950: "100k", 999_499: "999k", 999_500: "1.0M",
		12_345_678: "12.3M", 1_234_567_890: "1.2G", 9_223_372_036_854_775_807: "9223372T",
	} {
		if got := count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1_500_000: "1.5 MB", 999_500_000: "1.0 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestASilentServerIsShown(t *testing.T) {
	p, now := &pace{}, time.Unix(1e9, 0)
	for second := range 12 {
		p.see(now.Add(time.Duration(second)*time.Second), load)
	}
	if got := compose(load, p, 200); !strings.Contains(got, "0/s") || !strings.Contains(got, "no replies for 11 s") || strings.Contains(got, "ETA") {
		t.Error(got)
	}
	if got := compose(load, p, 30); got != "3 errors  no replies for 11 s" {
		t.Error(got)
	}
	idle := load
	idle.Waiting = false // it is the input that nothing comes from
	p.see(now.Add(20*time.Second), idle)
	if got := compose(idle, p, 200); strings.Contains(got, "no replies") {
		t.Error(got)
	}
}

func TestTextTakesTheLinesPlace(t *testing.T) {
	s := newScreen(t, 60)
	l := New(s, func() int { return s.width })
	out := l.Beside(s)
	l.draw(load, paceOf(load))
	fmt.Fprint(l, "an error\nand half of")
	l.draw(load, paceOf(load)) // not now
	fmt.Fprint(l, " another\n")
	l.draw(load, paceOf(load))
	fmt.Fprint(out, "a result\n")
	l.draw(load, paceOf(load))
	line := compose(load, paceOf(load), 60)
	if want := "an error\nand half of another\na result\n" + line; s.String() != want {
		t.Errorf("%q\nwant %q", s, want)
	}
	l.draw(Facts{Noun: "keys"}, paceOf(Facts{}))
	if !strings.HasSuffix(s.String(), "result\n0 keys  0/s") {
		t.Errorf("a shorter line: %q", s)
	}
}

func TestTheLineSurvivesANarrowerWindow(t *testing.T) {
	for _, width := range []int{79, 60, 40, 20, 8, 3} {
		for _, write := range []bool{false, true} {
			s := newScreen(t, 80)
			l := New(s, func() int { return s.width })
			fmt.Fprintln(l, "1")
			l.draw(load, paceOf(load))
			s.narrow(width)
			if write {
				fmt.Fprintln(l, "2")
			}
			l.draw(load, paceOf(load))
			want := compose(load, paceOf(load), width)
			if write {
				want = "2\n" + want
			}
			if got := strings.TrimRight(s.String(), "\n"); got != "1\n"+want {
				t.Errorf("%d columns: %q, want %q", width, got, want)
			}
		}
	}
}

func TestTheLineComesLateAndGoesForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := New(&out, func() int { return 0 })
		asked := 0
		l.Start(func() Facts { asked++; return Facts{Items: int64(asked) * 1000, Noun: "commands"} })
		time.Sleep(patience - time.Millisecond)
		synctest.Wait()
		l.mu.Lock()
		if out.Len() > 0 {
			t.Errorf("%q", &out)
		}
		l.mu.Unlock()
		time.Sleep(10*every - patience)
		l.Stop()
		if n := strings.Count(out.String(), "commands"); n < 5 || n > 10 || !strings.HasSuffix(out.String(), "\r\x1b[K") {
			t.Fatalf("%d times: %q", n, &out)
		}
		asked, seen := 0, out.Len()
		time.Sleep(time.Minute)
		l.Stop()
		fmt.Fprint(l, "the end\n")
		if asked != 0 || out.String()[seen:] != "the end\n" {
			t.Fatalf("%q", out.String()[seen:])
		}
	})
	(*Line)(nil).Start(nil)
	(*Line)(nil).Stop()
}
