package command

import "iter"

// Names yields the name of every row, in the order of the table: a container before its subcommands.
func Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range table {
			if !yield(table[i].name) {
				return
			}
		}
	}
}
