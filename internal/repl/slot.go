package repl

import (
	"easycli/internal/command"
	"easycli/internal/render"
)

// slot is a place in the output: for a reply that is to come, or for a text that is known already.
type slot struct {
	line int
	text string // known already; without one a reply is awaited
	// offset is where the command begins in the bytes that it was sent with.
	offset int
	// last says that the line's command is not repeated after this.
	last bool
	how  render.How
	// sent is for the session; nil for a command that leaves the connection as it was.
	sent *sent

	// routed is for a command in a cluster, and nil elsewhere.
	*routed
}

// awaits reports whether a reply is to come, or to be shown, in the slot.
func (s *slot) awaits() bool {
	return s.text == "" && (s.routed == nil || !s.gone && (s.fault == "" || s.tx != nil))
}

// sent is a command that the session has to know about when its reply has come.
type sent struct {
	info command.Info
	argv [][]byte
}

// keep copies a command that the session has to know about.
func keep(info command.Info, argv [][]byte) *sent {
	if info.Effect == command.None {
		return nil
	}
	size := 0
	for _, word := range argv {
		size += len(word)
	}
	s := &sent{info: info, argv: make([][]byte, len(argv))}
	own := make([]byte, 0, size)
	for i, word := range argv {
		from := len(own)
		own = append(own, word...)
		s.argv[i] = own[from:len(own):len(own)]
	}
	return s
}
