package session

import "slices"

// Names is a set of channels or patterns, in order. It is never changed, only replaced.
type Names []string

// with is the set and more names.
func (n Names) with(more [][]byte) Names {
	all := make(Names, len(n), len(n)+len(more))
	copy(all, n)
	for _, name := range more {
		all = append(all, string(name))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// without is the set without some names, or empty if there are none: UNSUBSCRIBE.
func (n Names) without(some [][]byte) Names {
	if len(some) == 0 {
		return nil
	}
	gone := make(map[string]bool, len(some))
	for _, name := range some {
		gone[string(name)] = true
	}
	var left Names
	for _, name := range n {
		if !gone[name] {
			left = append(left, name)
		}
	}
	return left
}
