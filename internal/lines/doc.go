// Package lines is the line language of redis-cli's prompt, for people and for scripts.
//
// It guarantees that a line means what it means to redis-cli ([Parser]): how often which words are
// sent, or which of the built-in words it is. What there is to say about commands is asked of the
// server ([Manual]), and how the reply to one is printed follows from the command table ([HowOf]).
// The package refuses to send anything, and to know what a command does.
package lines
