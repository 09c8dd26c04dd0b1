package shell

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"easycli/internal/cells"
	"easycli/internal/command"
	"easycli/internal/quote"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// stage is what the person sees: replies, what the server says unasked between them, and what there is
// to say of either. The connection's receiver prints on it, and the loop when nothing is on its way.
type stage struct {
	// mu guards all of it. The receiver holds it while it prints.
	mu    sync.Mutex
	to    io.Writer
	print render.Options
	out   *render.Printer
	state session.State
	// terminal says that to is one, and columns how wide it is; neither ever changes.
	terminal bool
	columns  func() int
	// pushes says that what the server sends unasked is shown also where nobody subscribed to it.
	pushes bool
	inside bool // the receiver is within a reply, and holds mu
}

func newStage(to io.Writer, print render.Options, pushes bool) *stage {
	return &stage{to: to, print: print, terminal: print.Terminal, out: render.New(to, print), pushes: pushes}
}

// session is what the replies so far have led to.
func (s *stage) session() session.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// begin is the state of a connection just made.
func (s *stage) begin(state session.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

// learn tells the session of a command without a reply that anybody printed.
func (s *stage) learn(info command.Info, words [][]byte, o session.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = s.state.After(info, words, o)
}

// say prints a text of our own that stands where a reply would.
func (s *stage) say(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.WriteString(text)
	return s.out.Flush()
}

// tell says something about the conversation.
func (s *stage) tell(text string) {
	if text != "" {
		s.say(s.inRows(strings.TrimSuffix(text, "\n")) + "\n")
	}
}

// inRows is a text of ours in rows that end between words.
func (s *stage) inRows(text string) string {
	columns := 0
	if s.columns != nil {
		columns = s.columns()
	}
	if !s.terminal || columns < 20 || cells.Width(text) <= columns || strings.Contains(text, "\n") {
		return text
	}
	var b strings.Builder
	used := 0
	for word := range strings.SplitSeq(text, " ") {
		width := cells.Width(word)
		switch {
		case used == 0:
		case used+1+width > columns:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += width
	}
	return b.String()
}

func (s *stage) tellf(format string, args ...any) { s.tell(fmt.Sprintf(format, args...)) }

// shown is a text with somebody else's words in it, in a form that can be shown.
func (s *stage) shown(text string) string {
	if s.terminal {
		return string(quote.AppendTerminal(nil, text))
	}
	return text
}

// restyle prints differently from now on.
func (s *stage) restyle(print render.Options) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.print = print
	s.out = render.New(s.to, print)
}

// beforeBlock flushes when the receiver is about to wait for the network.
func (s *stage) beforeBlock() {
	if !s.inside {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	s.out.Flush()
}

// push prints what the server sent unasked. The messages of a subscription were asked for.
func (s *stage) push(v resp.Value) {
	if !s.inside {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	if s.pushes || s.state.Subscribed() {
		s.out.PrintPush(v)
	}
	s.state = s.state.AfterPush(v)
}
