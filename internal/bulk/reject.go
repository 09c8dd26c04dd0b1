package bulk

import (
	"bufio"
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
	load   *load
	mu     sync.Mutex
	file   *os.File
	out    *bufio.Writer
	log    *os.File
	logOut *bufio.Writer
	err    *OutputError
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
	if r.file, err = openAppend(path, continues); err == nil {
		if r.log, err = openAppend(path+logSuffix, continues); err != nil {
			r.file.Close()
		}
	}
	if err != nil {
		return nil, err
	}
	r.out, r.logOut = bufio.NewWriterSize(r.file, 64<<10), bufio.NewWriterSize(r.log, 64<<10)
	return r, nil
}

// write rejects a command or a transaction; no bytes are those that are not at hand.
func (r *rejects) write(f Failure, wire []byte, what string) {
	r.mu.Lock()
	if wire == nil {
		r.missing++
		what = keptNothing
	}
	_, err := r.out.Write(wire)
	r.check(r.file, err)
	r.mu.Unlock()
	r.note(f, what)
}

// note writes a line of the log.
func (r *rejects) note(f Failure, what string) {
	text, _ := json.Marshal(rejectLine{f.Place.Number, f.Place.Input, f.Place.Line, f.Place.Offset, f.Command, f.Key,
		f.Text, f.Transaction, what})
	r.mu.Lock()
	_, err := r.logOut.Write(append(text, '\n'))
	r.check(r.log, err)
	r.mu.Unlock()
}

// check ends the load with the first error.
func (r *rejects) check(file *os.File, err error) {
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
	r.check(r.file, r.out.Flush())
	r.check(r.log, r.logOut.Flush())
	r.mu.Unlock()
}

// close flushes, and sees to it that both files survive a crash of the machine.
func (r *rejects) close() error {
	r.flush()
	for _, file := range []*os.File{r.file, r.log} {
		err := file.Sync()
		if isRegular(file) {
			r.check(file, err)
		}
		r.check(file, file.Close())
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

func isRegular(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode().IsRegular()
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
