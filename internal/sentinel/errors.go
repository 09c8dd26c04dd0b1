package sentinel

import (
	"errors"
	"fmt"
	"strings"
)

// NotFoundError is a master whose address no sentinel could give.
type NotFoundError struct {
	Master  string
	Answers []Answer // of the sentinels, in the order in which they were asked
}

// Answer is why a sentinel was of no help.
type Answer struct {
	Addr string
	Err  error
}

func (e *NotFoundError) Error() string {
	var addrs, parts []string
	for _, a := range e.Answers {
		if errors.Is(a.Err, errUnknown) {
			addrs = append(addrs, a.Addr)
			continue
		}
		parts = append(parts, fmt.Sprintf("sentinel at %s: %v", a.Addr, a.Err))
	}
	switch {
	case len(addrs) == 1 && len(parts) == 0:
		return fmt.Sprintf("the sentinel at %s knows no master called %q", addrs[0], e.Master)
	case len(addrs) > 0:
		parts = append([]string{fmt.Sprintf("no sentinel of %s knows a master called %q", strings.Join(addrs, ", "), e.Master)}, parts...)
	}
	return strings.Join(parts, "; ")
}

// MisledError is a server that a sentinel names and that is of no use. What is behind it is in its
// text alone: that a connection was refused is said of this address, and not of the one asked for.
type MisledError struct {
	Sentinel, Master, Addr string
	Err                    error
}

func (e *MisledError) Error() string {
	return fmt.Sprintf("the sentinel at %s says that master %q is at %s: %v", e.Sentinel, e.Master, e.Addr, short(e.Err))
}
