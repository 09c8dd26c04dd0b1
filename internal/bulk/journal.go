package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// journalVersion is raised when a journal can no longer be read by those who wrote the last.
const journalVersion = 1

// journalEvery is how often a journal is written: what was acknowledged since is repeated after an
// end that nobody can see coming.
const journalEvery = 500 * time.Millisecond

// journal records how far a load is, so that the same command line goes on from there.
type journal struct {
	load *load
	name string
	was  journalRecord // what was read, all zero for a new one
	last int64         // commands acknowledged, as of the last record
	err  error
	stop context.CancelFunc
	done chan struct{}
}

// journalRecord is the text of a journal, as JSON.
type journalRecord struct {
	Version int    `json:"version"`
	Outcome string `json:"outcome"` // "running" for one that was not told its end
	// Acknowledged is how many commands, from the first on, need not be sent again.
	Acknowledged int64 `json:"acknowledged"`
	// Next is where the one behind them begins, or the last of them ends; nil if that is not known.
	Next    *filePlace     `json:"next,omitempty"`
	Address string         `json:"address"`
	DB      int            `json:"db"`
	Inputs  []journalInput `json:"inputs"`
	Updated time.Time      `json:"updated"`
}

// outcomeRunning is that of a load which has not ended.
const outcomeRunning = "running"

// journalInput is what tells an input from others: its name, its length if that is known, and the
// hash of so many bytes at its beginning, as far as it was acknowledged.
type journalInput struct {
	Name string `json:"name"`
	Size int64  `json:"size,omitempty"`
	Head int64  `json:"head"`
	Hash string `json:"sha256,omitempty"`
}

// JournalError is a journal that cannot be followed: nothing was sent.
type JournalError struct{ File, Msg, Advice string }

func (e *JournalError) Error() string { return fmt.Sprintf("the journal %s %s", e.File, e.Msg) }

// openJournal reads the journal, if there is one, and finds out whether it can be written.
func (l *load) openJournal(name string) (*journal, error) {
	j := &journal{load: l, name: name}
	out, err := newReplacement(name)
	if err != nil {
		return nil, err
	}
	out.discard()
	if out.direct {
		return nil, j.errorf("name an ordinary file", "is a device or a pipe, from which nothing could be read again")
	}
	text, err := readJournal(out.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0 {
		return j, nil
	}
	if err != nil {
		return nil, &OutputError{name, pathless(err)}
	}
	if json.Unmarshal(text, &j.was) != nil || j.was.Version != journalVersion {
		return nil, j.errorf("name another file", "is no journal of this version of easycli, and so is left alone")
	}
	j.last = j.was.Acknowledged
	if err := j.matches(); err != nil {
		return nil, err
	}
	return j, nil
}

// maxJournal is more than a journal can be, in bytes: a record has a few lines for each input. What is
// longer is a dump that was named by mistake, and not read into memory.
const maxJournal = 16 << 20

// readJournal reads the file, or as much of it as shows that it is no journal.
func readJournal(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxJournal))
}

func (j *journal) errorf(advice, format string, args ...any) error {
	return &JournalError{File: j.name, Msg: fmt.Sprintf(format, args...), Advice: advice}
}

// complete reports whether all has been loaded already.
func (j *journal) complete() bool {
	return j.was.Outcome == outcomeOK || j.was.Outcome == outcomeErrors
}

// matches checks what can be known before anything is read: that this is the same load.
func (j *journal) matches() error {
	cfg := &j.load.cfg
	switch {
	case j.last == 0:
		return nil
	case j.was.Address != cfg.Client.Addr || j.was.DB != cfg.Client.DB:
		return j.another("is about a load into %s, database %d", j.was.Address, j.was.DB)
	case len(j.was.Inputs) > len(cfg.Inputs), j.complete() && len(j.was.Inputs) < len(cfg.Inputs):
		return j.another("is about other inputs: %d", len(j.was.Inputs))
	}
	for i, was := range j.was.Inputs {
		in := cfg.Inputs[i]
		mended := j.was.Outcome == outcomeInput && i == len(j.was.Inputs)-1
		switch {
		case was.Name != in.Name:
			return j.another("is about another input: %s", was.Name)
		case was.Size != in.Size && was.Size > 0 && in.Size > 0 && !mended:
			return j.another("is about %s of %d bytes", inputName(was.Name), was.Size)
		}
	}
	return nil
}

// inputName is what a message calls an input.
func inputName(name string) string {
	if name == "" {
		return "stdin"
	}
	return name
}

// another is a journal of another load.
func (j *journal) another(format string, args ...any) error {
	advice := "to load this from the beginning: name another journal, or remove this one"
	if !j.complete() {
		advice += fmt.Sprintf("; if it is the same load all the same: --skip %d instead of the journal", j.last)
	}
	return j.errorf(advice, format, args...)
}

// confirm compares the inputs of a load that is complete with what the journal says.
func (j *journal) confirm() error {
	for i, was := range j.was.Inputs {
		in := &j.load.cfg.Inputs[i]
		reader, err := in.Open()
		if err != nil {
			return fmt.Errorf("opening the input: %w", err)
		}
		text, err := io.ReadAll(io.LimitReader(reader, was.Head))
		reader.Close()
		if err != nil {
			return fmt.Errorf("reading the input: %w", err)
		}
		if was.Head > 0 && (int64(len(text)) < was.Head || headSum(text) != was.Hash) {
			return j.another("is about another input: %s does not begin as it did", inputName(in.Name))
		}
	}
	return nil
}

// loadedAlready ends a load of which the journal says that it is complete.
func (l *load) loadedAlready() (Report, error) {
	j := l.journal
	if err := j.confirm(); err != nil {
		l.tell(err)
		return Report{}, err
	}
	l.say("all of this has been loaded, %d commands, says %s; to load it again, remove that file", j.last, j.name)
	out := &lines{w: l.cfg.Out}
	out.printf("errors: 0, replies: 0\n")
	if out.err != nil {
		return Report{}, &OutputError{Err: out.err}
	}
	return Report{Skipped: j.last, Next: Place{Number: j.last + 1}, Resume: j.last + 1}, nil
}

// start writes the journal every now and then, until finish is called.
func (j *journal) start() {
	ctx, cancel := context.WithCancel(context.Background())
	j.stop, j.done = cancel, make(chan struct{})
	go func() {
		defer close(j.done)
		ticker := time.NewTicker(journalEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				j.tick()
			}
		}
	}()
}

// tick records how far the load is, if it has come on.
func (j *journal) tick() {
	l := j.load
	l.sending.Lock()
	first, ok := l.firstOpen()
	inputs := l.heads.upTo(first)
	l.sending.Unlock()
	if !ok || first.Number-1 <= j.last || j.err != nil {
		return
	}
	next := filePlaceOf(first)
	if err := j.write(journalRecord{Outcome: outcomeRunning, Acknowledged: first.Number - 1, Next: &next, Inputs: inputs}); err != nil {
		j.err = err
		l.halt(err)
	}
}

// finish records how the load ended.
func (j *journal) finish(r Report, end error) error {
	if j.stop != nil {
		j.stop()
		<-j.done
	}
	if j.err != nil || r.Resume == 0 || errors.As(end, new(*JournalError)) {
		return j.err
	}
	record := journalRecord{Outcome: outcomeOf(end), Acknowledged: r.Resume - 1}
	switch heads := j.load.heads; {
	case !incomplete(end):
		record.Inputs = heads.upTo(r.Next)
	case r.Resume-1 <= j.was.Acknowledged: // it has not come on
		record = j.was
		record.Outcome = outcomeOf(end)
	default:
		record.Inputs = heads.upTo(Place{}) // of a transaction, of which the number alone is known
		for _, p := range []Place{r.Next, r.InDoubt.place(), r.NotSent.place()} {
			if p.Number == r.Resume {
				next := filePlaceOf(p)
				record.Next, record.Inputs = &next, heads.upTo(p)
			}
		}
	}
	return j.write(record)
}

// place is that of the first command.
func (r Ranges) place() Place {
	if len(r) == 0 {
		return Place{}
	}
	return r[0].From
}

func (j *journal) write(record journalRecord) error {
	record.Version, record.Updated = journalVersion, time.Now().UTC()
	record.Address, record.DB = j.load.cfg.Client.Addr, j.load.cfg.Client.DB
	text, _ := json.MarshalIndent(record, "", "  ")
	out, err := newReplacement(j.name)
	if err == nil {
		err = out.commit(append(text, '\n'))
	}
	if err == nil {
		j.last = record.Acknowledged
	}
	return err
}
