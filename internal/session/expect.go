package session

import "easycli/internal/command"

// Expect is how many replies the command in argv will bring in this state, if the server accepts
// it. An error reply ends the count: a SUBSCRIBE to three channels that is refused brings one
// reply, the error. SHUTDOWN brings one reply or the end of the stream. In RESP3 the confirmations
// of subscriptions are pushes ([State.Confirms]).
//
// The state must be the one that the command meets: see [NeedsSettled].
func (s State) Expect(info command.Info, argv [][]byte) int {
	switch {
	case s.Closing:
		return 0
	case s.InMulti && !immediate(info.Effect), s.deafTo(info.Effect): // QUEUED, or an error
		if s.Silent() {
			return 0
		}
		return 1
	case s.Silent() && !s.endsSilence(info.Effect):
		return 0
	case len(argv) > 1:
		return info.Replies(argv)
	}
	switch info.Effect {
	case command.Unsubscribe:
		return max(1, len(s.Channels))
	case command.PUnsubscribe:
		return max(1, len(s.Patterns))
	case command.SUnsubscribe:
		return max(1, len(s.Shards))
	}
	return info.Replies(argv)
}

// endsSilence reports whether a command of that effect is answered although the one before it said
// that it would not be. RESET ends CLIENT REPLY OFF, but is itself what CLIENT REPLY SKIP skips.
func (s State) endsSilence(e command.Effect) bool {
	return e == command.ReplyOn || e == command.Reset && s.RepliesOff
}

// deafTo reports whether the server refuses a command of that effect because of subscriptions in
// RESP2. PING is answered as well, but has no effect.
func (s State) deafTo(e command.Effect) bool {
	return s.RESP2Subscribed() && !aboutSubscriptions(e) && e != command.Reset && e != command.Quit
}

// NeedsSettled reports whether all commands before one of that effect must have been answered
// before it is sent, because what it will bring, or whether it may be sent, depends on their
// outcomes. All others may follow one another without waiting.
func NeedsSettled(e command.Effect) bool {
	switch e {
	case command.ReplyMode, command.ReplyOn, command.ReplyOff, command.ReplySkip,
		command.Monitor, command.Sync:
		return true
	}
	return aboutSubscriptions(e)
}

// MayEndStream reports whether a command of that effect, if it succeeds, leaves no stream of
// replies behind it: nothing more should be sent before its outcome is known.
func MayEndStream(e command.Effect) bool {
	switch e {
	case command.Quit, command.Shutdown, command.Monitor, command.Sync:
		return true
	}
	return false
}

// Confirms reports whether the replies to a command of that effect are pushes in RESP3, and arrays
// that look like pushes in RESP2.
func (s State) Confirms(e command.Effect) bool {
	return aboutSubscriptions(e) && !s.InMulti
}

// Blocks reports whether the server may let the command wait in this state. Inside a transaction
// nothing waits.
func (s State) Blocks(info command.Info) bool { return info.Blocking && !s.InMulti }

func aboutSubscriptions(e command.Effect) bool {
	switch e {
	case command.Subscribe, command.PSubscribe, command.SSubscribe,
		command.Unsubscribe, command.PUnsubscribe, command.SUnsubscribe:
		return true
	}
	return false
}
