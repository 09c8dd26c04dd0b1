package keyspace

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// How far reading goes ahead: pages of SCAN that are worked on at once, keys that are asked for in
// one piece, and bytes of replies that a server should have to keep for us.
const (
	pagesAhead  = 4
	keysAtOnce  = 60
	exportAhead = 8 << 20
)

// walk is the export of one server. A goroutine walks through SCAN, one for each page under way
// asks for its keys, and the receiver of the connection writes them. Keys that are no matter of one
// reply are left to diggers.
type walk struct {
	*exporting
	server Server
	only   func(key []byte) bool // nil: all
	conn   *pipeclient.Conn
	lane   *lane
	w      notation
	abilities

	large   chan []byte // names of the keys for the diggers
	mu      sync.Mutex
	diggers int
	group   sync.WaitGroup
}

// server exports one server. It returns when all its goroutines have ended.
func (x *exporting) server(ctx context.Context, s Server, only func([]byte) bool) error {
	conn, err := s.Dial(ctx, ahead)
	if err != nil {
		return err
	}
	defer conn.Close()
	w := &walk{exporting: x, server: s, only: only, conn: conn, large: make(chan []byte, 64)}
	w.lane, w.w = x.newLane()
	if w.abilities, err = abilitiesOf(ctx, s, conn); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w.pages(ctx, cancel)
	close(w.large)
	w.group.Wait()
	err = context.Cause(ctx)
	if err != nil {
		conn.Close() // the receiver writes no more
		w.lane.abandon()
		return err
	}
	return w.lane.flush()
}

func ahead(c *pipeclient.Config) { c.WindowBytes = exportAhead }

// pages walks through SCAN, and returns when all pages have been read or something went wrong, with
// which it has ended the context.
func (w *walk) pages(ctx context.Context, cancel context.CancelCauseFunc) {
	var group sync.WaitGroup
	defer group.Wait()
	free := make(chan *leaf, pagesAhead)
	for range pagesAhead {
		free <- &leaf{walk: w, page: *newPage(), done: make(chan struct{}, 1)}
	}
	for s := (scan{server: w.server, conn: w.conn, filter: w.Filter}); !s.over; {
		var l *leaf
		select {
		case l = <-free:
		case <-ctx.Done():
			return
		}
		if err := s.next(ctx, &l.page); err != nil {
			cancel(err)
			return
		}
		group.Go(func() {
			if err := l.read(ctx, cancel); err != nil {
				cancel(err)
				return
			}
			free <- l
		})
	}
}

// abilities are what a server can do that not every one can.
type abilities struct {
	// absolute says that it tells when a key ends, and not only how long that is from now.
	absolute bool
	// fields says that there are fields of hashes with an end of their own.
	fields bool
}

// appendEnding appends the question when a key ends.
func (a abilities) appendEnding(dst, key []byte) []byte {
	verb := "PTTL"
	if a.absolute {
		verb = "PEXPIRETIME"
	}
	return resp.AppendCommand(dst, []byte(verb), key)
}

// abilitiesOf asks commands without their words, which tells whether they are known.
func abilitiesOf(ctx context.Context, s Server, conn *pipeclient.Conn) (a abilities, err error) {
	knows := func(command string) bool {
		v, doErr := conn.Do(ctx, command)
		if doErr != nil && err == nil {
			err = fmt.Errorf("%s: %w", s.Addr, doErr)
		}
		return wantsWords(v)
	}
	a.absolute = knows("PEXPIRETIME")
	if a.fields = knows("HPEXPIRETIME"); a.fields {
		v, doErr := conn.Do(ctx, "INFO", "keyspace")
		if doErr != nil && err == nil {
			err = fmt.Errorf("%s: %w", s.Addr, doErr)
		}
		a.fields = v.IsError() || hasFieldsThatEnd(v.Text)
	}
	return a, err
}

// wantsWords reports whether a server that was sent a command alone knows it, and misses its words.
func wantsWords(v resp.Value) bool {
	return v.IsError() && strings.HasPrefix(v.Text, "ERR wrong number of arguments")
}

// hasFieldsThatEnd looks for hashes with such fields in what INFO says, in Redis's words and in
// Valkey's.
func hasFieldsThatEnd(info string) bool {
	told := false
	for _, name := range []string{"subexpiry=", "keys_with_volatile_items="} {
		for _, rest := range strings.Split(info, name)[1:] {
			if told = true; !strings.HasPrefix(rest, "0") {
				return true
			}
		}
	}
	return !told && strings.Contains(info, "db")
}
