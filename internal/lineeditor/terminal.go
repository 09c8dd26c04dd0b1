package lineeditor

import "github.com/chzyer/readline"

// Raw is [Config.MakeRaw] for the terminal of a file descriptor. It may be called while the terminal
// is raw: what is restored is how it was before the first call.
func Raw(fd int) func() (restore func() error, err error) {
	var cooked *readline.State
	restore := func() error {
		if cooked == nil {
			return nil
		}
		state := cooked
		cooked = nil
		return readline.Restore(fd, state)
	}
	return func() (func() error, error) {
		state, err := readline.MakeRaw(fd)
		if err != nil {
			return nil, err
		}
		if cooked == nil {
			cooked = state
		}
		enableEscapes()
		return restore, nil
	}
}
