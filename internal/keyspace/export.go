package keyspace

import (
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"easycli/internal/quote"
)

// Format is how an export is written.
type Format byte

const (
	RESP  Format = iota // commands as they go over the wire
	Text                // commands, one a line, quoted as at the prompt
	JSONL               // one key a line, as JSON, which no server loads
)

// ExportConfig says what to write and how.
type ExportConfig struct {
	// Servers are those to work on, where Cluster is nil.
	Servers []Server
	Cluster *Masters
	Filter  Filter
	Format  Format
	// Dump writes every key as RESTORE with what DUMP says of it, instead of the commands that make
	// it. It does not go with JSONL.
	Dump bool
	// Terminal says that Out is one, so that nothing in JSON may move its cursor. RESP is not for a
	// terminal, and text is always safe there.
	Terminal bool
	Out      io.Writer
	// Done, if set, counts along: the keys that need no more work, written or not.
	Done *atomic.Int64
}

// Exported is how an export went.
type Exported struct {
	// Keys were written, and Bytes of them.
	Keys, Bytes int64
	// Vanished keys were named by SCAN and gone when they were read.
	Vanished int64
	// Refused keys were not handed out by their server; Refusal is what it said of the first.
	Refused int64
	Refusal string
	// Shifted lists changed their length while they were read piece by piece, so elements may be
	// missing or there twice.
	Shifted int64
	// Unclaimed entries of streams are pending but deleted, which no command can say.
	Unclaimed int64
	// Torn is the key of which only the beginning was written, nil if there is none.
	Torn []byte
}

// Export writes the keys that match to cfg.Out, each as a whole, in no order. A key that comes or
// changes meanwhile is written as it was at some moment; a large one, which is read piece by piece,
// as its pieces were. If the error is not nil, what was written is true all the same, and the export
// is not complete: it is an [OutputError], a [pipeclient.LostError], a [RefusedError], or the reason
// for which ctx ended.
func Export(ctx context.Context, cfg ExportConfig) (Exported, error) {
	if cfg.Done == nil {
		cfg.Done = new(atomic.Int64)
	}
	x := &exporting{ExportConfig: cfg, out: &output{w: cfg.Out}}
	servers := cfg.Servers
	if cfg.Cluster != nil {
		servers = cfg.Cluster.readers()
	}
	err := onAll(ctx, servers, cfg.Cluster, x.server)
	x.out.lock.Lock()
	defer x.out.lock.Unlock()
	x.report.Keys, x.report.Bytes, x.report.Torn = x.out.keys.Load(), x.out.bytes.Load(), x.out.torn
	return x.report, err
}

// exporting is what the connections of one export share.
type exporting struct {
	ExportConfig
	out *output

	mu     sync.Mutex
	report Exported
}

// newLane makes a place to write at, for one connection.
func (x *exporting) newLane() (*lane, notation) {
	l := &lane{out: x.out}
	if x.Format != JSONL {
		return l, &commands{lane: l, encoder: encoder{text: x.Format == Text}, dumps: x.Dump}
	}
	style := quote.PipedJSON
	if x.Terminal {
		style = quote.JSON
	}
	return l, &documents{lane: l, text: quote.Terminal{Style: style}}
}

// note changes the report.
func (x *exporting) note(change func(r *Exported)) {
	x.mu.Lock()
	change(&x.report)
	x.mu.Unlock()
}

func (x *exporting) vanished() {
	x.Done.Add(1)
	x.note(func(r *Exported) { r.Vanished++ })
}

// refused notes a key that the server did not hand out.
func (x *exporting) refused(key, reply []byte) {
	x.Done.Add(1)
	x.note(func(r *Exported) {
		if r.Refused++; r.Refused == 1 {
			r.Refusal = string(quote.Append(nil, slices.Clone(key[:min(len(key), 200)]))) + ": " + string(reply)
		}
	})
}
