package cluster

import (
	"context"
	"fmt"

	"easycli/internal/command"
	"easycli/internal/quote"
)

// CrossSlotError is a command whose keys are in several slots, so that no node has all of them.
type CrossSlotError struct {
	Keys  [2]string // two of them
	Slots [2]int
}

func (e *CrossSlotError) Error() string {
	return fmt.Sprintf("the keys %s (slot %d) and %s (slot %d) are in different slots; "+
		"keys with the same {tag} share one",
		KeyText(e.Keys[0]), e.Slots[0], KeyText(e.Keys[1]), e.Slots[1])
}

// maxShown is how many bytes of a key a message has room for.
const maxShown = 64

// KeyText is a key, or a name, as a message shows it, quoted and escaped.
func KeyText(key string) string {
	if len(key) > maxShown {
		return string(quote.Append(nil, key[:maxShown])) + "..."
	}
	return string(quote.Append(nil, key))
}

// Slot is the slot of a command's keys, NoSlot if it has none. The error is a [*CrossSlotError] if
// they are in several slots, or what went wrong in asking: where the keys of a command are that the
// table does not know, the server says (COMMAND INFO, once for each name, and COMMAND GETKEYS where
// that does not tell). A command that the server does not know either has no keys.
//
// For a command that the table knows it asks nobody, and does not allocate unless there are many
// keys. info is command.Of(argv).
func (c *Cluster) Slot(ctx context.Context, info command.Info, argv [][]byte) (int, error) {
	if !info.Known {
		return c.slotOfUnknown(ctx, argv)
	}
	return KnownSlot(info, argv)
}

// KnownSlot is [Cluster.Slot] for those who have no cluster yet: a command that the table does not
// know has no keys for it.
func KnownSlot(info command.Info, argv [][]byte) (int, error) {
	var few [8]int
	return slotOfAll(argv, info.AppendKeys(few[:0], argv))
}

// slotOfAll is the one slot of the keys at some positions.
func slotOfAll(argv [][]byte, keys []int) (int, error) {
	if len(keys) == 0 {
		return NoSlot, nil
	}
	slot := SlotOf(argv[keys[0]])
	for _, at := range keys[1:] {
		if other := SlotOf(argv[at]); other != slot {
			return NoSlot, &CrossSlotError{
				Keys:  [2]string{string(argv[keys[0]]), string(argv[at])},
				Slots: [2]int{slot, other},
			}
		}
	}
	return slot, nil
}
