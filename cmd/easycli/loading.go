package main

import (
	"path/filepath"
	"strconv"
	"time"

	"easycli/internal/bulk"
)

// loading is how --pipe loads, as its options say.
type loading struct {
	// Timeout is how long to wait for a reply while one is due; 0 is for ever.
	Timeout time.Duration
	// AllowState and AllowBlocking let commands pass that a load refuses.
	AllowState, AllowBlocking bool
	// Verify sends markers to find replies that do not match requests.
	Verify bool
	// NoProgress keeps a terminal free of the line that says how far the load is.
	NoProgress bool
	// Rate is how fast it may go.
	Rate bulk.Rate
	// Replies is the file for the replies, "" for none.
	Replies string
	// Replicas and Disk are what has to be confirmed at the end, nil for nothing.
	Replicas, Disk *bulk.Confirmation
	// StopAfter is how many failed commands are enough, 0 for any number; StopAtError says that one is,
	// whatever StopAfter says. PassNoPerm goes on past commands that the user may not run.
	StopAfter               int64
	StopAtError, PassNoPerm bool
	// Reconnect goes on after a lost connection, and Idempotent says that repeating commands does no harm.
	Reconnect, Idempotent bool
	// Checkpoint is the key that makes the load exact, "" for none, and Batch how many commands go together.
	Checkpoint string
	Batch      int
	// Reject is the file for the commands that fail, "" for none.
	Reject string
	// Skip is how many commands are left out.
	Skip int64
	// Journal is the file that records how far the load is, "" for none.
	Journal string
	// Report is the file for a report on the load, "" for none.
	Report string
}

// contradiction is what is wrong with the options together.
func (l loading) contradiction() error {
	switch {
	case l.Reconnect && !l.Idempotent:
		return usagef("--on-disconnect resume sends commands again that may have been carried out: " +
			"--assume-idempotent says that this does no harm")
	case l.Reconnect && l.Verify, l.Reconnect && l.Checkpoint != "":
		return usagef("--on-disconnect resume goes neither with --verify nor with --checkpoint")
	case l.Journal != "" && l.Skip > 0:
		return usagef("--journal knows how much to leave out: it does not go with --skip")
	case l.Journal != "" && l.Checkpoint != "":
		return usagef("--checkpoint keeps the position on the server: it does not go with --journal")
	case l.sharesFile():
		return usagef("--journal, --report, --reject and --replies need a file each")
	}
	return nil
}

// sharesFile reports whether two of the files that are written are one.
func (l loading) sharesFile() bool {
	files := l.outputs()
	for i, file := range files {
		for _, other := range files[:i] {
			if filepath.Clean(other.path) == filepath.Clean(file.path) {
				return true
			}
		}
	}
	return false
}

// stopAfter is how many failed commands are enough, 0 for any number.
func (l loading) stopAfter() int64 {
	if l.StopAtError {
		return 1
	}
	return l.StopAfter
}

// defaultPipeTimeout is redis-cli's.
const defaultPipeTimeout = 30 * time.Second

// loadingOptions are the options of --pipe. All but redis-cli's own --pipe-timeout are refused
// without it.
func loadingOptions() []option {
	return []option{
		{"pipe", "", "", "load commands in bulk, as text or RESP: the words that follow are files, folders of " +
			"append-only files, or - for stdin (default: stdin)", turnOn(func(d *draft) *bool { return &d.pipe })},
		{"pipe-timeout", "", "SECONDS", "wait this long for replies that are due (default 30; 0 is for ever)",
			(*draft).setPipeTimeout},
		forPipe(option{"allow-state", "", "", "let HELLO and RESET pass",
			turnOn(func(d *draft) *bool { return &d.load.AllowState })}),
		forPipe(option{"allow-blocking", "", "", "let commands pass that may wait, such as BLPOP",
			turnOn(func(d *draft) *bool { return &d.load.AllowBlocking })}),
		forPipe(option{"verify", "", "", "send a marker (ECHO) every 10000 commands and check that it comes back in its place",
			turnOn(func(d *draft) *bool { return &d.load.Verify })}),
		forPipe(option{"replies", "", "FILE", "write every reply to FILE, as a line of JSON with the number of its command",
			func(d *draft, v string) error { return setFile(&d.load.Replies, v) }}),
		rateOption(),
		forPipe(option{"wait", "", "N,MS", "when all is loaded, wait until N replicas have it, at most MS milliseconds (WAIT); " +
			"status 8 if they do not", (*draft).setWait}),
		forPipe(option{"wait-aof", "", "LOCAL,REPLICAS,MS", "the same until it is in the append-only file of the server itself " +
			"(LOCAL 1) and of so many replicas (WAITAOF)", (*draft).setWaitAOF}),
		{"no-progress", "", "", "do not show on a terminal how far it is (--export and --unlink as well)",
			turnOn(func(d *draft) *bool { return &d.load.NoProgress })},
		forPipe(option{"on-error", "", "continue|stop", "stop at the first command that fails, or go on, even past " +
			"commands that this user may not run (default: go on, but stop when the server itself is in trouble)",
			(*draft).setOnError}),
		forPipe(option{"on-disconnect", "", "stop|resume", "when a connection is lost: stop (default), or connect again, in a " +
			"cluster to the new master, and send again what was not answered (with --assume-idempotent)",
			(*draft).setOnDisconnect}),
		forPipe(option{"assume-idempotent", "", "", "the commands may be carried out twice: needed by --on-disconnect resume",
			turnOn(func(d *draft) *bool { return &d.load.Idempotent })}),
		forPipe(option{"max-errors", "", "N", "stop when more than N commands have failed", (*draft).setMaxErrors}),
		forPipe(option{"reject", "", "FILE", "write the commands that fail to FILE, which --pipe can load, and the " +
			"reasons to FILE.log", (*draft).setReject}),
		forPipe(option{"skip", "", "N", "leave out the first N commands, to continue a load that has broken off",
			(*draft).setSkip}),
		forPipe(option{"journal", "", "FILE", "record in FILE how far the load is: the same command line, run again, goes on " +
			"from there", (*draft).setJournal}),
		forPipe(option{"report", "", "FILE", "write a report on the load to FILE, as JSON", (*draft).setReport}),
		forPipe(option{"checkpoint", "", "KEY", "load every command exactly once, whatever breaks: batches are transactions that " +
			"keep the position in KEY, and the same command line goes on from there (DEL KEY to start over)",
			(*draft).setCheckpoint}),
		forPipe(option{"batch", "", "N", "with --checkpoint: N commands go together (default 2000)",
			func(d *draft, v string) error { return setPositive(&d.load.Batch, v) }}),
	}
}

// forPipe is an option that means nothing without --pipe: a draft remembers the first of them.
func forPipe(o option) option {
	set := o.set
	o.set = func(d *draft, value string) error {
		if d.needsPipe == "" {
			d.needsPipe = "--" + o.long
		}
		return set(d, value)
	}
	return o
}

func (d *draft) setOnError(v string) error {
	switch v {
	case "stop", "continue":
		d.load.StopAtError, d.load.PassNoPerm = v == "stop", v == "continue"
		return nil
	}
	return wants("continue or stop")
}

func (d *draft) setOnDisconnect(v string) error {
	switch v {
	case "stop", "resume":
		d.load.Reconnect = v == "resume"
		return nil
	}
	return wants("stop or resume")
}

func (d *draft) setMaxErrors(v string) error {
	n, err := strconv.ParseUint(v, 10, 62)
	if err != nil {
		return wants("a whole number that is not negative")
	}
	d.load.StopAfter = int64(n) + 1
	return nil
}

func (d *draft) setReject(v string) error { return setFile(&d.load.Reject, v) }
func (d *draft) setSkip(v string) error {
	n, err := strconv.ParseUint(v, 10, 62)
	if err != nil {
		return wants("a whole number that is not negative")
	}
	d.load.Skip = int64(n)
	return nil
}

func (d *draft) setJournal(v string) error { return setFile(&d.load.Journal, v) }

func (d *draft) setReport(v string) error { return setFile(&d.load.Report, v) }

// setFile takes the name of a file that will be written. What "-" stands for elsewhere, stdout, has
// lines of its own here.
func setFile(dst *string, v string) error {
	if v == "" || v == "-" {
		return wants("the name of a file")
	}
	*dst = v
	return nil
}

func (d *draft) setCheckpoint(v string) error {
	if v == "" {
		return wants("the name of a key")
	}
	d.load.Checkpoint = v
	return nil
}
