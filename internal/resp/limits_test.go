package resp

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// ends reads all replies, as trees, as tokens and skipping, and returns how that ended; all three
// must agree.
func ends(t *testing.T, wire string, prepare func(*Reader)) error {
	t.Helper()
	var all []error
	for _, next := range []func(*Reader) error{
		func(r *Reader) error { _, err := r.ReadValue(); return err },
		func(r *Reader) error { _, err := r.Next(); return err },
		func(r *Reader) error { _, err := r.Skip(nil); return err },
	} {
		r := NewReader(strings.NewReader(wire))
		if prepare != nil {
			prepare(r)
		}
		var err error
		for err == nil {
			err = next(r)
		}
		all = append(all, err)
	}
	if all[0].Error() != all[1].Error() || all[0].Error() != all[2].Error() {
		t.Errorf("%.40q: trees end with %v, tokens with %v, skipping with %v", wire, all[0], all[1], all[2])
	}
	return all[0]
}

func TestDepthIsLimited(t *testing.T) {
	nested := func(aggregate string, depth int, end string) string {
		return strings.Repeat(aggregate, depth) + end + "+SENTINEL\r\n"
	}
	for _, c := range []struct {
		name  string
		wire  string
		limit int
		want  string
	}{
		{"what a server sent", nested("*1\r\n", 7990, ":1\r\n"), 0, "end"},
		{"the limit", nested("*1\r\n", 10000, ":1\r\n"), 0, "end"},
		{"one more", nested("*1\r\n", 10001, ":1\r\n"), 0, "ERR"},
		{"maps", nested("%1\r\n+k\r\n", 10001, ":1\r\n"), 0, "ERR"},
		{"streamed", nested("*?\r\n", 10001, ":1\r\n"), 0, "ERR"},
		{"attributes of attributes", nested("|1\r\n", 10001, ":1\r\n"), 0, "ERR"},
		{"empty at the limit", nested("*1\r\n", 9999, "*0\r\n"), 0, "end"},
		{"a limit of its own", nested("*1\r\n", 3, ":1\r\n"), 3, "end"},
		{"beyond a limit of its own", nested("*1\r\n", 4, ":1\r\n"), 3, "ERR"},
		{"no depth for a row", strings.Repeat("*1\r\n:1\r\n", 20000), 1, "end"},
	} {
		err := ends(t, c.wire, func(r *Reader) { r.MaxDepth = c.limit })
		if got := ending(err); got != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestAttributesInARowAreLimited(t *testing.T) {
	for _, attribute := range []string{"|0\r\n", "|1\r\n+k\r\n:1\r\n", "|1\r\n|1\r\n+a\r\n*1\r\n:1\r\n+k\r\n*2\r\n:1\r\n:2\r\n"} {
		for _, around := range []string{"", "*2\r\n:1\r\n", "*?\r\n"} {
			tail := map[string]string{"*?\r\n": ".\r\n"}[around]
			most := around + strings.Repeat(attribute, 1024) + "+OK\r\n" + tail
			if err := ends(t, most+most+"+SENTINEL\r\n", nil); err != io.EOF {
				t.Errorf("1024 times %q in %q: %v", attribute, around, err)
			}
			if err := ends(t, around+strings.Repeat(attribute, 1025)+"+OK\r\n"+tail, nil); ending(err) != "ERR" {
				t.Errorf("1025 times %q in %q: %v", attribute, around, err)
			}
		}
	}
}

func TestAnAttributeIsOfTheValueBehindIt(t *testing.T) {
	for wire, want := range map[string]string{
		"|1\r\n+a\r\n:1\r\n|1\r\n+b\r\n:2\r\n+OK\r\n":          `|[+"a" :1 +"b" :2]+"OK"`,
		"|1\r\n+a\r\n:1\r\n*2\r\n|0\r\n:1\r\n:2\r\n":           `|[+"a" :1]*[|[]:1 :2]`,
		"%1\r\n|1\r\n+a\r\n:1\r\n+k\r\n|1\r\n+b\r\n_\r\n_\r\n": `%[|[+"a" :1]+"k" |[+"b" _nil]_nil]`,
		"|1\r\n+a\r\n:1\r\n$?\r\n;1\r\nx\r\n;0\r\n":            `|[+"a" :1]$"x"`,
	} {
		if got := trace(strings.NewReader(wire), false); got[0] != want || got[1] != "end" {
			t.Errorf("%q: got %q, want %s", wire, got, want)
		}
	}
	for _, wire := range []string{"*?\r\n|0\r\n.\r\n", "%?\r\n+k\r\n|0\r\n.\r\n"} { // an attribute of nothing
		if err := ends(t, wire, nil); ending(err) != "ERR" {
			t.Errorf("%q: %v", wire, err)
		}
	}
}

func TestPushesInsidePushesDoNotRecurse(t *testing.T) {
	for _, c := range []struct {
		name, level string
		depth       int
		want        string
		pushes      int
	}{
		{"a chain", ">1\r\n", 10000, "end", 1},
		{"too long a chain", ">1\r\n", 1000000, "ERR", 0},
		{"messages inside messages", ">2\r\n+message\r\n", 10000, "end", 1},
		{"RESP2 messages inside messages", "*2\r\n+message\r\n", 10000, "end", 1},
		{"too many of them", "*2\r\n+message\r\n", 1000000, "ERR", 0},
	} {
		pushes := 0
		err := ends(t, strings.Repeat(c.level, c.depth)+":1\r\n+OK\r\n", func(r *Reader) {
			pushes = 0
			r.Subscribed = true
			r.OnPush = func(Value) { pushes++ }
		})
		if ending(err) != c.want || pushes != c.pushes {
			t.Errorf("%s: %v and %d pushes, want %s and %d", c.name, err, pushes, c.want, c.pushes)
		}
	}
}

// A Redis up to 7.0 may put a message between any two elements, so a reply of some depth may hold
// pushes at every level.
func TestPushesAtEveryLevel(t *testing.T) {
	const depth = 5000
	wire := strings.Repeat("*2\r\n+a\r\n>1\r\n+message\r\n", depth) + ":1\r\n+OK\r\n"
	pushes := 0
	r := NewReader(strings.NewReader(wire))
	r.OnPush = func(Value) { pushes++ }
	v, err := r.ReadValue()
	if got, want := string(notation(nil, v)), strings.Repeat(`*[+"a" `, depth)+":1"+strings.Repeat("]", depth); got != want || err != nil || pushes != depth {
		t.Errorf("%s, %v and %d pushes", brief(got), err, pushes)
	}
}

func TestAnOpenSubscriptionSortsArrays(t *testing.T) {
	const (
		message   = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n"
		confirmed = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
		pong      = "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
		push      = ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
	)
	for _, c := range []struct {
		wire                      string
		subscribed, confirmations bool
		want                      string
	}{
		{message + pong, true, false, `push push*[$"message" $"c" $"m"]; *[$"pong" $""]; end`},
		{message + pong, false, false, `*[$"message" $"c" $"m"]; *[$"pong" $""]; end`},
		{confirmed + message, true, false, `*[$"subscribe" $"c" :1]; push push*[$"message" $"c" $"m"]; end`},
		{push + pong, false, true, `>[$"subscribe" $"c" :1]; *[$"pong" $""]; end`},
		{push + pong, false, false, `push >[$"subscribe" $"c" :1]; *[$"pong" $""]; end`},
		{"*1\r\n" + message, true, false, `*[*[$"message" $"c" $"m"]]; end`},
	} {
		var events []string
		r := NewReader(strings.NewReader(c.wire))
		r.Subscribed, r.Confirmations = c.subscribed, c.confirmations
		r.OnPush = func(v Value) { events = append(events, "push "+string(notation(nil, v))) }
		v, err := r.ReadValue()
		for ; err == nil; v, err = r.ReadValue() {
			events = append(events, string(notation(nil, v)))
		}
		if got := strings.Join(append(events, ending(err)), "; "); got != c.want {
			t.Errorf("%q (%v, %v):\ngot  %s\nwant %s", c.wire, c.subscribed, c.confirmations, got, c.want)
		}
	}
}

func TestMaxTextIsALimitOfTrees(t *testing.T) {
	for wire, want := range map[string]string{
		"$100000\r\n" + strings.Repeat("x", 100000) + "\r\n":                      "end",
		"$100001\r\n" + strings.Repeat("x", 100001) + "\r\n":                      "ERR",
		"+" + strings.Repeat("x", 100000) + "\r\n":                                "end",
		"+" + strings.Repeat("x", 100001) + "\r\n":                                "ERR",
		"$?\r\n" + strings.Repeat(";5\r\nabcde\r\n", 20000) + ";0\r\n":            "end",
		"$?\r\n" + strings.Repeat(";5\r\nabcde\r\n", 20000) + ";1\r\nx\r\n;0\r\n": "ERR",
	} {
		r := NewReader(strings.NewReader(wire))
		r.MaxText = 100000
		_, err := r.ReadValue()
		if err == nil {
			_, err = r.ReadValue()
		}
		if ending(err) != want {
			t.Errorf("%s: %v, want %s", brief(wire), err, want)
		}
		if r := NewReader(strings.NewReader(wire)); true {
			r.MaxText = 1
			if _, err := r.Skip(nil); err != nil {
				t.Errorf("%s skipped: %v", brief(wire), err)
			}
		}
	}
}

func TestMaxTextHoldsHoweverATextArrives(t *testing.T) {
	for _, n := range []int{2, 100, 33000, 50000, 70000} {
		for _, form := range []string{"+%[2]s\r\n", "$%[1]d\r\n%[2]s\r\n", "$?\r\n;%[1]d\r\n%[2]s\r\n;0\r\n"} {
			wire := []byte(fmt.Sprintf(form, n, strings.Repeat("x", n)))
			for seed := range uint64(3) {
				for _, room := range []int{0, -1} {
					r := NewReader(inPieces(wire, seed))
					r.MaxText = int64(n + room)
					if v, err := r.ReadValue(); (err == nil) != (room == 0) || err == nil && len(v.Text) != n {
						t.Errorf("%.20q with MaxText %d: %d bytes, %v", wire, r.MaxText, len(v.Text), err)
					}
				}
			}
		}
	}
}

func TestResumeForgetsWhatLostNothing(t *testing.T) {
	late := errors.New("late")
	wires := []string{"", "+OK\r\n", "+O", "*1\r\n", ">1\r\n", ":x\r\n", "$5\r\n", "|0\r\n"}
	for i, wire := range wires {
		reads := 0
		r := NewReader(readFunc(func(p []byte) (int, error) {
			switch reads++; reads {
			case 1:
				return copy(p, wire), nil
			case 2, 3:
				return 0, late
			}
			return copy(p, "+LATER\r\n"), nil
		}))
		r.OnPush = func(Value) {}
		if wire == "" {
			reads++
		}
		var err, again error
		for err == nil {
			_, err = r.ReadValue()
		}
		r.Resume()
		reads = 3
		v, again := r.ReadValue()
		if lossless := i < 2; lossless != (again == nil && v.Text == "LATER") {
			t.Errorf("%q, %v, then %v, %v", wire, err, v, again)
		}
	}
}

func TestTheFirstErrorIsTheLast(t *testing.T) {
	broken := errors.New("broken")
	for wire, want := range map[string]error{"?": nil, "$3\r\nabcde": nil, "+OK": broken, "*1\r\n": broken, "": broken} {
		r := NewReader(io.MultiReader(strings.NewReader(wire), failing{broken}))
		_, first := r.ReadValue()
		if want != nil && first != want || want == nil && ending(first) != "ERR" {
			t.Errorf("%q: %v", wire, first)
		}
		for name, again := range map[string]func() error{
			"Next":      func() error { _, err := r.Next(); return err },
			"ReadValue": func() error { _, err := r.ReadValue(); return err },
			"Skip":      func() error { _, err := r.Skip(nil); return err },
			"Peek":      func() error { _, err := r.Peek(); return err },
			"Read":      func() error { _, err := r.Read(make([]byte, 9)); return err },
		} {
			if err := again(); err != first {
				t.Errorf("%q: %s returned %v after %v", wire, name, err, first)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestTheEndInsideAReplyIsUnexpected(t *testing.T) {
	whole := "|1\r\n+a\r\n*1\r\n:1\r\n%2\r\n$3\r\nabc\r\n=5\r\ntxt:x\r\n$?\r\n;1\r\nx\r\n;0\r\n*?\r\n_\r\n.\r\n"
	for i := range len(whole) + 1 {
		want := io.ErrUnexpectedEOF
		if i == 0 || i == len(whole) {
			want = io.EOF
		}
		if err := ends(t, whole[:i], nil); err != want {
			t.Errorf("%q: %v, want %v", whole[:i], err, want)
		}
	}
	push := ">3\r\n$7\r\nmessage\r\n+c\r\n=5\r\ntxt:x\r\n"
	for i := 1; i < len(push); i++ {
		err := ends(t, push[:i], func(r *Reader) { r.OnPush = func(Value) {} })
		if err != io.ErrUnexpectedEOF {
			t.Errorf("the push %q: %v", push[:i], err)
		}
	}
}

func TestASourceThatDoesNothingIsGivenUp(t *testing.T) {
	if _, err := NewReader(idle{}).ReadValue(); err != io.ErrNoProgress {
		t.Error(err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestReadValueInsideAReplyReadsItsElements(t *testing.T) {
	r := NewReader(strings.NewReader("*?\r\n+a\r\n*1\r\n:1\r\n.\r\n+OK\r\n"))
	if tok, err := r.Next(); tok.Kind != Array || err != nil {
		t.Fatal(tok, err)
	}
	var got []string
	for {
		v, err := r.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		if v.Kind == End {
			break
		}
		got = append(got, string(notation(nil, v)))
	}
	if fmt.Sprint(got) != `[+"a" *[:1]]` || r.Depth() != 0 {
		t.Error(got, r.Depth())
	}
	if v, err := r.ReadValue(); v.Text != "OK" {
		t.Error(v, err)
	}
}

func TestBeforeBlockIsCalledBeforeEveryRead(t *testing.T) {
	asked, read := 0, 0
	src := readFunc(func(p []byte) (int, error) {
		if read++; asked != read {
			t.Errorf("read %d came after %d calls", read, asked)
		}
		return copy(p, "+OK\r\n+OK\r\n"), nil
	})
	r := NewReader(src)
	r.BeforeBlock = func() { asked++ }
	for range 6 {
		if _, err := r.Skip(nil); err != nil {
			t.Fatal(err)
		}
	}
	if read != 3 {
		t.Errorf("%d reads for 6 replies, two of which came at a time", read)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestATreeHasALimit(t *testing.T) { // rule R7: what is held is bounded, whatever is announced
	many := strings.Repeat(":1\r\n", 100)
	for name, wire := range map[string]string{
		"many elements":   "*100\r\n" + many,
		"one long text":   "*2\r\n$5000\r\n" + strings.Repeat("x", 5000) + "\r\n:1\r\n",
		"texts together":  "*3\r\n" + strings.Repeat("$2000\r\n"+strings.Repeat("x", 2000)+"\r\n", 3),
		"many attributes": "|50\r\n" + many + ":1\r\n",
		"a nest":          strings.Repeat("*1\r\n", 99) + ":1\r\n",
	} {
		r := NewReader(strings.NewReader(wire + "+NEXT\r\n"))
		r.MaxTree = 4096
		_, err := r.ReadValue()
		if _, broken := err.(*ProtocolError); !broken {
			t.Errorf("%s: %v, want a protocol error", name, err)
		}
		r = NewReader(strings.NewReader(wire + "+NEXT\r\n"))
		r.MaxTree = 100 * (treeCost + 200)
		if _, err := r.ReadValue(); err != nil {
			t.Errorf("%s, with room: %v", name, err)
		} else if v, err := r.ReadValue(); v.Text != "NEXT" {
			t.Errorf("%s, with room: then %+v, %v", name, v, err)
		}
	}
}

func TestAPushHasALimitUnlessItIsDropped(t *testing.T) {
	push := ">101\r\n+message\r\n" + strings.Repeat(":1\r\n", 100)
	for _, wire := range []string{push + "+OK\r\n", "*2\r\n" + push + "+OK\r\n:1\r\n"} {
		r := NewReader(strings.NewReader(wire))
		r.MaxPush, r.OnPush = 4096, func(Value) { t.Error("a push beyond the limit was delivered") }
		if v, err := r.ReadValue(); err == nil {
			t.Errorf("%q: %+v, want a protocol error", wire[:4], v)
		}
		r = NewReader(strings.NewReader(wire))
		r.MaxPush, r.DropPushes = 4096, true
		if v, err := r.ReadValue(); err != nil || v.Text != "OK" && v.Elems[0].Text != "OK" {
			t.Errorf("%q, dropped: %+v, %v", wire[:4], v, err)
		}
	}
}
