package bulk

import (
	"errors"
	"fmt"
)

// incomplete reports whether a load that ended so can be continued. One without a connection has not
// begun.
func incomplete(err error) bool {
	switch outcomeOf(err) {
	case outcomeOK, outcomeErrors, outcomeUnconfirmed, outcomeConnect:
		return false
	case outcomeOutput: // what could not be written may be the report on a complete load
		var output *OutputError
		return errors.As(err, &output) && output.File != ""
	}
	return true
}

// resumeCommand is the command line that passes over so many commands, "" if there is none.
func (l *load) resumeCommand(skip int64) string {
	if l.cfg.Resume == nil {
		return ""
	}
	command, _ := l.cfg.Resume(skip)
	return command
}

// explainResume says how to continue, unless that is to begin again.
func (l *load) explainResume(r Report, err error) {
	if l.cfg.Resume == nil || errors.As(err, new(*JournalError)) || r.Sent == 0 && r.Resume == 1 {
		return
	}
	command, means := l.cfg.Resume(r.Resume - 1)
	text := "to continue"
	switch outcomeOf(err) {
	case outcomeInput:
		text += " once the input is mended"
	case outcomeStopped:
		text += " once that is mended"
	}
	switch {
	case r.Repeats > 0 && len(r.InDoubt) > 0:
		text += fmt.Sprintf(" (this repeats %d commands that were carried out, and those in doubt)", r.Repeats)
	case r.Repeats > 0:
		text += fmt.Sprintf(" (this repeats %d commands that were carried out)", r.Repeats)
	case len(r.InDoubt) > 0:
		text += " (this repeats the commands in doubt)"
	}
	if means != "" {
		text += ", with " + means
	}
	l.say("%s:", text)
	l.write("resume: %s", command)
}
