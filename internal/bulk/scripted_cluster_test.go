package bulk

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/cluster"
)

// inBubble runs a test with a time of its own.
func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

const tagged = "{t}"

// taggedSlot is the slot of all keys with that tag, and taggedHome the node of three that has it.
var (
	taggedSlot = cluster.SlotOf([]byte(tagged))
	taggedHome = taggedSlot * 3 / cluster.Slots
)

// the nodes after it
var taggedNext, taggedLast = (taggedHome + 1) % 3, (taggedHome + 2) % 3

// pushes is an input that appends to so many keys with the tag, in turn, and to others between them.
func pushes(commands, keys int) *noted {
	in := &noted{}
	for i := range commands {
		in.add("RPUSH {t}%d", i%keys)
		in.add("RPUSH other%d", i%7)
	}
	return in
}

// at is a hook that does something once: before the nth command with the tag on a node.
func (c *scripted) at(node, n int, f func()) {
	before, seen := c.between, 0
	c.between = func(where int, words []string) {
		before(where, words)
		if where != node || len(words) < 2 || !strings.Contains(words[1], tagged) {
			return
		}
		if seen++; seen == n {
			f()
		}
	}
}

func TestMovesAmongTheCommands(t *testing.T) {
	home, next, last := taggedHome, taggedNext, taggedLast
	for _, test := range []struct {
		name string
		plan func(c *scripted)
		kind string // that was answered so often at least
		min  int
	}{
		{"all of a sudden", func(c *scripted) {
			c.at(home, 20, func() { c.finish(taggedSlot, home, next) })
		}, "MOVED", 80},
		{"to a node that moves it on", func(c *scripted) {
			c.at(home, 20, func() { c.finish(taggedSlot, home, next) })
			c.at(next, 1, func() { c.finish(taggedSlot, next, last) })
		}, "MOVED", 81},
		{"on behind the first that was carried out there", func(c *scripted) {
			c.at(home, 20, func() { c.finish(taggedSlot, home, next) })
			c.at(next, 2, func() { c.finish(taggedSlot, next, last) })
		}, "MOVED", 80 + 79},
		{"round and round", func(c *scripted) {
			turns := 0
			c.between = func(node int, words []string) {
				if !strings.Contains(words[1], tagged) || c.owner(taggedSlot) != node {
					return
				}
				if turns++; turns%7 == 0 {
					c.finish(taggedSlot, node, (node+1)%3)
				}
			}
		}, "MOVED", 100},
		{"some keys have gone", func(c *scripted) {
			c.at(home, 20, func() {
				c.start(taggedSlot, home, next)
				c.carry(home, next, "{t}1", "{t}3")
			})
		}, "ASK", 30},
		{"key by key", func(c *scripted) {
			c.at(home, 20, func() { c.start(taggedSlot, home, next) })
			for i := range 5 {
				c.at(home, 25+10*i, func() { c.carry(home, next, fmt.Sprint(tagged, i)) })
			}
		}, "ASK", 30},
		{"the target has it while commands are asked there", func(c *scripted) {
			c.at(home, 20, func() {
				c.start(taggedSlot, home, next)
				c.carry(home, next, "{t}0", "{t}1", "{t}2")
			})
			c.at(next, 1, func() { c.finish(taggedSlot, home, next) })
		}, "ASK", 40},
		{"the target has it behind the first that was asked there", func(c *scripted) {
			c.at(home, 20, func() {
				c.start(taggedSlot, home, next)
				c.carry(home, next, "{t}0", "{t}1", "{t}2")
			})
			c.at(next, 2, func() { c.finish(taggedSlot, home, next) })
		}, "ASK", 40},
		{"the target has moved it on when it is asked", func(c *scripted) {
			c.at(home, 20, func() {
				c.start(taggedSlot, home, next)
				c.carry(home, next, "{t}0", "{t}1", "{t}2")
			})
			c.at(next, 2, func() {
				c.finish(taggedSlot, home, next)
				c.finish(taggedSlot, next, last)
			})
		}, "MOVED", 30},
		{"ASK turns into MOVED in the middle of what is on its way", func(c *scripted) {
			c.at(home, 20, func() {
				c.start(taggedSlot, home, next)
				c.carry(home, next, "{t}0", "{t}1", "{t}2")
			})
			c.at(home, 60, func() { c.finish(taggedSlot, home, next) })
		}, "MOVED", 30},
		{"the target hears last that it has it", func(c *scripted) {
			c.at(home, 20, func() {
				c.start(taggedSlot, home, next)
				c.carryAll(taggedSlot, home, next)
				c.learn(home, taggedSlot, next) // and next says that home has it
			})
			c.at(next, 4, func() { c.learn(next, taggedSlot, next) })
		}, "MOVED", 80},
		{"the slot is served by nobody for a while", func(c *scripted) {
			c.at(home, 20, func() {
				c.nodes[home].down = true
				since := time.Now()
				inner := c.between
				c.between = func(where int, words []string) {
					c.nodes[home].down = time.Since(since) < 3*time.Second
					inner(where, words)
				}
			})
		}, "CLUSTERDOWN", 80},
		{"down, and another has it then", func(c *scripted) {
			c.at(home, 20, func() { c.nodes[home].down = true })
			c.at(home, 105, func() {
				c.nodes[home].down = false
				c.finish(taggedSlot, home, next)
			})
		}, "CLUSTERDOWN", 80},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newScripted(t, 3)
			test.plan(c)
			in := pushes(100, 5)
			o := c.load(in.reader())
			c.check(in, o)
			if n := c.refusals(test.kind); n < test.min {
				t.Errorf("only %d were answered with %s: nothing was tested", n, test.kind)
			}
		})
	}
}

// A command whose keys are on both sides waits for them, and what is behind it waits for the command.
func TestTwoKeysOnTheirWay(t *testing.T) {
	for _, asked := range []bool{false, true} {
		inBubble(t, fmt.Sprint("both gone ", asked), func(t *testing.T) {
			in := &noted{}
			for i := range 40 {
				in.add("RPUSH {t}1")
				in.add("RPUSH {t}2")
				if i%10 == 5 {
					in.add("SMOVE {t}1 {t}2")
				}
				in.add("RPUSH other")
			}
			c := newScripted(t, 3)
			c.at(taggedHome, 8, func() {
				c.start(taggedSlot, taggedHome, taggedNext)
				c.carry(taggedHome, taggedNext, "{t}1")
			})
			tries := 0
			c.between = func(inner func(int, []string)) func(int, []string) {
				return func(node int, words []string) {
					inner(node, words)
					if words[0] != "SMOVE" {
						return
					}
					switch tries++; {
					case tries == 4 && asked:
						c.carryAll(taggedSlot, taggedHome, taggedNext)
					case tries == 6:
						c.finish(taggedSlot, taggedHome, taggedNext)
					}
				}
			}(c.between)
			c.check(in, c.load(in.reader()))
			if c.refusals("TRYAGAIN") == 0 || c.refusals("ASK") == 0 {
				t.Error("nothing was refused:", c.said)
			}
		})
	}
}

// A slot that goes and comes back while commands are on their way may let some of them overtake
// others. Where they have a key in common the load ends, and otherwise it goes on.
func TestThereAndBack(t *testing.T) {
	for _, test := range []struct {
		name  string
		there func(c *scripted)
		back  func(c *scripted)
	}{
		{"the slot", func(c *scripted) { c.finish(taggedSlot, taggedHome, taggedNext) },
			func(c *scripted) { c.finish(taggedSlot, taggedNext, taggedHome) }},
		{"the keys", func(c *scripted) {
			c.start(taggedSlot, taggedHome, taggedNext)
			c.carryAll(taggedSlot, taggedHome, taggedNext)
		}, func(c *scripted) {
			c.carryAll(taggedSlot, taggedNext, taggedHome)
			c.learn(taggedHome, taggedSlot, taggedHome)
			c.learn(taggedNext, taggedSlot, taggedHome)
		}},
	} {
		run := func(t *testing.T, keys int) (*noted, *scripted, outcome) {
			c := newScripted(t, 3)
			c.at(taggedHome, 20, func() { test.there(c) })
			c.at(taggedHome, 23, func() { test.back(c) })
			in := pushes(50, keys)
			return in, c, c.load(in.reader())
		}
		inBubble(t, test.name+", overtaken", func(t *testing.T) {
			in, c, o := run(t, 5)
			refused := (*RefusedError)(nil)
			if !errors.As(o.end, &refused) || !refused.Overtaken {
				t.Errorf("%v", o.end)
			}
			c.inOrder(in, o)
		})
		inBubble(t, test.name+", not overtaken", func(t *testing.T) {
			in, c, o := run(t, 50)
			c.check(in, o)
			if len(c.said) == 0 {
				t.Error("nothing was refused")
			}
		})
	}
}

// A load that ends because something was overtaken still hears what other nodes have to say.
// Here the others are given their commands in the moment in which that is found out.
func TestWhatWasOvertakenLeavesNothingInDoubt(t *testing.T) {
	for range 20 { // who notices what first is a matter of luck
		synctest.Test(t, overtakenWhileOthersAreBusy)
	}
}

func overtakenWhileOthersAreBusy(t *testing.T) {
	c := newScripted(t, 3)
	begun := time.Now()
	other := "" // a tag of another node's
	for i := 0; other == "" || cluster.SlotOf([]byte(other))*3/cluster.Slots != taggedNext; i++ {
		other = fmt.Sprintf("{o%d}", i)
	}
	c.between = func(node int, _ []string) { c.nodes[node].down = time.Since(begun) < time.Second }
	c.at(taggedHome, 130, func() { c.finish(taggedSlot, taggedHome, taggedLast) })
	c.at(taggedHome, 133, func() { c.finish(taggedSlot, taggedLast, taggedHome) })
	c.slow = func(node int) time.Duration {
		if node == taggedNext && time.Since(begun) > time.Second {
			return 100 * time.Millisecond // in which the other node gets through all it has
		}
		return time.Millisecond
	}
	in := &noted{}
	for range 100 {
		in.add("RPUSH %sk", other)
		in.add("RPUSH {t}k")
	}
	o := c.load(in.reader())
	if refused := (*RefusedError)(nil); !errors.As(o.end, &refused) || !refused.Overtaken {
		t.Errorf("%v", o.end)
	}
	c.inOrder(in, o)
}

// An ASK that somebody had to wait with is no longer true: the key may have come back meanwhile, and
// the node that it led to would make another one.
func TestAnOldASKIsNotFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newScripted(t, 3)
		home := c.nodes[taggedHome]
		c.at(taggedHome, 3, func() { home.down = true })
		c.at(taggedHome, 4, func() {
			home.down = false
			c.start(taggedSlot, taggedHome, taggedNext)
			c.carry(taggedHome, taggedNext, "{t}2")
		})
		c.at(taggedHome, 5, func() { c.carry(taggedNext, taggedHome, "{t}2") }) // taken back, and begun again
		in := &noted{}
		for range 2 {
			in.add("RPUSH {t}1")
			in.add("RPUSH {t}2")
		}
		c.check(in, c.load(in.reader()))
		if c.said["CLUSTERDOWN"] != 1 || c.said["ASK"] != 1 {
			t.Error("refused:", c.said)
		}
	})
}

// A transaction goes again as a whole, wherever it was when the slot moved.
func TestATransactionWhoseSlotMoves(t *testing.T) {
	moved := func(c *scripted) { c.finish(taggedSlot, taggedHome, taggedNext) }
	parted := func(c *scripted) {
		c.start(taggedSlot, taggedHome, taggedNext)
		c.carry(taggedHome, taggedNext, "{t}1")
	}
	for name, move := range map[string]func(c *scripted){"MOVED": moved, "ASK": parted} {
		for at := 1; at <= 10; at++ {
			inBubble(t, fmt.Sprint(name, " ", at), func(t *testing.T) {
				in := &noted{}
				in.add("RPUSH {t}1")
				in.add("RPUSH {t}2")
				for range 2 {
					in.add("MULTI")
					in.add("RPUSH {t}1")
					in.add("RPUSH {t}2")
					in.add("EXEC")
					in.add("RPUSH {t}1")
					in.add("RPUSH {t}2")
				}
				c := newScripted(t, 3)
				seen := 0
				c.between = func(node int, words []string) {
					if seen++; seen == at {
						move(c)
					}
					if seen == at+40 && name == "ASK" { // until then a transaction cannot be carried out anywhere
						c.finish(taggedSlot, taggedHome, taggedNext)
					}
				}
				c.check(in, c.load(in.reader()))
				if c.said[name] == 0 {
					t.Error("nothing was refused")
				}
			})
		}
	}
}

// Nodes that send a command to and fro for ever end the load when its time is over, not later.
func TestACircleOfNodesEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newScripted(t, 3)
		c.at(taggedHome, 20, func() {
			c.nodes[taggedHome].owner[taggedSlot] = taggedNext
			c.nodes[taggedNext].owner[taggedSlot] = taggedLast
			c.nodes[taggedLast].owner[taggedSlot] = taggedHome
		})
		in := pushes(100, 5)
		begun := time.Now()
		o := c.load(in.reader())
		refused := (*RefusedError)(nil)
		if !errors.As(o.end, &refused) || refused.Overtaken || refused.Place.Number != 39 ||
			!strings.Contains(o.err, "line 39, byte ") || !strings.Contains(o.err, "RPUSH is refused for 20") ||
			!strings.Contains(o.err, "(--pipe-timeout): MOVED ") {
			t.Errorf("%v\n%s", o.end, o.err)
		}
		if took := time.Since(begun); took > 81*time.Second {
			t.Errorf("took %v", took)
		}
		if n := c.refusals("MOVED"); n > 81+50*4 {
			t.Errorf("%d redirections were followed", n-81)
		}
		if o.Errors != 0 || o.NotSent.Len() != 81 {
			t.Errorf("%+v", o.Report)
		}
		c.inOrder(in, o)
	})
}

// hesitant is an input that comes in pieces, at its time: so that some of it is read while slots are
// held and some is on its way before.
type hesitant struct {
	pieces
	pause time.Duration
}

func (h *hesitant) Read(p []byte) (int, error) {
	if h.r.IntN(3) == 0 {
		time.Sleep(time.Duration(h.r.Int64N(int64(h.pause) + 1)))
	}
	return h.pieces.Read(p)
}

// wild makes everything happen to slots that can, at random.
type wild struct {
	*scripted
	r     *rand.Rand
	slots []int
	keys  []string
	every int  // commands from one event to the next, on average
	back  bool // also what makes commands overtake others
	event time.Time
	// aimed is when a slot was on its way to a node last.
	aimed map[[2]int]time.Time
}

func (w *wild) between(_ int, words []string) {
	slot := w.slots[w.r.IntN(len(w.slots))]
	if time.Since(w.event) > 100*time.Millisecond && len(words) > 1 { // somebody waits
		slot = cluster.SlotOf([]byte(words[1]))
	} else if w.r.IntN(w.every) > 0 {
		return
	}
	w.event = time.Now()
	from := w.owner(slot)
	to, moving := w.nodes[from].migrating[slot]
	if !moving {
		// Not twice to the same node while commands are on their way (time stands still then): one that
		// was sent there by an ASK of the first time would make its key there, whoever has it.
		if to = w.r.IntN(len(w.nodes)); to != from && time.Since(w.aimed[[2]int{slot, to}]) > 0 {
			w.start(slot, from, to)
		}
		return
	}
	w.aimed[[2]int{slot, to}] = w.event
	switch w.r.IntN(6) {
	case 0, 1, 2:
		key := w.keys[w.r.IntN(4)+4*slices.Index(w.slots, slot)]
		w.carry(from, to, key)
	case 3, 4:
		if !w.back && time.Since(w.last[[2]int{slot, to}]) == 0 {
			return // of the commands on their way the first would be refused and the others not
		}
		w.finish(slot, from, to)
		for i := range w.nodes {
			if w.r.IntN(2) == 0 {
				w.learn(i, slot, to)
			}
		}
	case 5:
		if w.back {
			w.carryAll(slot, to, from)
			w.learn(from, slot, from)
			w.learn(to, slot, from)
		}
	}
}

// wildInput is an input of all kinds of commands.
func wildInput(r *rand.Rand, commands int) (in *noted, keys []string) {
	in = &noted{}
	for tag := range 4 {
		for i := range 4 {
			keys = append(keys, fmt.Sprintf("{%d}%d", tag, i))
		}
	}
	key := func(tag int) string { return keys[4*tag+r.IntN(4)] }
	for in.count < commands {
		tag := r.IntN(4)
		switch r.IntN(40) {
		case 0:
			in.add("SMOVE %s %s", key(tag), key(tag))
		case 1:
			in.add("MULTI")
			for range 1 + r.IntN(3) {
				in.add("RPUSH %s", key(tag))
			}
			in.add("EXEC")
		case 2, 3:
			in.add("SREM %s", key(tag))
		default:
			in.add("RPUSH %s", key(tag))
		}
	}
	return in, keys
}

func TestTheOrderIsKeptWhateverMoves(t *testing.T) {
	for seed := range uint64(soak(100, 3_000)) {
		name := fmt.Sprint("seed ", seed)
		ok := t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runWild(t, seed) })
		})
		if !ok {
			return
		}
	}
}

func runWild(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	in, keys := wildInput(r, 20+r.IntN(200))
	c := newScripted(t, 2+r.IntN(3))
	w := &wild{scripted: c, event: time.Now(), aimed: map[[2]int]time.Time{}, r: rand.New(rand.NewPCG(seed, 2)), keys: keys, every: 2 + r.IntN(30), back: seed%4 == 3}
	for tag := range 4 {
		w.slots = append(w.slots, cluster.SlotOf([]byte(keys[4*tag])))
	}
	c.between = w.between
	all, _ := io.ReadAll(in.reader())
	source := &hesitant{pieces{string(all), r, 1 + r.IntN(3000)}, time.Duration(r.IntN(20)) * time.Millisecond}
	begun := time.Now()
	o := c.load(source)
	if refused := (*RefusedError)(nil); w.back && errors.As(o.end, &refused) && refused.Overtaken {
		c.inOrder(in, o)
	} else {
		c.check(in, o)
	}
	if took := time.Since(begun); took > 90*time.Second {
		t.Errorf("took %v", took)
	}
	if t.Failed() {
		t.Logf("%d nodes, an event for %d commands, back %v: %v", len(c.nodes), w.every, w.back, c.said)
	}
}
