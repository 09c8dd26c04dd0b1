package bulk

import (
	"encoding/json"
	"errors"
	"os"
	"sync"
)

// What of a failed command stands in the file of rejects, as its log says it.
const (
	keptCommand     = "command"     // the command itself
	keptTransaction = "transaction" // all of its transaction, which was not executed; in the line of a command, with the line of its EXEC
	keptNothing     = "nothing"     // it was too large to be kept
)

// rejects are the commands that failed, as RESP that can be loaded again, and the log beside them
// with the reasons. Where either cannot be written, the load ends.
type rejects struct {
	load *load
	mu   sync.Mutex
	file *recordFile
	log  *recordFile
	err  *OutputError
	// missing counts what was too large to be kept.
	missing int64
}

// rejectLine is a line of the log.
type rejectLine struct {
	Number      int64  `json:"number"`
	File        string `json:"file,omitempty"`
	Line        int64  `json:"line,omitempty"`
	Offset      int64  `json:"offset"`
	Command     string `json:"command"`
	Key         string `json:"key,omitempty"`
	Error       string `json:"error"`
	Transaction int64  `json:"transaction,omitempty"`
	Rejected    string `json:"rejected"`
}

// logSuffix makes the name of the log from that of the file.
const logSuffix = ".log"

// openRejects opens both files. What they hold is kept if the load continues another; one that begins
// does not mix its rejects with older ones.
func (l *load) openRejects(path string, continues bool) (*rejects, error) {
	r := &rejects{load: l}
	var err error
	if r.file, err = openRecords(path, continues); err != nil {
		return nil, err
	}
	if r.log, err = openRecords(path+logSuffix, continues); err != nil {
		r.file.Close()
		return nil, err
	}
	return r, nil
}

// write rejects a command or a transaction; no bytes are those that are not at hand.
func (r *rejects) write(f Failure, wire []byte, what string) {
	r.mu.Lock()
	if wire == nil {
		r.missing++
		what = keptNothing
	}
	r.check(r.file, r.file.add(wire))
	r.mu.Unlock()
	r.note(f, what)
}

// note writes a line of the log.
func (r *rejects) note(f Failure, what string) {
	text, _ := json.Marshal(rejectLine{f.Place.Number, f.Place.Input, f.Place.Line, f.Place.Offset, f.Command, f.Key,
		f.Text, f.Transaction, what})
	r.mu.Lock()
	r.check(r.log, r.log.add(append(text, '\n')))
	r.mu.Unlock()
}

// check ends the load with the first error.
func (r *rejects) check(file *recordFile, err error) {
	if err != nil && r.err == nil {
		r.err = &OutputError{File: file.Name(), Err: pathless(err)}
		r.load.halt(r.err)
	}
}

// flush hands what was rejected to the system. It may be called on nil.
func (r *rejects) flush() {
	if r == nil {
		return
	}
	r.mu.Lock()
	r.check(r.file, r.file.flush())
	r.check(r.log, r.log.flush())
	r.mu.Unlock()
}

// close flushes, and sees to it that both files survive a crash of the machine.
func (r *rejects) close() error {
	r.flush()
	for _, file := range []*recordFile{r.file, r.log} {
		err := file.Sync()
		if file.regular {
			r.check(file, err)
		}
		r.check(file, file.Close())
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// pathless is the reason in an error of package os.
func pathless(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
