package render

import (
	"bytes"
	"slices"
	"strings"

	"easycli/internal/quote"
)

// table is rows of cells under heads. It is printed as columns, cut into several tables one below the
// other where the terminal is too narrow for all columns, and as a list of fields for each row where it
// is too narrow for that. Nothing of a cell is ever left out.
type table struct {
	heads []string
	rows  [][]cell // a row may be shorter than the heads
	// named says that heads are known by their name and come as they are met; the columns that are the
	// same in all rows are told once.
	named bool
	// last is how many rows have been printed before these.
	last int
}

// cell is what a table holds, safe for a terminal, and what it means to people.
type cell struct {
	text, reading string
	// short stands for both of them where cells stand side by side, if it is set.
	short string
	there bool // it is not only the place of one
}

// beside is the cell as it is shown beside others.
func (c cell) beside() cell {
	if c.short != "" {
		return cell{text: c.short}
	}
	return c
}

func (c *cell) width() int {
	width := widthOf([]byte(c.text))
	if c.reading != "" {
		width += 1 + widthOf([]byte(c.reading))
	}
	return width
}

// safe is a line of text that is safe for a terminal.
func safe(text []byte) string { return string(quote.AppendTerminal(nil, text)) }

// columns are the columns to be printed, and those that are the same in all rows.
func (b *table) columns() (varied, same []int) {
	for i := range b.heads {
		switch {
		case b.named && i > 0 && len(b.rows) > 1 && b.isSame(i):
			same = append(same, i)
		case i == 0 || b.isThere(i):
			varied = append(varied, i)
		}
	}
	return varied, same
}

func (b *table) isThere(column int) bool {
	for _, row := range b.rows {
		if column < len(row) && row[column].there {
			return true
		}
	}
	return false
}

func (b *table) isSame(column int) bool {
	for _, row := range b.rows {
		if column >= len(row) || !row[column].there || row[column].text != b.rows[0][column].text {
			return false
		}
	}
	return true
}

// columnWidth is how many cells a column takes.
func (b *table) columnWidth(column int) int {
	width := widthOf([]byte(b.heads[column]))
	for _, row := range b.rows {
		if column < len(row) {
			c := row[column].beside()
			width = max(width, c.width())
		}
	}
	return width
}

// isNumber reports whether a column has numbers alone, without anything beside them.
func (b *table) isNumber(column int) bool {
	for _, row := range b.rows {
		if column >= len(row) {
			continue
		}
		if c := row[column].beside(); c.reading != "" || strings.Trim(c.text, "-.0123456789") != "" {
			return false
		}
	}
	return true
}

// column is the place of the column with that name, a new one if there is none.
func (b *table) column(name []byte) int {
	text := safe(name)
	if i := slices.Index(b.heads, text); i >= 0 {
		return i
	}
	b.heads = append(b.heads, text)
	return len(b.heads) - 1
}

// set puts a cell into the last row. A second one of the same name goes beside the first.
func (b *table) set(name []byte, c cell) {
	row := &b.rows[len(b.rows)-1]
	i := b.column(name)
	for len(*row) <= i {
		*row = append(*row, cell{})
	}
	if (*row)[i].there {
		c = cell{text: (*row)[i].text + " " + c.text}
	}
	c.there = true
	(*row)[i] = c
}

// fieldsOf calls yield with each `name=value` of a line.
func fieldsOf(line []byte, yield func(name, value []byte)) {
	for word := range bytes.SplitSeq(line, []byte(" ")) {
		if len(word) > 0 {
			name, value, _ := bytes.Cut(word, []byte("="))
			yield(name, value)
		}
	}
}
