// Package ttytest runs a program on a pseudo-terminal, in front of a terminal emulator, types keys
// and reads the screen. It is imported by tests only.
//
//   - [Screen] is the emulator: an io.Writer that shows what was written to it. It is all that an
//     editor inside the test needs.
//   - [Start] runs a program on a pseudo-terminal, and [Run] a function; [Term] types and waits. [Job]
//     makes a program one that Ctrl-Z can stop.
//   - [Keys] turns names such as <Up> and <C-r> into what a terminal sends for them.
//   - [Golden] compares a screen with the one on file.
//   - [ReadTour] reads a session script, which [Tour.Play] acts out in front of the emulator or in a
//     real tmux.
//
// Waits are for events and end with the screen in the test's log. It refuses to answer questions: a
// program that asks its terminal something (CSI 6n, DA, OSC 11 ?) fails the test, and so does one
// that sends what the emulator does not know.
package ttytest
