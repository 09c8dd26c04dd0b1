package shell

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"easycli/internal/lines"
)

// openDestination opens the file, or starts the program, that replies go to. done ends that.
func (d *dialogue) openDestination(to lines.Destination) (w *tolerant, done func() error, err error) {
	if to.Pipe != "" {
		return d.openPipe(to.Pipe)
	}
	how := os.O_TRUNC
	if to.Append {
		how = os.O_APPEND
	}
	file, err := os.OpenFile(to.File, os.O_CREATE|os.O_WRONLY|how, 0o666)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.shown(to.File), bare(err))
	}
	t := &tolerant{w: file}
	return t, func() error {
		err := file.Close()
		if t.err != nil {
			err = t.err
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", d.shown(to.File), bare(err))
		}
		return nil
	}, nil
}

// openPipe starts a program that reads what is written.
func (d *dialogue) openPipe(commandLine string) (*tolerant, func() error, error) {
	stdin, wait, err := d.Outside.Start(commandLine)
	if err != nil {
		return nil, nil, err
	}
	return &tolerant{w: stdin}, func() error {
		err := wait()
		d.interrupted() // it was for the program as well
		return err
	}, nil
}

// tolerant is a writer that never fails: a program that has read enough, or a full disk, is no reason to
// give the connection up. What was wrong is kept.
type tolerant struct {
	w   io.Writer
	err error
	// enough says that the reader has gone.
	enough bool
}

func (t *tolerant) Write(p []byte) (int, error) {
	if t.err == nil {
		if _, t.err = t.w.Write(p); errors.Is(t.err, syscall.EPIPE) {
			t.w, t.err, t.enough = io.Discard, nil, true
		}
	}
	return len(p), nil
}

// bare is an error without the name and the call in front of what the system says.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
