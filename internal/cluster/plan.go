package cluster

import (
	"fmt"

	"easycli/internal/command"
)

// Part is the piece of a command that is for one slot.
type Part struct {
	Slot int
	// Argv is a command of its own. Its words lie in the whole command.
	Argv [][]byte
	// Keys says which of the whole command's keys these are, counted from 0.
	Keys []int
}

// Split cuts a command whose keys may be in several slots (command.BySlot) into one part for each,
// in the order of their first keys. It is nil for a command that cannot be cut, by its nature or
// because its words do not come out even. The parts are carried out one by one: whoever sends them
// says so ([SplitNote]), and never does it inside a transaction.
func Split(info command.Info, argv [][]byte) []Part {
	step, tail, ok := info.Layout(len(argv))
	if !ok {
		return nil
	}
	end := len(argv) - tail
	var parts []Part
	at := map[int]int{} // a slot's part
	for i, n := 1, 0; i < end; i, n = i+step, n+1 {
		slot := SlotOf(argv[i])
		p, known := at[slot]
		if !known {
			p = len(parts)
			at[slot] = p
			parts = append(parts, Part{Slot: slot, Argv: [][]byte{argv[0]}})
		}
		parts[p].Argv = append(parts[p].Argv, argv[i:i+step]...)
		parts[p].Keys = append(parts[p].Keys, n)
	}
	for p := range parts {
		parts[p].Argv = append(parts[p].Argv, argv[end:]...)
	}
	return parts
}

// SplitNote is what is said, once, when a command was split: what people take for one step was
// several.
func SplitNote(info command.Info, parts int) string {
	return fmt.Sprintf("%s was split over %d slots of the cluster and is not atomic", info.Name, parts)
}

// OwnNote is what is said of a command that changes what each node has for itself.
func OwnNote(info command.Info, addr string) string {
	return fmt.Sprintf("%s was for %s alone; the other nodes of the cluster have their own", info.Name, addr)
}
