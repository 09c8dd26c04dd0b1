package manual

import (
	"strings"

	"easycli/internal/cells"
)

// tree writes the arguments, one a line, with those inside of one below it.
func (p *page) tree(args []Argument, indent string) {
	column := min(36, p.Columns/2) // where the explanations stand
	for i := range args {
		a := &args[i]
		head, inner := a.Name, a.Arguments
		if a.Kind == OneOf && allTokens(inner) {
			head, inner = string(appendList(nil, inner, '|')), nil
		}
		if a.HasToken {
			head = strings.TrimSuffix(string(appendShown(nil, a.Token))+" "+head, " ")
		}
		if head == "" && a.Kind != OneOf && a.Kind != Block {
			head = `""`
		}
		what := a.explained()
		if head == "" {
			head, what = what, ""
		}
		head, _ = cells.Cut(head, p.Columns-len(indent)-1)
		row := indent + strings.TrimRight(head, " ")
		p.text.WriteString(row)
		gap := max(2, column-cells.Width(row))
		if what, _ = cells.Cut(what, p.Columns-1-cells.Width(row)-gap); what != "" {
			p.text.WriteString(strings.Repeat(" ", gap) + p.paint(faint, strings.TrimRight(what, " ")))
		}
		p.text.WriteByte('\n')
		p.tree(inner, indent+"  ")
	}
}

// allTokens reports whether arguments are nothing but words to choose from.
func allTokens(args []Argument) bool {
	for i := range args {
		if args[i].Kind != PureToken {
			return false
		}
	}
	return true
}

// explained is what an argument is, in words.
func (a *Argument) explained() string {
	text := [...]string{
		String: "text", Integer: "whole number", Double: "number", Key: "key", Pattern: "pattern with * ? []",
		UnixTime: "Unix time", PureToken: "", OneOf: "one of", Block: "together",
	}[a.Kind]
	for _, more := range []struct {
		is   bool
		text string
	}{{a.Optional, "optional"}, {a.Multiple, "may come again"}} {
		if more.is && text != "" {
			text += ", "
		}
		if more.is {
			text += more.text
		}
	}
	return text
}
