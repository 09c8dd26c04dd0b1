package bulk

import (
	"fmt"
	"io"

	"easycli/internal/rows"
)

// Input is one thing to load: stdin, or a file. Neither a command nor a transaction spans two of them,
// and each begins in the database of the connection.
type Input struct {
	// Name is what messages call it, "" for stdin alone.
	Name string
	// Size is its length where that is known, as for a file, and 0 otherwise. With it, a command too
	// large to hold is not begun unless all of it is there.
	Size int64
	// Packed is its length as it lies there, which is all that is known where it is compressed. A
	// reader with a method Consumed says how much of that it has read.
	Packed int64
	// Format is how rows are written in it, for a load with a template.
	Format rows.Format
	// Tail reads the last bytes of it as it lies there, so many at most; nil where that cannot be done
	// without reading all of it.
	Tail func(n int64) ([]byte, error)
	// Open opens it when its turn comes; the load closes it.
	Open func() (io.ReadCloser, error)
}

// title is what a sentence calls it.
func (in *Input) title() string {
	if in.Name == "" {
		return "the input"
	}
	return in.Name
}

// Place is where a command stands in the input.
type Place struct {
	// Number counts the commands of all inputs, from 1.
	Number int64
	// Input is the input's name.
	Input string
	// Line is from 1, for text; 0 for RESP.
	Line int64
	// Offset is in bytes from the beginning of its input.
	Offset int64
}

// String is for people: a text editor shows lines, other tools offsets.
func (p Place) String() string {
	at := fmt.Sprintf("command %d", p.Number)
	if p.Line > 0 {
		at = fmt.Sprintf("line %d", p.Line)
	}
	if p.Input != "" {
		at = p.Input + ", " + at
	}
	return fmt.Sprintf("%s, byte %d", at, p.Offset)
}

// offset is where a command begins, without its number.
func (p Place) offset() string {
	if p.Input != "" {
		return fmt.Sprintf("%s, byte %d", p.Input, p.Offset)
	}
	return fmt.Sprintf("byte %d", p.Offset)
}
