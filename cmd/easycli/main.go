// Easycli is a command line for Redis and Valkey.
//
// This package is the only place that knows cobra, the process's streams, its environment and its
// exit. It turns the words of a command line into one run value ([parse]), carries it out, and
// turns what became of it into an exit status ([statusOf]). What the modes do is in internal/.
package main

import "os"

func main() {
	os.Exit(int(execute(os.Args[1:], processConsole())))
}
