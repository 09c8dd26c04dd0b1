package ttytest

import (
	"fmt"
	"strings"
)

// style is how a cell looks.
type style struct {
	attributes uint16
	fore, back string // names; empty is the terminal's own
}

// attributeNames are the attributes by their number in SGR; those without a name are not known.
var attributeNames = [...]string{1: "bold", 2: "faint", 3: "italic", 4: "underline", 5: "blink", 7: "reverse", 8: "hidden", 9: "struck"}

var colourNames = [...]string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

func (s style) String() string {
	var marks []string
	for i, name := range attributeNames {
		if s.attributes>>i&1 == 1 {
			marks = append(marks, name)
		}
	}
	if s.fore != "" {
		marks = append(marks, s.fore)
	}
	if s.back != "" {
		marks = append(marks, "on-"+s.back)
	}
	return strings.Join(marks, " ")
}

// render changes the style as CSI m with these parameters does, and reports whether it knew them.
func (s *style) render(params []int) bool {
	for i := 0; i < len(params); i++ {
		p := params[i]
		switch {
		case p == 0:
			*s = style{}
		case p < len(attributeNames) && attributeNames[p] != "":
			s.attributes |= 1 << p
		case p == 22:
			s.attributes &^= 1<<1 | 1<<2
		case p > 22 && p < 30 && p != 26:
			s.attributes &^= 1 << (p - 20)
		case p >= 30 && p <= 37:
			s.fore = colourNames[p-30]
		case p >= 40 && p <= 47:
			s.back = colourNames[p-40]
		case p >= 90 && p <= 97:
			s.fore = "bright-" + colourNames[p-90]
		case p >= 100 && p <= 107:
			s.back = "bright-" + colourNames[p-100]
		case p == 39:
			s.fore = ""
		case p == 49:
			s.back = ""
		case p == 38 || p == 48:
			name, used := colour(params[i+1:])
			if used == 0 {
				return false
			}
			if i += used; p == 38 {
				s.fore = name
			} else {
				s.back = name
			}
		default:
			return false
		}
	}
	return true
}

// colour reads what follows 38 or 48, and tells how many parameters that took.
func colour(params []int) (name string, used int) {
	switch {
	case len(params) >= 2 && params[0] == 5:
		return fmt.Sprintf("c%d", params[1]), 2
	case len(params) >= 4 && params[0] == 2:
		return fmt.Sprintf("#%02x%02x%02x", params[1], params[2], params[3]), 4
	}
	return "", 0
}
