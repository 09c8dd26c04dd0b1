package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// journaled is a load with a journal, of an input with that name.
func journaled(path, name string, change ...func(*Config)) func(*Config) {
	return func(c *Config) {
		c.Journal, c.Inputs[0].Name = path, name
		for _, f := range change {
			f(c)
		}
	}
}

func recordOf(t *testing.T, path string) journalRecord {
	t.Helper()
	var r journalRecord
	if err := json.Unmarshal([]byte(contents(t, path)), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// cutting is a server that answers so many commands and is gone.
func cutting(t *testing.T, answers, reads int, rest string) string {
	return resptest.Peer(t, func(c *resptest.PeerConn) {
		for i := range reads {
			if c.Next() == nil {
				return
			}
			if i < answers {
				c.Reply("+OK\r\n")
			}
		}
		c.Reply(rest)
	}).Addr
}

func TestAJournalGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	in := "SET a 1\n\n# x\nSET b 1\nSET c 1\nSET d 1\n"
	load := func(addr string, change ...func(*Config)) outcome {
		return loadInto(addr, strings.NewReader(in), journaled(path, "in", change...))
	}
	o := load(cutting(t, 2, 4, ""))
	if r := recordOf(t, path); o.Replies != 2 || r.Acknowledged != 2 || r.Outcome != "lost" || *r.Next != (filePlace{3, "in", 5, 21}) ||
		len(r.Inputs) != 1 || r.Inputs[0].Head != 21 {
		t.Fatalf("%+v %+v", o, r)
	}
	// A journal is about one load: its server, and its input.
	addr, told := recorder(t)
	if o = load(addr); !errors.As(o.end, new(*JournalError)) || told() != "" || !strings.Contains(o.err, "is about a load into ") ||
		!strings.Contains(o.err, "--skip 2 instead of the journal") {
		t.Fatalf("%+v", o)
	}
	here := func() { // it was this one all the time
		r := recordOf(t, path)
		r.Address = addr
		text, _ := json.Marshal(r)
		os.WriteFile(path, text, 0o600)
	}
	here()
	if o = loadInto(addr, strings.NewReader(in), journaled(path, "other")); !errors.As(o.end, new(*JournalError)) || told() != "" {
		t.Fatalf("%+v", o)
	}
	for _, other := range []string{"SET x 1\n\n# x\nSET b 1\nSET c 1\n", "SET a 1\nSET b 1\nSET c 1\n\n\n", "SET a 1\n\n# x\nSET b 1#\nSET c 1\nSET d 1\n", "SET a 1\n", ""} {
		o = loadInto(addr, strings.NewReader(other), journaled(path, "in"))
		if !errors.As(o.end, new(*JournalError)) || told() != "" || !strings.Contains(o.err, "is about another input") {
			t.Fatalf("%q: %+v", other, o)
		}
	}
	if o = load(addr); o.end != nil || told() != "SET c 1,SET d 1" || o.Skipped != 2 {
		t.Fatalf("%+v", o)
	}
	if r := recordOf(t, path); r.Acknowledged != 4 || r.Outcome != "ok" {
		t.Fatalf("%+v", r)
	}
	o = load("127.0.0.1:1", func(c *Config) { c.Client.Addr = addr })
	if o.end != nil || told() != "" || o.out != "errors: 0, replies: 0\n" || !strings.Contains(o.err, "all of this has been loaded, 4 commands") {
		t.Fatalf("%+v", o)
	}
	o = loadInto(addr, strings.NewReader("SET z 1\n"+in), journaled(path, "in"))
	if !errors.As(o.end, new(*JournalError)) || told() != "" {
		t.Fatalf("%+v", o)
	}
}

// What a journal says does not lead into a transaction, nor past one that was not carried out.
func TestAJournalGoesOnBeforeATransaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	in := "SET a 1\nMULTI\nSET b 1\nEXEC\nSET c 1\n"
	loadInto(cutting(t, 3, 4, ""), strings.NewReader(in), journaled(path, "in"))
	if r := recordOf(t, path); r.Acknowledged != 1 {
		t.Fatalf("%+v", r)
	}
	os.Remove(path)
	loadInto(cutting(t, 1, 5, "-OOM x\r\n+OK\r\n+OK\r\n+OK\r\n"), strings.NewReader(in), journaled(path, "in"))
	if r := recordOf(t, path); r.Acknowledged != 1 || r.Outcome != "stopped" {
		t.Fatalf("%+v", r)
	}
}

// An input that was mended behind what had been loaded may have another length.
func TestAJournalGoesOnInAMendedInput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	addr, told := recorder(t)
	load := func(in string) outcome {
		return loadInto(addr, strings.NewReader(in), journaled(path, "in", func(c *Config) { c.Inputs[0].Size = int64(len(in)) }))
	}
	o := load("SET a 1\nSET b \"\n")
	if o.input(t); told() != "SET a 1" {
		t.Fatalf("%+v", o)
	}
	if o = load("SET a 1\nSET b \"2\"\nSET c 3\n"); o.end != nil || told() != "SET b 2,SET c 3" {
		t.Fatalf("%+v", o)
	}
	if o = load("SET a 1\nSET b \"2\"\nSET c 3\nSET d 4\n"); !errors.As(o.end, new(*JournalError)) || told() != "" {
		t.Fatalf("%+v", o)
	}
}

func TestAJournalOfSeveralInputs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	texts := []string{"SET a 1\nSET b 1\n", strings.Repeat("# some words\n", 100_000) + "SET c 1\n", "SET d 1\nSET e 1\n"}
	addr, told := recorder(t)
	load := func(addr string) outcome {
		return loadInto(addr, nil, func(c *Config) {
			c.Journal, c.Inputs = path, nil
			for i, text := range texts {
				c.Inputs = append(c.Inputs, Input{Name: fmt.Sprint("in", i), Open: func() (io.ReadCloser, error) {
					return io.NopCloser(strings.NewReader(text)), nil
				}})
			}
		})
	}
	load(cutting(t, 4, 5, ""))
	r := recordOf(t, path)
	if r.Acknowledged != 4 || len(r.Inputs) != 3 || r.Inputs[1].Head != maxHead || r.Inputs[2].Head != 8 || r.Inputs[0].Head != 16 {
		t.Fatalf("%+v", r)
	}
	r.Address = addr
	text, _ := json.Marshal(r)
	os.WriteFile(path, text, 0o600)
	whole := texts[1]
	texts[1] = "#" + whole
	if o := load(addr); !errors.As(o.end, new(*JournalError)) || !strings.Contains(o.err, "in1 does not begin") || told() != "" {
		t.Fatalf("%+v", o)
	}
	texts[1] = whole
	if o := load(addr); o.end != nil || told() != "SET e 1" {
		t.Fatalf("%+v", o)
	}
}

func TestWhatIsNoJournalIsLeftAlone(t *testing.T) {
	addr, told := recorder(t)
	for _, text := range []string{"something", "{}", `{"version": 99}`} {
		path := filepath.Join(t.TempDir(), "journal")
		os.WriteFile(path, []byte(text), 0o600)
		o := loadInto(addr, strings.NewReader("SET a 1\n"), journaled(path, "in"))
		if !errors.As(o.end, new(*JournalError)) || contents(t, path) != text || told() != "" || !strings.Contains(o.err, "is no journal") {
			t.Errorf("%q: %+v", text, o)
		}
	}
	for _, device := range []string{"/dev/zero", "/dev/null"} {
		if _, err := os.Stat(device); err != nil {
			continue
		}
		o := loadInto(addr, strings.NewReader("SET a 1\n"), journaled(device, "in"))
		if !errors.As(o.end, new(*JournalError)) || told() != "" || !strings.Contains(o.err, "is a device or a pipe") {
			t.Errorf("%s: %+v", device, o)
		}
	}
	big := filepath.Join(t.TempDir(), "dump")
	os.WriteFile(big, nil, 0o600)
	os.Truncate(big, 1<<40) // more than any memory, and nothing on the disk
	if o := loadInto(addr, strings.NewReader("SET a 1\n"), journaled(big, "in")); !errors.As(o.end, new(*JournalError)) || told() != "" {
		t.Errorf("a file without end: %+v", o)
	}
	for _, bad := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none", "journal")} {
		o := loadInto(addr, strings.NewReader("SET a 1\n"), journaled(bad, "in"))
		if !errors.As(o.end, new(*OutputError)) || told() != "" {
			t.Errorf("%s: %+v", bad, o)
		}
	}
}

// While a load runs, its journal never says more than has been acknowledged.
func TestAJournalIsNeverAhead(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEL", "ahead")
	path := filepath.Join(t.TempDir(), "journal")
	in, producer := io.Pipe()
	done := make(chan outcome)
	go func() { done <- loadInto(s.Addr, in, journaled(path, "in")) }()
	io.WriteString(producer, strings.Repeat("INCR ahead\n", 1000)+"MULTI\nINCR ahead\n")
	record := journalRecord{}
	await(t, func() bool {
		if text, err := os.ReadFile(path); err == nil {
			json.Unmarshal(text, &record)
		}
		return record.Acknowledged > 0
	})
	if record.Acknowledged != 1000 || record.Outcome != outcomeRunning || record.Next.Offset != 11_000 {
		t.Errorf("%+v", record)
	}
	io.WriteString(producer, "EXEC\n"+strings.Repeat("INCR ahead\n", 1000))
	await(t, func() bool {
		json.Unmarshal([]byte(contents(t, path)), &record)
		return record.Acknowledged >= 2003
	})
	producer.Close()
	if o := <-done; o.end != nil || recordOf(t, path).Acknowledged != 2003 {
		t.Errorf("%+v", o)
	}
}

// A transaction of which the end has not come when the load is interrupted was not sent, and is not
// left out either.
func TestAnInterruptInsideATransactionLosesNothing(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEL", "half")
	path := filepath.Join(t.TempDir(), "journal")
	in, producer := io.Pipe()
	stop := make(chan struct{})
	done := make(chan outcome)
	go func() {
		done <- loadInto(s.Addr, in, journaled(path, "in", func(c *Config) { c.Interrupt = stop }))
	}()
	io.WriteString(producer, "INCR half\nMULTI\nINCR half\n")
	await(t, func() bool { return s.Do("GET", "half") == "1" })
	close(stop)
	o := <-done
	producer.Close()
	if o.Resume != 2 || o.Replies+o.NotSent.Len() != 3 || recordOf(t, path).Acknowledged != 1 {
		t.Fatalf("%+v %+v", o, recordOf(t, path))
	}
}
