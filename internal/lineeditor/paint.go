package lineeditor

import (
	"strings"

	"easycli/internal/cells"
)

// Style is what a part of a line is, and so how it looks.
type Style byte

// The styles.
const (
	Plain Style = iota
	Command
	Subcommand
	Token
	Key
	String
	Number
	Wrong
	Faint
	// Secret is text that nobody should read over a shoulder: a * for each character.
	Secret
)

// Span is how the bytes From to To of a line look.
type Span struct {
	From, To int
	Style    Style
}

// What says more than a colour does, and is there without colours too: text that nobody typed, what
// a search has found, what was chosen, and what cannot be shown as it is.
const (
	sgrReset  = "\x1b[0m"
	sgrFaint  = "\x1b[2m"
	sgrFound  = "\x1b[1m"
	sgrChosen = "\x1b[7m"
	sgrOdd    = "\x1b[7m"
)

// sgr is the escape sequence of a style, in the sixteen colours that every terminal has and people
// have chosen.
func (s Style) sgr(color bool) string {
	if s == Faint {
		return sgrFaint
	}
	if !color {
		return ""
	}
	switch s {
	case Command:
		return "\x1b[1;36m"
	case Subcommand:
		return "\x1b[36m"
	case Token:
		return "\x1b[35m"
	case Key:
		return "\x1b[34m"
	case String:
		return "\x1b[32m"
	case Number:
		return "\x1b[33m"
	case Wrong:
		return "\x1b[31m"
	}
	return ""
}

const (
	// hugeText is from where on only the text around the cursor is laid out, in steps of hugeStep.
	hugeText = 8 << 10
	hugeStep = 4 << 10
	// plainText is from where on a text has no colours, hints or suggestions.
	plainText = 4 << 10
)

// paint shows the line as it is now.
func (r *reading) paint() {
	columns, rows := r.e.size()
	f := r.e.screen.blank(columns)
	switch {
	case r.search != nil:
		r.paintSearch(f)
	default:
		r.paintLine(f, rows)
	}
	f.end()
	menu := r.menuHeight(len(f.rows), rows)
	r.top = f.clip(max(1, rows-menu), r.top)
	if menu > 0 {
		r.paintMenu(f, menu)
	}
	r.e.screen.show(f, r.typed)
	r.typed = false
}

// paintLine appends the prompt, the text and what may follow it.
func (r *reading) paintLine(f *frame, height int) {
	from := 0
	if len(r.text) > hugeText {
		from = max(0, r.at/hugeStep-1) * hugeStep
	}
	prompt := r.e.promptNow()
	if from > 0 {
		from = before(r.text, from+1)
		f.write("…", sgrFaint)
	} else {
		f.prompt(prompt, r.e.cfg.Color)
	}
	r.paintText(f, from, height, continuation(promptWidth(prompt), f.columns))
	if ghost, style := r.ghost(); ghost != "" {
		f.writeCut(ghost, style)
	}
}

// paintText appends the text from an offset on, as far as there can be rows for it below the cursor.
func (r *reading) paintText(f *frame, from, height int, next string) {
	spans := r.spans()
	for at, marked := from, false; ; {
		if at >= r.at && !marked {
			f.mark()
			marked = true
		}
		if at >= len(r.text) || at > r.at && len(f.rows) > f.cursor.row+height {
			return
		}
		for len(spans) > 0 && spans[0].To <= at {
			spans = spans[1:]
		}
		style := Plain
		if len(spans) > 0 && spans[0].From <= at {
			style = spans[0].Style
		}
		g := glyphAt(r.text, at)
		switch {
		case r.kind == secret, style == Secret && r.text[at] != '\n':
			f.put("*", 1, "")
		case r.text[at] == '\n':
			f.wrap(false)
			f.write(next, sgrFaint)
		default:
			f.putGlyph(g, style.sgr(r.e.cfg.Color))
		}
		at += g.size
	}
}

// spans is the colours of the text.
func (r *reading) spans() []Span {
	if r.kind != line || r.e.cfg.Assistant == nil || len(r.text) > plainText {
		return nil
	}
	if r.last == nil || r.last.text != r.text {
		r.last = &painted{r.text, r.e.cfg.Assistant.Paint(r.text)}
	}
	return r.last.spans
}

// painted is the colours that a text was last shown with.
type painted struct {
	text  string
	spans []Span
}

// continuation is the prompt of a row that is not the first.
func continuation(width, columns int) string {
	const mark = "... "
	if width <= len(mark) || width > columns/2 {
		return mark
	}
	return strings.Repeat(" ", width-len(mark)) + mark
}

// writeCut appends a text that nobody typed, as far as the row has room and one cell more.
func (f *frame) writeCut(text, style string) {
	room := f.room() - 1
	if room < 4 {
		return
	}
	text, _ = cells.Clip(text, room)
	f.write(text, style)
}
