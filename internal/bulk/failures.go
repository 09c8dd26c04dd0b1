package bulk

import (
	"bytes"
	"fmt"
	"sync"

	"easycli/internal/command"
	"easycli/internal/quote"
)

// Failure is a command that was answered with an error.
type Failure struct {
	Place Place
	// Command is its name, Key its first key, if it has one, and Text what the server said, without
	// the command's secrets. All are escaped where they are not printable, and cut where they are long.
	Command, Key, Text string
	// Transaction is the number of the MULTI it stood behind, 0 for none.
	Transaction int64
}

// shownFailures is how many failures a report holds.
const shownFailures = 20

// failures is what is known of the commands that failed, whichever lane they took.
type failures struct {
	mu      sync.Mutex
	count   int64
	classes map[string]int64
	first   []Failure
	stop    *StopError // what ended the load, nil so far
	reject  *rejects   // nil without
}

// add takes note of a failed command, and reports whether it is worth a line. A class that is not ""
// stops the load, which then speaks of them as a whole; those that were on their way behind the first
// of them will be sent again, and speak then. One that will not be sent again always has its line.
func (l *load) add(f Failure, class string, text []byte) (worth bool) {
	s := &l.failures
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	name := errorClass(text)
	if s.classes == nil {
		s.classes = map[string]int64{}
	}
	if s.classes[name] == 0 && len(s.classes) >= maxClasses {
		name = otherClass
	}
	s.classes[name]++
	if len(s.first) < shownFailures {
		s.first = append(s.first, f)
	}
	if s.stop != nil {
		if class != "" && s.stop.Class == class && f.Place.Number < s.stop.Place.Number {
			s.stop.Place, s.stop.Command, s.stop.Text = f.Place, f.Command, f.Text // of another lane
		}
		again := s.stop.Class != "" && f.Place.Number > s.stop.Place.Number
		return class == "" && !again
	}
	if class != "" || l.cfg.StopAfter > 0 && s.count >= l.cfg.StopAfter {
		s.stop = &StopError{Class: class, Place: f.Place, Command: f.Command, Text: f.Text, Failed: s.count}
		l.halt(s.stop)
	}
	return class == "" // of the others, the load as a whole will speak
}

// so is how many there are so far.
func (f *failures) so() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// failed is called for each command that was answered with an error.
func (b *block) failed(i int, text []byte) {
	if b.entries[i].role == ours {
		return
	}
	n := b.lane
	class := n.load.fatalClass(text)
	if class != "" {
		n.ledger.restart(b.place(i).Number)
	}
	f, text := describe(b.bytes(i), text)
	f.Place = b.place(i)
	f.Transaction = n.ledger.multi
	if n.load.add(f, class, text) {
		n.load.line(f.Place.String(), f.Command, text)
	}
	if n.keeper != nil && n.ledger.again == 0 {
		n.keeper.failed(b, i, f)
	}
}

// queuedFailed is called for a command that failed when its transaction was executed. The reply at
// hand is that of EXEC; the command itself is at hand only if it was kept, and otherwise the EXEC
// stands for it.
func (b *block) queuedFailed(index int64, text []byte) {
	n := b.lane
	accounts := &n.ledger
	accounts.Errors++
	class := n.load.fatalClass(text)
	if class != "" {
		accounts.restart(accounts.multi)
	}
	exec := b.place(b.next)
	f, _ := describe(b.bytes(b.next), text)
	f.Place = exec
	where := fmt.Sprintf("command %d", accounts.multi+index)
	if accounts.refused > 0 || accounts.multi == 0 { // and so not queued: the numbers have gaps
		where = fmt.Sprintf("a command between %d and %d", accounts.multi, exec.Number)
	}
	wire, place := n.keeper.queued(index)
	if wire != nil {
		f, text = describe(wire, text)
		f.Place, where = place, fmt.Sprintf("%v: %s", place, f.Command)
	}
	f.Transaction = accounts.multi
	if n.load.add(f, class, text) {
		n.load.line(where, fmt.Sprintf("executed by command %d", exec.Number), text)
	}
	if n.keeper != nil && accounts.again == 0 {
		n.load.failures.reject.write(f, wire, keptCommand)
	}
}

// describe says what is at hand of a command that failed, its bytes, and takes its secrets out of
// what the server said about it.
func describe(wire, text []byte) (Failure, []byte) {
	words := commandWords(nil, wire)
	if len(words) == 0 {
		return Failure{Command: "?", Text: shown(text)}, text
	}
	info := command.Of(words)
	secrets := info.AppendSecrets(nil, words)
	text = redacted(text, words, secrets)
	f := Failure{Command: shown(words[0]), Text: shown(text)}
	if at := info.FirstKey(words); at > 0 && len(secrets) == 0 {
		f.Key = shown(words[at])
	}
	return f, text
}

// redacted is what the server said about a command without the command's secrets: some errors repeat
// the arguments, or the first part of them.
func redacted(text []byte, words [][]byte, secrets []int) []byte {
	if len(secrets) == 0 {
		return text
	}
	for _, at := range secrets {
		if len(words[at]) > 0 {
			text = bytes.ReplaceAll(text, words[at], []byte("****"))
		}
	}
	text, _, _ = bytes.Cut(text, []byte(", with args beginning with:"))
	return text
}

// maxShown is how much is shown of a key, or of what a server said.
const maxShown = 1024

// shown is text on one line, without anything that could harm a terminal or break JSON.
func shown(text []byte) string {
	if len(text) > maxShown {
		return string(quote.AppendTerminal(nil, text[:maxShown])) + "..."
	}
	return string(quote.AppendTerminal(nil, text))
}
