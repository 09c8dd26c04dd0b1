package manual

import (
	"strings"

	"easycli/internal/cells"
	"easycli/internal/quote"
)

// Style is how a page is to look.
type Style struct {
	// Columns is the width of the terminal, 80 if it is 0.
	Columns int
	// Color says that the terminal shows colours, and wants them.
	Color bool
}

// maxListed is how many commands a search shows.
const maxListed = 20

// Page is for a person: what there is to know of the command that the words name, or the commands of
// a group with an @ in front, or else those that have to do with the words.
func (b *Book) Page(words []string, style Style) string {
	p := page{Style: style}
	if p.Columns <= 0 {
		p.Columns = 80
	}
	p.Columns = max(p.Columns, 20)
	group, isGroup := "", false
	if len(words) > 0 {
		group, isGroup = strings.CutPrefix(words[0], "@")
	}
	e, n := b.Find(words)
	switch {
	case len(words) == 0:
		p.groups(b)
	case isGroup && len(words) == 1 && len(b.about(words)) > 0:
		p.line(0, "Commands of the group "+strings.ToLower(group)+":")
		p.list(b.about(words), len(b.entries))
		p.text.WriteByte('\n')
		p.line(0, "help "+example(b.about(words))+" says more about one of them.")
	case e != nil && n == len(words):
		p.command(b, e)
	default:
		p.search(b, words)
	}
	return p.text.String()
}

// page is a page being written.
type page struct {
	Style
	text strings.Builder
}

// The looks of a page.
const (
	bold  = "1"
	faint = "90"
	title = "33"
)

// paint is a text in a colour.
func (p *page) paint(color, text string) string {
	if !p.Color || color == "" || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// command writes all about one.
func (p *page) command(b *Book, e *Entry) {
	syntax := e.Syntax()
	if e.Unwritten {
		syntax = "..."
	}
	indent := min(len(e.Name)+1, 16)
	if syntax == "" {
		indent = 0
	}
	p.wrapped(e.Name, bold, indent, faint, syntax)
	if e.Summary != "" {
		p.text.WriteByte('\n')
		p.line(2, e.Summary)
	}
	if e.Elsewhere {
		p.line(2, "This server does not have it.")
	}
	p.text.WriteByte('\n')
	instead := e.Instead
	if e.Deprecated != "" && instead == "" {
		instead = "not recommended any more"
	}
	for _, fact := range [][2]string{
		{"group", e.Group}, {"since", e.Since}, {"complexity", e.Complexity}, {"outdated", e.Deprecated}, {"instead", instead},
	} {
		if fact[1] != "" {
			p.wrapped("  "+fact[0], title, 14, "", fact[1])
		}
	}
	if len(e.Arguments) > 0 {
		p.text.WriteString("\n  " + p.paint(title, "arguments") + "\n")
		p.tree(e.Arguments, "    ")
	}
	if sub := b.under(e.Name + " "); len(sub) > 0 {
		p.text.WriteString("\n  " + p.paint(title, "subcommands") + "\n")
		p.list(pointers(sub), len(sub))
	}
	p.seeAlso(b, e)
}

// list writes names and what they do, one command a line.
func (p *page) list(entries []*Entry, most int) {
	width := 0
	for _, e := range entries[:min(most, len(entries))] {
		width = max(width, len(e.Name))
	}
	width = min(width, 28)
	for _, e := range entries[:min(most, len(entries))] {
		gap := strings.Repeat(" ", max(0, width-len(e.Name))+2)
		room := p.Columns - 1 - 2 - max(width, len(e.Name)) - 2
		summary := ""
		if room >= 10 {
			summary, _ = cells.Clip(e.Summary, room)
		}
		p.text.WriteString("  " + p.paint(bold, e.Name) + strings.TrimRight(gap+summary, " ") + "\n")
	}
	if more := len(entries) - most; more > 0 {
		p.line(0, "  and others: more words would narrow it down")
	}
}

// groups writes the groups there are.
func (p *page) groups(b *Book) {
	p.line(0, "Groups of commands:")
	var names []string
	for _, group := range b.groups {
		names = append(names, "@"+group)
	}
	p.line(2, strings.Join(names, " "))
}

// search writes what has to do with the words.
func (p *page) search(b *Book, words []string) {
	asked := string(quote.AppendTerminal(nil, strings.Join(words, " ")))
	var v Verdict
	v.suggest("", words[0], b.entries)
	if found := b.Search(words); len(found) > 0 {
		if v.Near != "" && !v.Beginning && len(words) == 1 {
			p.line(0, "Did you mean help "+v.Near+"?")
			p.text.WriteByte('\n')
		}
		p.line(0, `Commands that have to do with "`+asked+`":`)
		p.list(found, maxListed)
		p.text.WriteByte('\n')
		p.line(0, "help "+example(found)+" says more about one of them.")
		return
	}
	p.line(0, `Nothing is known about "`+asked+`".`)
	if v.Near != "" {
		p.line(0, "Did you mean help "+v.Near+"?")
		return
	}
	p.line(0, "A word or two to search for will do, as in help expire hash; help @string lists a group.")
}

func example(found []*Entry) string { return found[0].Name }

func pointers(entries []Entry) []*Entry {
	all := make([]*Entry, len(entries))
	for i := range entries {
		all[i] = &entries[i]
	}
	return all
}

// seeAlso writes where to read on.
func (p *page) seeAlso(b *Book, e *Entry) {
	var names []string
	if parent, _, ok := strings.Cut(e.Name, " "); ok && b.entry(parent) != nil {
		names = append(names, parent)
	}
	for _, other := range b.related(e) {
		names = append(names, other.Name)
	}
	if e.Group != "" {
		names = append(names, "@"+e.Group)
	}
	if len(names) > 0 {
		p.text.WriteByte('\n')
		p.wrapped("  see also", title, 14, "", "help "+strings.Join(names, ", "))
	}
}
