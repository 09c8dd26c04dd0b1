package resp

import (
	"bytes"
	"cmp"
)

// isPush reports whether a value of this type may have been sent unasked, so that its first word
// decides.
func (r *Reader) isPush(wire byte) bool {
	if r.taking {
		return false
	}
	apart := r.OnPush != nil || r.DropPushes
	return wire == '>' && (len(r.stack) > 0 || apart) ||
		wire == '*' && r.Subscribed && len(r.stack) == 0 && apart
}

// TakePush delivers the push that is ahead between two replies to OnPush, if one is ahead, and
// reports whether it did. It waits for the first bytes of whatever comes next.
func (r *Reader) TakePush() (bool, error) {
	if err := r.need(1); err != nil {
		return false, err
	}
	if r.err != nil || r.Depth() > 0 || !r.isPush(r.buf[r.r]) {
		return false, r.err
	}
	return r.takePush()
}

// takePush looks at the push ahead. If it does not belong to a reply, takePush delivers it and
// returns true; otherwise it is left where it is, to be read as a value.
func (r *Reader) takePush() (apart bool, err error) {
	wire := r.buf[r.r]
	word, err := r.firstWord()
	if err != nil || !r.apart(wire, word) {
		return false, err
	}
	return true, r.deliver()
}

// deliver reads the push ahead and hands it out. Attributes in front of it are its own: those that
// ReadValue has read go with it, and none are left for the value behind it.
func (r *Reader) deliver() error {
	outer := r.stack
	r.stack, r.attributes, r.taking = outer[len(outer):], 0, true
	if r.DropPushes || r.OnPush == nil {
		err := r.passOver()
		r.stack, r.taking = outer, false
		return err
	}
	v, err := r.readTree(cmp.Or(r.MaxPush, DefaultMaxPush))
	if err != nil {
		return err
	}
	r.stack, r.taking = outer, false
	v.Kind = Push
	r.OnPush(v)
	return nil
}

// passOver reads the value ahead and keeps nothing of it.
func (r *Reader) passOver() error {
	for {
		if _, err := r.Next(); err != nil || r.Depth() == 0 {
			return err
		}
	}
}

// apart decides by a push's first word whether it stands outside all replies.
func (r *Reader) apart(wire byte, word []byte) bool {
	switch string(word) {
	case "message", "pmessage", "smessage":
		return true
	case "invalidate", "tracking-redir-broken":
		return wire == '>'
	}
	if wire == '*' || len(r.stack) > 0 {
		return false
	}
	return !r.Confirmations || !bytes.HasSuffix(word, []byte("subscribe"))
}

// firstWord is the first element of the aggregate ahead if that is a short string. Nothing is
// consumed. A malformed one yields no word: it is for the ordinary path to refuse.
func (r *Reader) firstWord() ([]byte, error) {
	const longest = len("tracking-redir-broken")
	line, at, err := r.lineAt(0)
	if err != nil || len(line) == 0 || string(line) == "0" || string(line) == "-1" {
		return nil, err
	}
	if err := r.need(at + 1); err != nil {
		return nil, err
	}
	switch r.buf[r.r+at] {
	case '+':
		line, _, err = r.lineAt(at)
		return line, err
	case '$':
		line, at, err = r.lineAt(at)
		n, ok := parseLength(line)
		if err != nil || !ok || n > int64(longest) {
			return nil, err
		}
		if err := r.need(at + int(n)); err != nil {
			return nil, err
		}
		return r.buf[r.r+at : r.r+at+int(n)], nil
	}
	return nil, nil
}

// lineAt is the short line whose type byte stands at that place, and the place behind its end; no
// line if it is too long or badly ended.
func (r *Reader) lineAt(at int) (line []byte, next int, err error) {
	for i := at + 1; i <= at+1+maxHeader; i++ {
		if err := r.need(i + 1); err != nil {
			return nil, 0, err
		}
		if b := r.buf[r.r+i]; b == '\n' && r.buf[r.r+i-1] == '\r' {
			return r.buf[r.r+at+1 : r.r+i-1], i + 1, nil
		} else if b == '\n' {
			break
		}
	}
	return nil, at, nil
}
