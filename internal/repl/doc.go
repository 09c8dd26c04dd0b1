// Package repl is the loop that reads commands from a pipe: [Batch].
//
// It guarantees that a line means what it means to redis-cli (package lines), that what is printed
// stands in the order of the lines although the commands do not wait for one another, that a
// command is sent at most once, and that it is told, with line numbers, what became of those
// whose reply did not come ([Report]). Memory is bounded by the connection's window, whatever the
// script, the replies or the reader of the output do.
//
// In a cluster the commands of a script go to the nodes of their keys, to all nodes at once, and
// those of one key stay in their order while slots move. A command is sent again there, but only one
// that a node has refused or of which nothing was sent.
//
// It refuses to know what a command means (package command), what it does to a connection (package
// session) and how a reply looks (package render).
package repl
