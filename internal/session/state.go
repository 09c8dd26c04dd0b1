// Package session knows what a conversation with a server has led to: the database, the
// transaction, the protocol, the subscriptions, whether replies come at all.
//
// [State] is a value, and what changes it is a pure function: [State.After] takes a command and
// what came of it, and gives the next state. From a state follow how many replies a command will
// bring ([State.Expect]), whether it must not be sent at all ([State.Refuse]), and the prompt
// ([State.Prompt]). The package refuses to know connections, and it keeps no passwords.
//
// Once around for each command:
//
//	info := command.Of(argv)
//	if err := state.Refuse(info); err != nil { … }  // not to be sent
//	n := state.Expect(info, argv)                   // send it, read n replies or one error
//	state = state.After(info, argv, outcome)
//
// Commands may be sent before earlier ones are answered, with a state that lags behind, but for
// those that [NeedsSettled] names, and not after one that [MayEndStream].
//
// The state is the server's, as far as replies tell it. Where redis-cli trusts what it sent, the
// replies decide here: a SELECT in a transaction counts when EXEC has carried it out.
package session

// State is what a connection has become. The zero State is a connection just made, on database 0,
// as the default user, in RESP2. A State is a value: copies do not share what can change.
type State struct {
	// DB is the database; inside a transaction the one that EXEC will have selected if it succeeds,
	// as redis-cli shows it.
	DB int
	// Proto is 3 after HELLO 3, otherwise 2, or 0 where nobody asked.
	Proto int
	// User is the ACL user that AUTH or HELLO chose, Name what CLIENT SETNAME said.
	User, Name string

	// InMulti says that a transaction is open, Queued how many commands it holds (as far as a client
	// can know: when a watched key is touched the server forgets them). Doomed says that one was
	// refused, so EXEC will refuse the transaction.
	InMulti, Doomed bool
	Queued          int
	// Watching says that there are watched keys.
	Watching bool

	// RepliesOff says that CLIENT REPLY OFF holds, SkipNext that the next command brings no reply.
	RepliesOff, SkipNext bool

	// Monitoring and Replicating say that the connection has become a stream of something else.
	Monitoring, Replicating bool
	// Closing says that the server is about to close the connection, because it was asked to.
	Closing bool

	// These are set by READONLY, CLIENT NO-EVICT, CLIENT NO-TOUCH, CLIENT TRACKING and SCRIPT DEBUG.
	ReadOnly, NoEvict, NoTouch, Tracking, ScriptDebug bool

	// Channels, Patterns and Shards are what is subscribed to.
	Channels, Patterns, Shards Names

	dbBefore int     // the database at MULTI
	last     *queued // the commands in the transaction that will change the state
}

// RESP3 reports whether replies come in RESP3.
func (s State) RESP3() bool { return s.Proto == 3 }

// Subscribed reports whether there is a subscription.
func (s State) Subscribed() bool {
	return len(s.Channels)+len(s.Patterns)+len(s.Shards) > 0
}

// RESP2Subscribed reports whether an array that starts with message, pmessage or smessage is a
// message and not a reply.
func (s State) RESP2Subscribed() bool { return !s.RESP3() && s.Subscribed() }

// Silent reports whether the next command brings no reply.
func (s State) Silent() bool { return s.RepliesOff || s.SkipNext }
