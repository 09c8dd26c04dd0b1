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
	used, glued := cells.Width(label)-indent, true
	p.text.WriteString(p.paint(labelColor, label) + strings.Repeat(" ", max(0, -used)))
	used = max(0, used)
	torn := false // within a bracket
	for text != "" {
		unit := text[:unitEnd(text, room, torn)]
		text = strings.TrimPrefix(text[len(unit):], " ")
		width := cells.Width(unit)
		switch {
		case glued && used+width <= room:
		case used+1+width > room:
			p.text.WriteString("\n" + strings.Repeat(" ", indent))
			used = 0
		default:
			p.text.WriteByte(' ')
			used++
		}
		p.text.WriteString(p.paint(color, unit))
		glued = strings.HasSuffix(unit, "|")
		used, torn = used+width, glued
	}
	p.text.WriteByte('\n')
}

// unitEnd is where the first word of a text ends, or the bracket that it opens. A bracket that is
// wider than room is torn: it ends behind each of its alternatives.
func unitEnd(text string, room int, torn bool) int {
	open, bar := 0, 0
	if torn {
		open, room = 1, 0
	}
	for i := range len(text) {
		switch c := text[i]; {
		case i > room && bar > 0:
			return bar
		case c == '[':
			open++
		case c == ']':
			open--
		case c == '|' && open == 1 && bar == 0:
			bar = i + 1
		case c == ' ' && (open <= 0 || i > room && !torn):
			return i
		}
	}
	return len(text)
}
