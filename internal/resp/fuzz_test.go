package resp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// pieces is a source whose reads return a random number of bytes, sometimes none.
type pieces struct {
	wire   []byte
	random *rand.Rand
}

func inPieces(wire []byte, seed uint64) *pieces {
	return &pieces{wire, rand.New(rand.NewPCG(seed, 0))}
}

func (s *pieces) Read(p []byte) (int, error) {
	if len(s.wire) == 0 {
		return 0, io.EOF
	}
	n := 1 + s.random.IntN(len(s.wire))
	if s.random.IntN(4) > 0 {
		n = s.random.IntN(10)
	}
	n = copy(p, s.wire[:min(n, len(s.wire))])
	s.wire = s.wire[n:]
	return n, nil
}

// fullTrace is a trace that tells the words of a protocol error, too.
func fullTrace(src io.Reader, prepare func(*Reader)) (events []string, end error) {
	r := NewReader(src)
	prepare(r)
	r.OnPush = func(v Value) { events = append(events, "push "+string(notation(nil, v))) }
	for {
		v, err := r.ReadValue()
		var p *ProtocolError
		if errors.As(err, &p) {
			return append(events, p.Msg), err
		}
		if err != nil {
			return append(events, err.Error()), err
		}
		events = append(events, string(notation(nil, v)))
	}
}

func addCorpus(f *testing.F) {
	for i, c := range corpus() {
		if len(c.wire) <= 4<<10 {
			f.Add([]byte(c.wire), uint64(i))
		}
	}
}

// FuzzReader reads any bytes: without a panic, in bounded memory, as the same events however they
// are cut, as the same trees, tokens and skipped replies, and with the next reply in its place.
func FuzzReader(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, wire []byte, seed uint64) {
		prepare := func(r *Reader) {
			r.Subscribed, r.Confirmations = seed&1 != 0, seed&2 != 0
		}
		whole, end := fullTrace(bytes.NewReader(wire), prepare)
		if cut, _ := fullTrace(inPieces(wire, seed), prepare); !slices.Equal(whole, cut) {
			t.Errorf("%q: in pieces %q, whole %q", wire, cut, whole)
		}
		if end == io.EOF {
			next, _ := fullTrace(strings.NewReader(string(wire)+"+SENTINEL\r\n"), prepare)
			want := append(slices.Clone(whole[:len(whole)-1]), `+"SENTINEL"`, "EOF")
			if !slices.Equal(next, want) {
				t.Errorf("%q and a reply: %q, want %q", wire, next, want)
			}
		}
		comparePaths(t, fmt.Sprintf("%q", wire), wire)
		checkMemory(t, fmt.Sprintf("%q", wire), wire)
	})
}

// FuzzWriteAndRead writes a random tree and reads it back.
func FuzzWriteAndRead(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, choices []byte, seed uint64) {
		v := (&grower{choices: choices, room: 2000}).tree()
		wire := v.Append(nil)
		r := NewReader(inPieces(append(slices.Clone(wire), "+SENTINEL\r\n"...), seed))
		got, err := r.ReadValue()
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Fatalf("%q: wrote %s, read %s, %v", wire, notation(nil, v), notation(nil, got), err)
		}
		if next, err := r.ReadValue(); next.Text != "SENTINEL" {
			t.Errorf("%q: then %v, %v", wire, next, err)
		}
		if again := got.Append(nil); !bytes.Equal(again, wire) {
			t.Errorf("read %q, wrote %q", wire, again)
		}
		comparePaths(t, fmt.Sprintf("%q", wire), wire)
	})
}

// grower makes a tree of every kind out of bytes: every choice takes one.
type grower struct {
	choices []byte
	room    int // values that may still be made
}

// choose is a choice among n, 0 when the bytes are used up.
func (g *grower) choose(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := int(g.choices[0])
	g.choices = g.choices[1:]
	return c % n
}

func (g *grower) tree() Value { return g.value(0) }

func (g *grower) value(depth int) Value {
	g.room--
	v := Value{Kind: Kind(1 + g.choose(int(Push))), Wire: 0}
	v.Wire = wireTypes[v.Kind]
	if g.choose(8) == 7 && g.room > 0 && depth < 50 {
		if pairs := g.elems(depth, 2); len(pairs) > 0 {
			v.Attrs = &pairs
		}
	}
	switch v.Kind {
	case Status:
		v.Text = g.line()
	case Error:
		if v.Text = g.line(); g.choose(2) == 1 {
			v.Wire, v.Text = '!', g.text()
		}
	case Integer:
		v.Int = int64(g.choose(256))<<56 | int64(g.choose(256))<<7 - 3
	case BulkString:
		v.Text = g.text()
	case Null:
		v.Wire = "_$*"[g.choose(3)]
	case Boolean:
		v.Int = int64(g.choose(2))
	case Double, BigNumber:
		v.Text = "1" + g.line()
	case Verbatim:
		v.Format, v.Text = [3]byte{byte(g.choose(256)), byte(g.choose(256)), 't'}, g.text()
	case Map:
		v.Elems = g.elems(depth, 2)
	case Push: // one that is an element wherever it stands
		v.Elems = append([]Value{{Kind: Integer, Wire: ':'}}, g.elems(depth, 1)...)
	default:
		v.Elems = g.elems(depth, 1)
	}
	return v
}

// elems is some elements, a multiple of that many.
func (g *grower) elems(depth, multiple int) (elems []Value) {
	if depth >= 50 {
		return nil
	}
	for n := multiple * g.choose(6); n > 0 && (g.room > 0 || len(elems)%multiple > 0); n-- {
		elems = append(elems, g.value(depth+1))
	}
	return elems
}

// text is any bytes; now and then so many that they do not come as one token.
func (g *grower) text() string {
	n := min(g.choose(256), len(g.choices))
	text := string(g.choices[:n])
	g.choices = g.choices[n:]
	if g.choose(40) == 39 {
		text = strings.Repeat(text+"\r", 1000)
	}
	return text
}

func (g *grower) line() string {
	return strings.NewReplacer("\r", "R", "\n", "N").Replace(g.text())
}

// FuzzAppendCommand reads back what is sent as a request.
func FuzzAppendCommand(f *testing.F) {
	for _, words := range []string{"GET\x00key", "", "\x00", "SET\x00k\x00\r\n\xff", "$5\r\nhello\r\n"} {
		f.Add([]byte(words), uint64(0))
	}
	f.Fuzz(func(t *testing.T, joined []byte, seed uint64) {
		byteWords := bytes.Split(joined, []byte{0})
		var words []string
		for _, w := range byteWords {
			words = append(words, strings.Repeat(string(w), 1+int(seed%3)*5000))
		}
		wire := AppendCommand([]byte("+BEFORE\r\n"), words...)
		r := NewReader(inPieces(AppendCommand(wire, byteWords...), seed))
		if v, err := r.ReadValue(); v.Text != "BEFORE" {
			t.Fatal(v, err)
		}
		for _, want := range [][]string{words, strings.Split(string(joined), "\x00")} {
			v, err := r.ReadValue()
			var got []string
			for _, e := range v.Elems {
				if e.Kind != BulkString {
					t.Errorf("an argument is a %v", e.Kind)
				}
				got = append(got, e.Text)
			}
			if err != nil || v.Kind != Array || !slices.Equal(got, want) {
				t.Errorf("%q was read as %q, %v", want, got, err)
			}
		}
		if _, err := r.ReadValue(); err != io.EOF {
			t.Error(err)
		}
	})
}
