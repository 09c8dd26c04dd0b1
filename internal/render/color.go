package render

import (
	"strings"

	"github.com/fatih/color"

	"easycli/internal/resp"
)

// paint is what switches a colour on and off; both are empty where there is none.
type paint struct{ on, off string }

// palette is the paint of each kind of scalar, and of the numbers before elements.
type palette struct {
	of    [resp.End + 1]paint
	index paint
	// The rest is for a person: fields and keys, the heads of tables and sections, what is said beside
	// a reply, and the strings within JSON.
	field, head, aside, text paint
}

// newPalette leaves strings, which are what people came for, in the terminal's own colour.
func newPalette() palette {
	var p palette
	failure, number, faint := mix(color.FgRed), mix(color.FgCyan), mix(color.Faint)
	p.of[resp.Error] = failure
	p.of[resp.Status] = mix(color.FgGreen)
	p.of[resp.Integer], p.of[resp.Double], p.of[resp.BigNumber] = number, number, number
	p.of[resp.Boolean] = number
	p.of[resp.Null], p.index, p.aside = faint, faint, faint
	p.field, p.head, p.text = mix(color.FgHiBlue), mix(color.Bold), mix(color.FgGreen)
	return p
}

// mix asks the library for a colour's sequences, whatever it thinks of the process's own output:
// that decision was taken with Options.Color.
func mix(a color.Attribute) paint {
	const middle = "|"
	c := color.New(a)
	c.EnableColor()
	on, off, _ := strings.Cut(c.Sprint(middle), middle)
	return paint{on, off}
}
