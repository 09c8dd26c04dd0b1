package repl

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"easycli/internal/pipeclient"
	"easycli/internal/render"
)

// Report is what became of a script that did not go well all through. As an error it is
// the sentences for stderr; what it wraps is what ended the script, if anything did.
type Report struct {
	// Commands counts the commands that were sent, repetitions included.
	Commands int64

	// Failed counts those that the server answered with an error.
	Failed     int64
	FailedLine int
	FailedText string

	// Refused counts the lines that were not sent, because they mean nothing or because their
	// replies could not be told from those of others.
	Refused     int64
	RefusedLine int
	RefusedText string
	// ReadOnly says that some of them may have changed something, and that nothing was to be changed.
	ReadOnly bool

	// OpenMulti says that the script ended inside a transaction, so the server has dropped that.
	OpenMulti bool

	// Stopped is the line after which nothing more was sent, because of an error (-e).
	Stopped int

	// Lost is why the connection ended before everything was answered. The commands of the lines
	// DoubtFrom to DoubtTo were sent and not answered; from UnsentFrom on nothing was sent. They are
	// 0 where there are none.
	Lost                           error
	DoubtFrom, DoubtTo, UnsentFrom int

	// Node is the node of a cluster whose connection that was. In a cluster, Doubtful of the commands
	// of the lines from DoubtFrom to DoubtTo are in doubt, and Unsent of those from UnsentFrom to
	// ReadTo were not sent; the others were answered by other nodes.
	Node             string
	Doubtful, Unsent int64
	ReadTo           int

	// Cause is what ended the script otherwise: a cancelled context, output or input that broke, a
	// server that another one was not reached from.
	Cause error
}

// Good reports whether all went well.
func (r *Report) Good() bool {
	return r.Failed == 0 && r.Refused == 0 && !r.OpenMulti && r.Lost == nil && r.Cause == nil
}

// Sentences is what there is to say, in an order that puts what ended the script last.
func (r *Report) Sentences() []string {
	var all []string
	if r.Failed > 0 {
		all = append(all, fmt.Sprintf("%d of %s failed; first: line %d: %s", r.Failed,
			count64(r.Commands, "command"), r.FailedLine, r.FailedText))
	}
	if r.Refused > 0 {
		all = append(all, fmt.Sprintf("%s not sent; first: line %d: %s", count64(r.Refused, "line"),
			r.RefusedLine, r.RefusedText))
	}
	if r.OpenMulti {
		all = append(all, "the script ends inside MULTI, without EXEC: nothing of the transaction was executed")
	}
	if r.Stopped > 0 {
		all = append(all, fmt.Sprintf("stopped at line %d", r.Stopped))
	}
	if r.Lost != nil || r.DoubtFrom > 0 || r.UnsentFrom > 0 {
		all = append(all, r.loss())
	}
	if r.Cause != nil && r.Lost == nil && r.DoubtFrom == 0 && r.UnsentFrom == 0 {
		all = append(all, inWords(r.Cause))
	}
	return all
}

// inWords is an error without the name and the call that the system puts in front of what it says.
func inWords(err error) string {
	var path *fs.PathError
	var output *render.WriteError
	switch {
	case errors.As(err, &output) && errors.As(err, &path):
		return "writing to stdout: " + path.Err.Error()
	case errors.As(err, &path):
		return path.Err.Error()
	}
	return err.Error()
}

func (r *Report) loss() string {
	parts := []string{"interrupted"}
	if r.Lost != nil {
		parts[0] = "connection lost: " + r.Lost.Error()
	} else if r.Cause != nil {
		parts[0] = inWords(r.Cause)
	}
	if r.Doubtful+r.Unsent > 0 {
		return strings.Join(append(parts, r.lossAtNode()...), "; ")
	}
	switch {
	case r.DoubtFrom == 0:
	case r.DoubtFrom == r.DoubtTo:
		parts = append(parts, fmt.Sprintf("line %d in doubt: it was sent and not answered", r.DoubtFrom))
	default:
		parts = append(parts, fmt.Sprintf("lines %d to %d in doubt: they were sent and not answered",
			r.DoubtFrom, r.DoubtTo))
	}
	if r.UnsentFrom > 0 {
		parts = append(parts, fmt.Sprintf("not sent from line %d", r.UnsentFrom))
	}
	return strings.Join(parts, "; ")
}

// lossAtNode is what became of the commands of one node among several.
func (r *Report) lossAtNode() []string {
	var parts []string
	if r.Node != "" && r.Lost != nil && !strings.Contains(r.Lost.Error(), r.Node) {
		parts = append(parts, "node "+r.Node)
	}
	if r.Doubtful > 0 {
		where := fmt.Sprintf("of lines %d to %d", r.DoubtFrom, r.DoubtTo)
		if r.DoubtFrom == r.DoubtTo {
			where = fmt.Sprintf("of line %d", r.DoubtFrom)
		}
		parts = append(parts, fmt.Sprintf("%s %s in doubt: sent and not answered",
			count64(r.Doubtful, "command"), where))
	}
	if r.Unsent > 0 {
		parts = append(parts, fmt.Sprintf("%s not sent, the first in line %d", count64(r.Unsent, "command"), r.UnsentFrom))
	}
	return append(parts, fmt.Sprintf("nothing after line %d was sent", r.ReadTo))
}

func count64(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Error is the sentences in one line.
func (r *Report) Error() string { return strings.Join(r.Sentences(), "; ") }

// Unwrap is what ended the script.
func (r *Report) Unwrap() []error {
	var all []error
	for _, err := range []error{r.Cause, r.Lost} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// fail counts an error reply. Those of a cluster's nodes come in any order.
func (r *Report) fail(line int, text []byte) {
	if r.Failed == 0 || line < r.FailedLine {
		r.FailedLine, r.FailedText = line, oneLine(text)
	}
	r.Failed++
}

// refuse counts a line that was not sent.
func (r *Report) refuse(line int, text string) {
	if r.Refused == 0 {
		r.RefusedLine, r.RefusedText = line, text
	}
	r.Refused++
}

// lose notes a command whose reply will not come.
func (r *Report) lose(s *slot, lost *pipeclient.LostError) {
	r.Lost = lost.Cause
	if errors.Is(lost, pipeclient.ErrInDoubt) && int64(s.offset) < lost.Written {
		r.doubt(s.line)
		return
	}
	r.unsent(s.line)
}

func (r *Report) doubt(line int) {
	if r.DoubtFrom == 0 || line < r.DoubtFrom {
		r.DoubtFrom = line
	}
	r.DoubtTo = max(r.DoubtTo, line)
}

// unsentOne notes one of the commands that were not sent.
func (r *Report) unsentOne(line int) {
	r.Unsent++
	r.unsent(line)
}

func (r *Report) unsent(line int) {
	if r.UnsentFrom == 0 || line < r.UnsentFrom {
		r.UnsentFrom = line
	}
}

// oneLine is the first line of an error's text.
func oneLine(text []byte) string {
	s := strings.TrimRight(string(text), "\r\n ")
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i] + " ..."
	}
	return s
}
