// Package resp is the Redis serialisation protocol, versions 2 and 3, in both directions.
//
// It guarantees that framing is strict (whatever decides where the next reply begins must be
// exact, or the stream is over), that content is lenient (a double that is no number is kept as
// text), that memory follows the bytes received and never the lengths declared, and that nothing
// recurses. It refuses to know about sockets, about which command a reply belongs to, and about
// what an error reply means.
//
//   - [Reader] pulls replies off a stream, one [Token] at a time; [Reader.ReadValue] builds a
//     [Value] on top of that, and [Reader.Skip] passes over a reply without keeping it.
//   - [AppendCommand] writes a request; [Value.Append] writes a reply.
//   - [ProtocolError] is what could not be understood. What the server said in an error reply is
//     data: a token or a value of kind [Error].
package resp

import "strconv"

// Kind says what a token or a value is. Where RESP spells one thing in several ways (three nulls,
// two errors) they share a kind, and the Wire field keeps the spelling.
type Kind byte

// The kinds, in the order of the specification. The zero Kind is no kind at all.
const (
	Status     Kind = iota + 1 // simple string: +OK
	Error                      // error reply: -ERR … or !21…
	Integer                    // :1000
	BulkString                 // $5…, and the streamed $?
	Null                       // $-1, *-1 or _
	Boolean                    // #t
	Double                     // ,3.14; the text is the server's, also where it is no number
	BigNumber                  // (3492…; the text is the server's
	Verbatim                   // =15…, with a three-letter format
	Array                      // *2
	Set                        // ~2
	Map                        // %1
	Push                       // >2, and what a RESP2 subscription sends in its place
	Attribute                  // |1; belongs to the value after it
	End                        // closes every aggregate; not on the wire, but for streamed ones
)

var kindNames = [...]string{
	"none", "status", "error", "integer", "bulk string", "null", "boolean", "double", "big number",
	"verbatim string", "array", "set", "map", "push", "attribute", "end",
}

// String is the kind's name, for messages.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// IsAggregate reports whether values of this kind hold other values.
func (k Kind) IsAggregate() bool { return k >= Array && k <= Attribute }

// Token is one step of a reply.
//
// A scalar is one token, or several if its text is long: each but the last has More set, all have
// the same kind, and their texts are to be joined. An aggregate is a token with its count, the
// tokens of its elements, and an End. An Attribute is an aggregate that stands before the value it
// belongs to and counts as no element.
type Token struct {
	Kind Kind
	// Wire is the type byte as it came: '$', '*' or '_' for Null, '-' or '!' for Error.
	Wire byte
	// More says that the text goes on in the next token.
	More bool
	// Int is the value of an Integer, 1 or 0 for a Boolean, the count of an aggregate (pairs for
	// Map and Attribute), and the length in bytes of a string, of all its tokens together. It is -1
	// where the count or the length is not known in advance: streamed types, strings of one line.
	Int int64
	// Text is the text of a scalar, as the server sent it; for a Verbatim without its format. It
	// lies in the reader's buffer and is valid until the next call to the reader.
	Text []byte
}

// Source yields the tokens of one or more replies. A [Reader] is one over a stream, and
// [Value.Tokens] is one over a tree.
type Source interface {
	Next() (Token, error)
}
