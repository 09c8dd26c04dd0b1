package lineeditor

// Binding is keys that do the same, and what that is.
type Binding struct {
	Keys []string
	Does string
}

// Bindings is the table of keys, for people to read.
func Bindings() []Binding {
	all := bindings()
	table := make([]Binding, len(all))
	for i, b := range all {
		table[i] = Binding{b.keys, b.does}
	}
	return table
}

type binding struct {
	keys   []string
	does   string
	action func(*reading)
}

// bindings is what every key does while nothing is searched or chosen from.
func bindings() []binding {
	return []binding{
		{[]string{"Enter"}, "run the line; another row while a quote is open", (*reading).accept},
		{[]string{"Alt-Enter"}, "another row", func(r *reading) { r.insert("\n") }},
		{[]string{"Ctrl-C"}, "give the line up", (*reading).interrupt},
		{[]string{"Ctrl-D"}, "delete a character; leave, if the line is empty", (*reading).deleteOrEnd},
		{[]string{"Tab"}, "complete; again: choose", (*reading).complete},

		{[]string{"Left", "Ctrl-B"}, "back by a character", func(r *reading) { r.left() }},
		{[]string{"Right", "Ctrl-F"}, "on by a character; take the suggestion", (*reading).rightOrTake},
		{[]string{"Ctrl-Left", "Alt-Left", "Alt-B"}, "back by a word", func(r *reading) { r.at = r.wordBefore() }},
		{[]string{"Ctrl-Right", "Alt-Right", "Alt-F"}, "on by a word; take a word of the suggestion",
			(*reading).wordOrTake},
		{[]string{"Home", "Ctrl-A"}, "to the beginning of the row", func(r *reading) { r.at = r.rowStart(r.at) }},
		{[]string{"End", "Ctrl-E"}, "to the end of the row; take the suggestion", (*reading).endOrTake},

		{[]string{"Up", "Ctrl-P"}, "a row up; older lines that begin like this one", (*reading).up},
		{[]string{"Down", "Ctrl-N"}, "a row down; newer lines", (*reading).down},
		{[]string{"PageUp", "Alt-<"}, "the oldest line", (*reading).oldest},
		{[]string{"PageDown", "Alt->"}, "back to the line that was typed", (*reading).newest},
		{[]string{"Ctrl-R"}, "search older lines", func(r *reading) { r.startSearch(true) }},
		{[]string{"Ctrl-S"}, "search newer lines", func(r *reading) { r.startSearch(false) }},

		{[]string{"Backspace"}, "delete the character before", (*reading).backspace},
		{[]string{"Delete"}, "delete a character", (*reading).delete},
		{[]string{"Ctrl-W"}, "cut the argument before", func(r *reading) { r.kill(r.blankBefore(), r.at) }},
		{[]string{"Alt-Backspace", "Ctrl-Backspace"}, "cut the word before",
			func(r *reading) { r.kill(r.wordBefore(), r.at) }},
		{[]string{"Alt-D", "Ctrl-Delete", "Alt-Delete"}, "cut the word behind",
			func(r *reading) { r.kill(r.at, r.wordAfter()) }},
		{[]string{"Ctrl-U"}, "cut everything before in the row", (*reading).killBefore},
		{[]string{"Ctrl-K"}, "cut everything behind in the row", (*reading).killAfter},
		{[]string{"Ctrl-Y"}, "put back what was cut", (*reading).yank},
		{[]string{"Alt-Y"}, "put back what was cut before that", (*reading).yankOlder},
		{[]string{"Ctrl-T"}, "swap two characters", func(r *reading) { r.transpose() }},
		{[]string{"Ctrl-_", "Ctrl-X Ctrl-U"}, "undo", (*reading).goBack},
		{[]string{"Ctrl-V", "Ctrl-Q"}, "take the next key as text", func(r *reading) { r.literal = true }},
		{[]string{"Ctrl-X"}, "", func(r *reading) { r.prefix = "Ctrl-X " }},
		{[]string{"Ctrl-X Ctrl-E"}, "edit the line in $EDITOR", (*reading).editElsewhere},

		{[]string{"Ctrl-L"}, "clear the screen", func(r *reading) { r.e.screen.clear() }},
		{[]string{"Ctrl-Z"}, "suspend", (*reading).suspend},
	}
}
