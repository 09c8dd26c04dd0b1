package progress

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Facts are how far the work is at a moment.
type Facts struct {
	// Bytes of TotalBytes are done, which is 0 where it is not known.
	Bytes, TotalBytes int64
	// Items of TotalItems are done, which is 0 where it is not known. Noun is what they are called,
	// in the plural and in ASCII: "commands".
	Items, TotalItems int64
	Noun              string
	// Errors is how many of them failed.
	Errors int64
	// Waiting says that the next thing is up to the server.
	Waiting bool
	// Note is a short word about what is being done, in ASCII, if it is not the usual.
	Note string
	// Parts are the shares of several nodes in the items.
	Parts []Part
}

// Part is the share of a node.
type Part struct {
	Name  string
	Items int64
}

// done is how much of the whole is done, from 0 to 1, and whether that is known.
func (f Facts) done() (float64, bool) {
	switch {
	case f.TotalBytes > 0:
		return min(1, float64(f.Bytes)/float64(f.TotalBytes)), true
	case f.TotalItems > 0:
		return min(1, float64(f.Items)/float64(f.TotalItems)), true
	}
	return 0, false
}

// piece is a part of the line. The lower its rank, the sooner it is left out where there is no room.
type piece struct {
	text string
	rank int
}

// compose is the line, in less than width columns, so that the cursor stays in it.
func compose(f Facts, p *pace, width int) string {
	pieces := piecesOf(f, p)
	for {
		text, least := "", 0
		for i, one := range pieces {
			if i > 0 {
				text += "  "
			}
			text += one.text
			if one.rank < pieces[least].rank {
				least = i
			}
		}
		if len(text) < width {
			return text
		}
		if len(pieces) == 1 {
			return text[:max(0, width-1)]
		}
		pieces = append(pieces[:least], pieces[least+1:]...)
	}
}

func piecesOf(f Facts, p *pace) []piece {
	var pieces []piece
	add := func(rank int, format string, args ...any) {
		pieces = append(pieces, piece{fmt.Sprintf(format, args...), rank})
	}
	items, bytes := p.rates()
	done, known := f.done()
	if known {
		add(9, "%d%%", int(done*100))
	}
	switch {
	case f.TotalBytes > 0:
		add(5, "%s/%s", size(f.Bytes), size(f.TotalBytes))
	case f.Bytes > 0:
		add(5, "%s", size(f.Bytes))
	}
	if f.TotalItems > 0 {
		add(6, "%s/%s %s", count(f.Items), count(f.TotalItems), f.Noun)
	} else {
		add(6, "%s %s", count(f.Items), f.Noun)
	}
	add(7, "%s/s", count(int64(items)))
	if bytes >= 1 {
		add(4, "%s/s", size(int64(bytes)))
	}
	if left, ok := p.left(f); ok && f.Note == "" {
		add(8, "ETA %s", left)
	}
	switch {
	case f.Errors == 1:
		add(10, "1 error")
	case f.Errors > 1:
		add(10, "%s errors", count(f.Errors))
	}
	if f.Note != "" {
		add(11, "%s", f.Note)
	} else if quiet := p.quiet(f); quiet >= stall {
		add(11, "no replies for %d s", int(quiet.Seconds()))
	}
	for i, part := range f.Parts {
		add(3-i, "%s %s/s", printable(part.Name), count(int64(p.partRate(i))))
	}
	return pieces
}

// printable is a name of a node, which may be what some server says it is.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r
		}
		return '?'
	}, name)
}

// stall is how long a server may be silent before that is worth a word.
const stall = 2 * time.Second

// count is a number in at most five columns, as long as that is possible.
func count(n int64) string {
	if n < 10_000 {
		return strconv.FormatInt(n, 10)
	}
	return scaled(n, "kMGT")
}

// size is a number of bytes.
func size(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	text := scaled(n, "kMGT")
	return text[:len(text)-1] + " " + text[len(text)-1:] + "B"
}

// scaled is a number of at least 1000 with three digits that count and the letter of its thousands.
func scaled(n int64, letters string) string {
	v, at := float64(n)/1000, 0
	for v >= 999.5 && at < len(letters)-1 {
		v /= 1000
		at++
	}
	digits := 0
	if v < 99.95 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + letters[at:at+1]
}
