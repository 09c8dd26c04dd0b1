package bulk

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"easycli/internal/pipeclient"
)

// reportVersion is raised when a field changes its meaning or goes; new ones may come without.
const reportVersion = 1

// The outcomes of a load, as a report names them.
const (
	outcomeOK          = "ok"          // all was carried out
	outcomeErrors      = "errors"      // all was answered, some of it with an error
	outcomeStopped     = "stopped"     // by what the server answered, see stopped_by
	outcomeInput       = "input"       // the input is not acceptable
	outcomeInterrupted = "interrupted" // by a signal
	outcomeLost        = "lost"        // the connection
	outcomeMismatch    = "mismatch"    // replies do not match requests
	outcomeUnconfirmed = "unconfirmed" // all was answered, or nothing sent: replicas or disks do not confirm it
	outcomeConnect     = "connect"     // there was no connection: nothing was sent
	outcomeCheckpoint  = "checkpoint"  // what the checkpoint's key says does not let it go on
	outcomeOutput      = "output"      // something could not be written
)

// fileReport is the file of Config.Report.
type fileReport struct {
	Version    int       `json:"version"`
	Outcome    string    `json:"outcome"`
	ExitStatus int       `json:"exit_status"`
	Error      string    `json:"error,omitempty"`
	StoppedBy  string    `json:"stopped_by,omitempty"`
	Started    time.Time `json:"started"`
	Finished   time.Time `json:"finished"`
	Seconds    float64   `json:"seconds"`

	Address      string           `json:"address"`
	Inputs       []fileInput      `json:"inputs"`
	Skipped      int64            `json:"skipped"`
	Sent         int64            `json:"sent"`
	Acknowledged int64            `json:"acknowledged"`
	Errors       int64            `json:"errors"`
	ByClass      map[string]int64 `json:"errors_by_class"`
	Discarded    int64            `json:"discarded"`
	Resent       int64            `json:"resent,omitempty"`
	Undecided    int64            `json:"undecided,omitempty"`
	InDoubt      []fileRange      `json:"in_doubt"`
	NotSent      []fileRange      `json:"not_sent"`
	Next         filePlace        `json:"next"`
	Resume       *fileResume      `json:"resume"`
	Checkpoint   *fileCheckpoint  `json:"checkpoint,omitempty"`
	Nodes        []fileNode       `json:"nodes,omitempty"`
	Failures     []fileFailure    `json:"failures"`
}

// fileNode is a node of a cluster.
type fileNode struct {
	Address      string `json:"address"`
	Sent         int64  `json:"sent"`
	Acknowledged int64  `json:"acknowledged"`
	Errors       int64  `json:"errors"`
	InDoubt      int64  `json:"in_doubt"`
}

// fileCheckpoint is a [CheckpointReport]. Skipped is in the report itself.
type fileCheckpoint struct {
	Key        string `json:"key"`
	Commands   int64  `json:"commands"`
	Unseen     int64  `json:"unseen"`
	Reconnects int64  `json:"reconnects"`
	Complete   bool   `json:"complete"`
}

type fileInput struct {
	Name string `json:"name"`
	Size int64  `json:"size,omitempty"`
}

// filePlace is a [Place].
type filePlace struct {
	Number int64  `json:"number"`
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Offset int64  `json:"offset"`
}

// fileRange is a [Range]; file, line and offset are those of its first command.
type fileRange struct {
	First  int64  `json:"first"`
	Last   int64  `json:"last"`
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Offset int64  `json:"offset"`
}

// fileResume says how a load that is not complete can be continued.
type fileResume struct {
	Skip    int64  `json:"skip"`
	Repeats int64  `json:"repeats"`
	Command string `json:"command,omitempty"`
}

// fileFailure is one of the first commands that failed.
type fileFailure struct {
	filePlace
	Command     string `json:"command"`
	Key         string `json:"key,omitempty"`
	Transaction int64  `json:"transaction,omitempty"`
	Error       string `json:"error"`
}

// ReportOnly writes cfg.Report, if it names a file, for a load that could not begin because of err.
func ReportOnly(cfg Config, err error) error {
	l := &load{cfg: cfg, next: Place{Number: 1}}
	file, fileErr := l.openReport()
	if file == nil {
		return fileErr
	}
	return file.commit(l.reportText(Report{}, err, time.Now()))
}

// openReport begins the file of the report, nil if there is to be none: one that could not be written
// should not be missed only when the load is over.
func (l *load) openReport() (*replacement, error) {
	if l.cfg.Report == "" {
		return nil, nil
	}
	return newReplacement(l.cfg.Report)
}

// writeReport completes the report on a load that ended so. It returns how the load ended with that.
func (l *load) writeReport(file *replacement, r Report, end error, began time.Time) error {
	err := file.commit(l.reportText(r, end, began))
	if err == nil {
		return end
	}
	l.say("%v", err)
	l.errOut.flush()
	if end == nil || errors.Is(end, ErrCommands) {
		return err
	}
	return end
}

// reportText is the report on a load that ended so.
func (l *load) reportText(r Report, err error, began time.Time) []byte {
	now := time.Now()
	if r.Next.Number == 0 { // there was no connection
		r.Next = l.next
	}
	report := fileReport{
		Version: reportVersion, Outcome: outcomeOf(err), Started: began, Finished: now, Seconds: now.Sub(began).Seconds(),
		Address: l.cfg.Client.Addr, Inputs: []fileInput{}, Skipped: l.cfg.Skip, Sent: r.Sent, Acknowledged: r.Replies, Errors: r.Errors, ByClass: map[string]int64{},
		Discarded: r.Discarded, Resent: r.Resent, Undecided: r.Undecided, InDoubt: fileRanges(r.InDoubt), NotSent: fileRanges(r.NotSent),
		Next: filePlaceOf(r.Next), Failures: []fileFailure{},
	}
	maps.Copy(report.ByClass, l.failures.classes)
	if l.cfg.Status != nil {
		report.ExitStatus = l.cfg.Status(err)
	}
	if err != nil {
		report.Error = shown([]byte(reason(err).Error()))
	}
	if report.Outcome == outcomeStopped {
		report.StoppedBy = stoppedBy(err)
	}
	for _, in := range l.cfg.Inputs {
		report.Inputs = append(report.Inputs, fileInput{in.Name, in.Size})
	}
	if cp := r.Checkpoint; cp != nil {
		report.Skipped = cp.Skipped
		report.Checkpoint = &fileCheckpoint{shown([]byte(l.cfg.Checkpoint.Key)), cp.Commands, cp.Unseen, cp.Reconnects, cp.Complete}
		if incomplete(err) {
			report.Resume = &fileResume{Command: l.resumeCommand(0)}
		}
	} else if incomplete(err) && r.Resume > 0 {
		report.Resume = &fileResume{Skip: r.Resume - 1, Repeats: r.Repeats, Command: l.resumeCommand(r.Resume - 1)}
	}
	for _, f := range l.failures.first {
		report.Failures = append(report.Failures, fileFailure{filePlaceOf(f.Place), f.Command, f.Key, f.Transaction, f.Text})
	}
	for _, n := range r.Nodes {
		report.Nodes = append(report.Nodes, fileNode{n.Addr, n.Sent, n.Replies, n.Errors, n.InDoubt})
	}
	text, _ := json.MarshalIndent(report, "", "  ")
	return append(text, '\n')
}

func filePlaceOf(p Place) filePlace { return filePlace{p.Number, p.Input, p.Line, p.Offset} }

func fileRanges(ranges Ranges) []fileRange {
	list := []fileRange{}
	for _, r := range ranges {
		list = append(list, fileRange{r.From.Number, r.Last, r.From.Input, r.From.Line, r.From.Offset})
	}
	return list
}

// stoppedBy is the class of the answer that stopped a load, or "errors" if it was their number.
func stoppedBy(err error) string {
	var stop *StopError
	var refused *RefusedError
	switch {
	case errors.As(err, &stop):
		return cmp.Or(stop.Class, "errors")
	case errors.As(err, &refused):
		return errorClass([]byte(refused.Text))
	}
	return ""
}

// outcomeOf is the one word for how a load ended.
func outcomeOf(err error) string {
	var own *CheckpointError
	switch {
	case errors.As(err, &own) && own.LostData:
		return outcomeLost
	case own != nil && !own.OtherInput:
		return outcomeCheckpoint
	case err == nil:
		return outcomeOK
	case errors.As(err, new(*OutputError)):
		return outcomeOutput
	case errors.As(err, new(*pipeclient.ConnectError)):
		return outcomeConnect
	case errors.Is(err, ErrInterrupted):
		return outcomeInterrupted
	case errors.As(err, new(*NotConfirmedError)):
		return outcomeUnconfirmed
	case errors.As(err, new(*StopError)), errors.As(err, new(*RefusedError)):
		return outcomeStopped
	case errors.Is(err, ErrCommands):
		return outcomeErrors
	case errors.As(err, new(*MismatchError)), errors.Is(err, pipeclient.ErrUnsolicited):
		return outcomeMismatch
	case errors.As(err, new(*pipeclient.LostError)):
		return outcomeLost
	}
	return outcomeInput
}
