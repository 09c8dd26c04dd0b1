package render

// The limits of a table: a column wider than that must be the last, and a table in more parts than that
// is hard to read.
const (
	flowing  = 24
	maxParts = 3
)

// tablePrinter prints tables.
type tablePrinter struct {
	out   *output
	paint *palette
	width int
}

// print prints the rows and forgets them.
func (t *tablePrinter) print(b *table) {
	if len(b.rows) == 0 {
		return
	}
	columns, same := b.columns()
	parts := t.parts(b, columns)
	if len(b.rows) == 1 && b.named || len(parts) > maxParts || parts == nil {
		t.list(b)
	} else {
		for i, part := range parts {
			if i > 0 {
				t.out.byte('\n')
			}
			t.part(b, part)
		}
		t.same(b, same)
	}
	b.last += len(b.rows)
	b.rows = b.rows[:0]
}

// parts cuts the columns into tables that are narrow enough, each of which begins with the first
// column. It is nil if there is a column that none can hold. The last column of all may be of any
// width: it goes on in the terminal's next line.
func (t *tablePrinter) parts(b *table, columns []int) [][]int {
	first := b.columnWidth(columns[0])
	parts, room := [][]int{{columns[0]}}, t.width-first
	for i, column := range columns[1:] {
		width := 2 + b.columnWidth(column)
		if i == len(columns)-2 {
			width = min(width, 2+flowing)
		}
		part := &parts[len(parts)-1]
		if width > room {
			if len(*part) == 1 || width > t.width-first {
				return nil
			}
			parts, room = append(parts, []int{columns[0]}), t.width-first
			part = &parts[len(parts)-1]
		}
		*part = append(*part, column)
		room -= width
	}
	return parts
}

// part prints some of the columns.
func (t *tablePrinter) part(b *table, columns []int) {
	widths, numbers := make([]int, len(columns)), make([]bool, len(columns))
	heads := make([]cell, len(b.heads))
	for i, column := range columns {
		widths[i] = b.columnWidth(column)
		numbers[i] = widths[i] <= flowing && b.isNumber(column)
		heads[column].text = b.heads[column]
	}
	t.out.string(t.paint.head.on)
	t.row(heads, columns, widths, numbers)
	t.out.string(t.paint.head.off)
	t.out.byte('\n')
	for _, row := range b.rows {
		t.row(row, columns, widths, numbers)
		t.out.byte('\n')
		t.out.room()
	}
}

// row prints some cells of a row, and no blanks behind the last that has anything.
func (t *tablePrinter) row(row []cell, columns, widths []int, numbers []bool) {
	blanks := 0
	for i, column := range columns {
		var c cell
		if column < len(row) {
			c = row[column].beside()
		}
		width := c.width()
		if c.text == "" {
			blanks += widths[i] + 2
			continue
		}
		if numbers[i] {
			blanks += widths[i] - width
		}
		t.out.spaces(blanks)
		t.out.string(c.text)
		t.reading(" ", c.reading)
		if blanks = 2; !numbers[i] {
			blanks += widths[i] - width
		}
	}
}

func (t *tablePrinter) reading(before, reading string) {
	if reading != "" {
		t.out.string(before)
		t.out.string(t.paint.aside.on)
		t.out.string(reading)
		t.out.string(t.paint.aside.off)
	}
}

// same tells the columns that are the same in all rows, in lines of their own.
func (t *tablePrinter) same(b *table, columns []int) {
	if len(columns) == 0 {
		return
	}
	t.out.string(t.paint.aside.on)
	const opening = "in each:"
	t.out.string(opening)
	room := t.width - len(opening)
	for _, column := range columns {
		text := " " + b.heads[column] + "=" + b.rows[0][column].text
		width := widthOf([]byte(text))
		if width > room && room < t.width-2 {
			t.out.string("\n ")
			room = t.width - 1
		}
		t.out.string(text)
		room -= width
	}
	t.out.string(t.paint.aside.off)
	t.out.byte('\n')
}

// list prints each row as a list of its fields.
func (t *tablePrinter) list(b *table) {
	names := 0
	for _, head := range b.heads {
		if width := widthOf([]byte(head)); width <= t.width/2 {
			names = max(names, width)
		}
	}
	places := digits(int64(b.last + len(b.rows)))
	for i, row := range b.rows {
		indent := 0
		if !b.named || len(b.rows)+b.last > 1 {
			indent = places + 2
			t.out.string(t.paint.index.on)
			t.out.spaces(places - digits(int64(b.last+i+1)))
			t.out.int(int64(b.last + i + 1))
			t.out.string(")" + t.paint.index.off + " ")
		}
		lines := 0
		for column := range row {
			if !row[column].there {
				continue
			}
			if lines++; lines > 1 {
				t.out.spaces(indent)
			}
			t.field(b.heads[column], names, &row[column])
		}
		if lines == 0 {
			t.out.byte('\n')
		}
	}
}

// field prints a name in a column of that width, and what it has.
func (t *tablePrinter) field(name string, width int, c *cell) {
	t.out.string(t.paint.field.on)
	t.out.string(name)
	t.out.string(t.paint.field.off)
	if c.text != "" {
		t.out.spaces(max(0, width-widthOf([]byte(name))) + 2)
		t.out.string(c.text)
		t.reading("  ", c.reading)
	}
	t.out.byte('\n')
	t.out.room()
}
