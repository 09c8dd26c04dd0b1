package manual

import (
	"strings"

	"easycli/internal/cells"
)

// line writes a text in as many rows as it takes, all of them indented.
func (p *page) line(indent int, text string) {
	p.wrapped(strings.Repeat(" ", indent), "", indent, "", text)
}

// wrapped writes a label and a text in as many rows as it takes, those after the first indented. What
// is in brackets is not torn if it fits in a row.
func (p *page) wrapped(label, labelColor string, indent int, color, text string) {
	room := max(p.Columns-indent-1, 10)
	used := cells.Width(label) - indent
	p.text.WriteString(p.paint(labelColor, label) + strings.Repeat(" ", max(0, -used)))
	used = max(0, used)
	row, glued, open := "", false, 0
	for text != "" {
		unit := text[:unitEnd(text, room, open > 0)]
		text = strings.TrimPrefix(text[len(unit):], " ")
		width := cells.Width(unit)
		switch {
		case used == 0, glued && used+width <= room:
		case used+1+width > room:
			p.text.WriteString(p.paint(color, row) + "\n" + strings.Repeat(" ", indent))
			row, used = "", 0
		case row == "":
			p.text.WriteByte(' ') // behind the label
			used++
		default:
			row += " "
			used++
		}
		row += unit
		used, glued = used+width, strings.HasSuffix(unit, "|")
		open = max(0, open+strings.Count(unit, "[")-strings.Count(unit, "]"))
	}
	p.text.WriteString(p.paint(color, row) + "\n")
}

// unitEnd is where the first word of a text ends, or the bracket that it opens. A bracket that is
// wider than room, and one that is torn already, ends behind each of its alternatives and in front of
// the brackets in it.
func unitEnd(text string, room int, torn bool) int {
	if whole := blankOutside(text); whole <= room && (!torn || text[0] == '[') {
		return whole
	}
	open, first := 0, strings.IndexByte(text, ' ')
	if first < 0 {
		first = len(text)
	}
	for i := 1; i < min(len(text)-1, room); i++ {
		switch c := text[i]; {
		case c == '[':
			open++
		case c == ']':
			open--
		case c == '|' && open <= 0:
			return i + 1
		case c == ' ' && (open < 0 || text[i+1] == '['):
			return i
		}
	}
	if len(text) <= room {
		return len(text)
	}
	return first
}

// blankOutside is where the first blank of a text is that is not in a bracket.
func blankOutside(text string) int {
	open := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '[':
			open++
		case c == ']':
			open--
		case c == ' ' && open <= 0:
			return i
		}
	}
	return len(text)
}
