package cluster

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"easycli/internal/resp"
)

// keyShape is where the keys of a command are that only the server knows.
type keyShape struct {
	first, last, step int  // as COMMAND INFO counts them; no first means no keys
	movable           bool // COMMAND GETKEYS has to be asked each time
}

// maxShapes bounds what is remembered: names come from whoever writes the input.
const maxShapes = 1024

// shapes remembers what the server said about commands, by their names in capitals.
type shapes struct {
	mu    sync.Mutex
	known map[string]keyShape
}

func (s *shapes) lookup(name string) (keyShape, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shape, ok := s.known[name]
	return shape, ok
}

func (s *shapes) add(name string, shape keyShape) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxShapes {
		s.known = map[string]keyShape{}
	}
	s.known[name] = shape
}

// slotOfUnknown is Slot for a command that the table does not know.
func (c *Cluster) slotOfUnknown(ctx context.Context, argv [][]byte) (int, error) {
	if len(argv) < 2 {
		return NoSlot, nil
	}
	name := string(bytes.ToUpper(argv[0]))
	shape, ok := c.shapes.lookup(name)
	if !ok {
		var err error
		if shape, err = c.askShape(ctx, name); err != nil {
			return NoSlot, err
		}
		c.shapes.add(name, shape)
	}
	if !shape.movable {
		return slotOfAll(argv, shape.positions(len(argv)))
	}
	return c.askKeys(ctx, argv)
}

// positions are those of the keys among so many words.
func (s keyShape) positions(words int) []int {
	last := s.last
	if last < 0 {
		last += words
	}
	var at []int
	for i := s.first; s.first > 0 && s.step > 0 && i <= min(last, words-1); i += s.step {
		at = append(at, i)
	}
	return at
}

// askShape asks the server what it knows about a command.
func (c *Cluster) askShape(ctx context.Context, name string) (keyShape, error) {
	v, err := c.Do(ctx, []byte("COMMAND"), []byte("INFO"), []byte(name))
	if err != nil {
		return keyShape{}, fmt.Errorf("asking where the keys of %s are: %w", KeyText(name), err)
	}
	if len(v.Elems) != 1 || len(v.Elems[0].Elems) < 6 { // unknown to the server as well, or refused
		return keyShape{movable: v.IsError()}, nil
	}
	e := v.Elems[0].Elems
	shape := keyShape{first: int(e[3].Int), last: int(e[4].Int), step: int(e[5].Int)}
	for _, flag := range e[2].Elems {
		if flag.Text == "movablekeys" {
			shape.movable = true
		}
	}
	if len(e) > 9 && len(e[9].Elems) > 0 { // its subcommands have keys of their own
		shape.movable = true
	}
	return shape, nil
}

// askKeys asks the server for the keys of one command. What it refuses has none, as far as anybody
// knows, and will be refused again when it is sent.
func (c *Cluster) askKeys(ctx context.Context, argv [][]byte) (int, error) {
	v, err := c.Do(ctx, append([][]byte{[]byte("COMMAND"), []byte("GETKEYS")}, argv...)...)
	if err != nil {
		return NoSlot, fmt.Errorf("asking for the keys of %s: %w", KeyText(string(argv[0])), err)
	}
	if v.Kind != resp.Array {
		return NoSlot, nil
	}
	keys := make([][]byte, len(v.Elems))
	all := make([]int, len(v.Elems))
	for i, key := range v.Elems {
		keys[i], all[i] = []byte(key.Text), i
	}
	return slotOfAll(keys, all)
}
