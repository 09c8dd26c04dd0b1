// Package lines is the line language of redis-cli's prompt, for people and for scripts.
//
// It guarantees that a line means what it means to redis-cli ([Parser]): how often which words are
// sent, or which of the built-in words it is; that a line which is still being written has its words as
// well ([Words]); and that the reply to a command is printed as the command table says ([HowOf]). What a
// server says of its commands it asks for over a connection of its own ([Docs]). It refuses to send a
// line, and to know what a command does.
package lines
