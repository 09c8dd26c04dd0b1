package session

import (
	"slices"
	"strconv"

	"easycli/internal/command"
	"easycli/internal/resp"
)

// queued is a command in an open transaction that will change the state. It points to the one
// before it, so that states can share what they have in common.
type queued struct {
	before *queued
	at     int // its place in EXEC's array
	info   command.Info
	argv   [][]byte
}

// After is the state after the command in argv has had its outcome. The bytes of argv are free for
// other use afterwards.
func (s State) After(info command.Info, argv [][]byte, out Outcome) State {
	s.SkipNext = false
	switch {
	case out.Kind == resp.Error:
		return s.refused(info, argv)
	case s.InMulti && !immediate(info.Effect) && (out.Queued || out.Kind == 0):
		return s.enqueue(info, argv)
	case info.Effect == command.None, out.Kind == 0 && s.deafTo(info.Effect):
		return s
	}
	return s.apply(info, argv, out)
}

// immediate reports whether a command of that effect is carried out inside a transaction, not
// queued.
func immediate(e command.Effect) bool {
	switch e {
	case command.Exec, command.Discard, command.Multi, command.Watch, command.Reset, command.Quit:
		return true
	}
	return false
}

// refused is the state after an error.
func (s State) refused(info command.Info, argv [][]byte) State {
	switch {
	case info.Effect == command.Exec:
		return s.leaveMulti() // whatever the error, the server has dropped the transaction
	case s.InMulti && (!immediate(info.Effect) || !info.Fits(len(argv))):
		s.Doomed = true
	}
	return s
}

// enqueue adds a command to the transaction. A database is shown from now on, as in redis-cli, and
// all else when EXEC has carried it out.
func (s State) enqueue(info command.Info, argv [][]byte) State {
	if info.Effect == command.Select {
		s.DB = database(argv, s.DB)
	}
	if s.Doomed {
		return s // the server says QUEUED and forgets it
	}
	at := s.Queued
	s.Queued++
	switch info.Effect {
	case command.None, command.Monitor, command.Sync: // the last two are errors in EXEC
		return s
	}
	words := make([][]byte, len(argv))
	for i, word := range argv {
		words[i] = slices.Clone(word)
	}
	s.last = &queued{s.last, at, info, words}
	return s
}

// leaveMulti is the state after a transaction that was not carried out.
func (s State) leaveMulti() State {
	if !s.InMulti {
		return s
	}
	s.DB = s.dbBefore
	s.InMulti, s.Doomed, s.Watching = false, false, false
	s.Queued, s.last, s.dbBefore = 0, nil, 0
	return s
}

// commit is the state after a transaction that was carried out, but for its failed commands.
func (s State) commit(failed []int) State {
	var done []*queued
	for q := s.last; q != nil; q = q.before {
		if !slices.Contains(failed, q.at) {
			done = append(done, q)
		}
	}
	s = s.leaveMulti()
	for _, q := range slices.Backward(done) {
		s = s.apply(q.info, q.argv, Outcome{})
	}
	return s
}

// apply is the state after a command that succeeded.
func (s State) apply(info command.Info, argv [][]byte, out Outcome) State {
	switch info.Effect {
	case command.Select:
		s.DB = database(argv, s.DB)
	case command.Auth:
		s.User = "default"
		if user, _, _ := info.Credentials(argv); user != nil {
			s.User = string(user)
		}
	case command.Hello:
		return s.greeted(argv, out)
	case command.Reset:
		return State{}
	case command.Quit:
		s.Closing = true
	case command.Shutdown:
		s.Closing = out.Kind == 0 // with a reply it was SHUTDOWN ABORT
	case command.Monitor:
		s.Monitoring = true
	case command.Sync:
		s.Replicating = true
	case command.Multi, command.Exec, command.Discard, command.Watch, command.Unwatch:
		return s.transaction(info.Effect, out)
	case command.Subscribe, command.PSubscribe, command.SSubscribe,
		command.Unsubscribe, command.PUnsubscribe, command.SUnsubscribe:
		return s.subscription(info.Effect, argv[1:])
	default:
		return s.setting(info.Effect, argv)
	}
	return s
}

// transaction is the state after a command about transactions.
func (s State) transaction(e command.Effect, out Outcome) State {
	switch e {
	case command.Multi:
		if !s.InMulti {
			s.InMulti, s.dbBefore = true, s.DB
		}
	case command.Exec:
		if s.InMulti && out.Kind != resp.Null { // null: a watched key was touched
			return s.commit(out.Failed)
		}
		return s.leaveMulti()
	case command.Discard:
		return s.leaveMulti()
	case command.Watch:
		s.Watching = true
	case command.Unwatch:
		s.Watching = false
	}
	return s
}

// subscription is the state after the names have been subscribed to or unsubscribed from.
func (s State) subscription(e command.Effect, names [][]byte) State {
	switch e {
	case command.Subscribe:
		s.Channels = s.Channels.with(names)
	case command.PSubscribe:
		s.Patterns = s.Patterns.with(names)
	case command.SSubscribe:
		s.Shards = s.Shards.with(names)
	case command.Unsubscribe:
		s.Channels = s.Channels.without(names)
	case command.PUnsubscribe:
		s.Patterns = s.Patterns.without(names)
	case command.SUnsubscribe:
		s.Shards = s.Shards.without(names)
	}
	return s
}

// setting is the state after one of the smaller things that a connection remembers.
func (s State) setting(e command.Effect, argv [][]byte) State {
	switch e {
	case command.ReplyOn:
		s.RepliesOff = false
	case command.ReplyOff:
		s.RepliesOff = true
	case command.ReplySkip:
		s.SkipNext = !s.RepliesOff
	case command.ClientName:
		s.Name = string(argv[len(argv)-1])
	case command.ReadOnlyMode:
		s.ReadOnly = true
	case command.ReadWriteMode:
		s.ReadOnly = false
	case command.NoEvict:
		s.NoEvict = command.TurnsOn(argv)
	case command.NoTouch:
		s.NoTouch = command.TurnsOn(argv)
	case command.Tracking:
		s.Tracking = command.TurnsOn(argv)
	case command.ScriptDebug:
		s.ScriptDebug = true
	case command.ScriptDebugOff:
		s.ScriptDebug = false
	}
	return s
}

// greeted is the state after HELLO. The reply's kind says which protocol holds; where it is not
// known, inside a transaction, the word does.
func (s State) greeted(argv [][]byte, out Outcome) State {
	hello := command.GreetingOf(argv)
	switch {
	case out.Kind == resp.Map || out.Kind == 0 && string(hello.Proto) == "3":
		s.Proto = 3
	case out.Kind == resp.Array || out.Kind == 0 && string(hello.Proto) == "2":
		s.Proto = 2
	}
	if hello.HasAuth {
		s.User = string(hello.User)
	}
	if hello.ChangeName {
		s.Name = string(hello.Name)
	}
	return s
}

// database is the number that SELECT names, or the one before if it is none.
func database(argv [][]byte, before int) int {
	if len(argv) != 2 {
		return before
	}
	n, err := strconv.Atoi(string(argv[1]))
	if err != nil {
		return before
	}
	return n
}

// AfterPush is the state after the server has sent something unasked. It ends the subscription to
// a shard channel so, when the channel's slot moves to another node.
func (s State) AfterPush(v resp.Value) State {
	if len(v.Elems) >= 2 && v.Elems[0].Text == "sunsubscribe" {
		s.Shards = s.Shards.without([][]byte{[]byte(v.Elems[1].Text)})
	}
	return s
}
