package shell

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/config"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// manyKeys is how many keys make it worth asking before all of them are gone through.
const manyKeys = 10_000

// allowed reports whether a command may be sent, as far as the profile and the person are concerned.
func (d *dialogue) allowed(ctx context.Context, info command.Info, words [][]byte) bool {
	if d.Profile.ReadOnly {
		if reason := d.changes(ctx, info, words); reason != "" {
			d.tell(reason)
			return false
		}
	}
	if d.Plain || d.Profile.Confirm == config.ConfirmNever || d.session().InMulti && info.Danger(words) == command.Harmless {
		return true
	}
	question := d.question(ctx, info, words)
	if question == "" {
		return true
	}
	return d.confirmed(ctx, question, info.Danger(words))
}

// confirmed asks. What cannot be undone on a server with a name wants that name for an answer.
func (d *dialogue) confirmed(ctx context.Context, question string, danger command.Danger) bool {
	byName := d.Profile.Confirm == config.ConfirmAlways && d.Profile.Name != "" && danger != command.Harmless &&
		danger != command.Occupies
	prompt := question + " [y/N] "
	if byName {
		prompt = fmt.Sprintf("%s Type %s to go on: ", question, d.painted(d.shown(d.Profile.Name)))
	}
	answer, err := d.Editor.Ask(ctx, prompt)
	if err == nil && (byName && strings.TrimSpace(answer) == d.Profile.Name || !byName && isYes(answer)) {
		return true
	}
	d.tell("not sent")
	return false
}

// question is what to ask before a command, "" if it can just be sent.
func (d *dialogue) question(ctx context.Context, info command.Info, words [][]byte) string {
	where := d.shown(d.Server.Addr)
	if db := d.session().DB; db != 0 {
		where = fmt.Sprintf("%s, database %d", where, db)
	}
	danger := info.Danger(words)
	everywhere := d.isEverywhere(ctx, danger, info, words)
	switch danger {
	case command.Erases:
		if everywhere {
			return fmt.Sprintf("%s on all of the cluster of %s%s; really?", info.Name, where, d.holdingEverywhere(ctx))
		}
		return fmt.Sprintf("%s on %s%s; really?", info.Name, where, d.holding(ctx))
	case command.Ends:
		return fmt.Sprintf("%s ends the server at %s%s; really?", info.Name, where, d.holding(ctx))
	case command.Upsets:
		return fmt.Sprintf("%s on %s%s; really?", info.Name, where, d.holding(ctx))
	case command.Occupies:
		keys, ok := d.askOf(ctx, everywhere, "DBSIZE")
		if ok && keys.Int < manyKeys && !info.Blocking {
			return ""
		}
		holding := ""
		if ok && !info.Blocking {
			holding = fmt.Sprintf(": %d keys", keys.Int)
		}
		if info.ReadOnly {
			holding += " (SCAN goes through them bit by bit)"
		}
		return fmt.Sprintf("%s on %s keeps everybody waiting%s; really?", info.Name, where, holding)
	case command.Harmless:
		if d.Profile.Confirm == config.ConfirmAlways && d.changes(ctx, info, words) != "" {
			return fmt.Sprintf("%s changes %s; go on?", orCommand(info.Name), where)
		}
	}
	return ""
}

func orCommand(name string) string {
	if name == "" {
		return "this command"
	}
	return name
}

// holding is how much the server has, for a question.
func (d *dialogue) holding(ctx context.Context) string {
	v, ok := d.ask(ctx, "INFO", "keyspace")
	if !ok {
		return ""
	}
	var dbs []string
	for line := range strings.Lines(v.Text) {
		db, rest, found := strings.Cut(strings.TrimSpace(line), ":keys=")
		keys, _, _ := strings.Cut(rest, ",")
		if found {
			dbs = append(dbs, d.shown(db)+" "+d.shown(keys))
		}
	}
	if len(dbs) == 0 {
		return ", which holds no keys"
	}
	return ", which holds keys: " + strings.Join(dbs, ", ")
}

// isEverywhere reports whether a command that is dangerous will be sent to all masters of a cluster.
func (d *dialogue) isEverywhere(ctx context.Context, danger command.Danger, info command.Info, words [][]byte) bool {
	if danger == command.Harmless || d.Cluster == nil || d.session().InMulti || !cluster.IsSpread(info, words) {
		return false
	}
	asking, stop := d.interruptible(ctx)
	defer stop()
	return d.openNodes(asking) == nil
}

// holdingEverywhere is how much a cluster has, for a question.
func (d *dialogue) holdingEverywhere(ctx context.Context) string {
	masters := quantity(int64(len(d.nodes.Masters())), "master")
	if keys, ok := d.askOf(ctx, true, "DBSIZE"); ok {
		return fmt.Sprintf(": %s, which hold %s", masters, quantity(keys.Int, "key"))
	}
	return ": " + masters
}

// askOf asks the server, or all masters of its cluster.
func (d *dialogue) askOf(ctx context.Context, everywhere bool, word string) (resp.Value, bool) {
	if !everywhere {
		return d.ask(ctx, word)
	}
	asking, stop := d.interruptible(ctx)
	defer stop()
	argv := [][]byte{[]byte(word)}
	v, _, err := d.nodes.Spread(asking, command.Of(argv), argv, nil)
	return v, err == nil && !v.IsError()
}

// ask asks the server something of our own, over the connection for commands where nothing on it could
// be disturbed by that, and otherwise over the scout's. It reports whether there was an answer.
func (d *dialogue) ask(ctx context.Context, words ...string) (resp.Value, bool) {
	asking, stop := d.interruptible(ctx)
	defer stop()
	var v resp.Value
	var err error
	switch {
	case d.idle():
		v, err = d.conn.Do(asking, words...)
	case d.Scout != nil:
		v, err = d.Scout.Do(asking, words...)
	default:
		return resp.Value{}, false
	}
	return v, err == nil && !v.IsError()
}

// idle reports whether a question over the connection for commands would disturb nothing on it.
func (d *dialogue) idle() bool {
	state := d.session()
	return d.connected() && d.bare == nil && !state.InMulti && !state.Silent() && !state.RESP2Subscribed() && !state.Monitoring
}

// changes is why a command is not to be sent where nothing may change, "" if it only reads. Where our
// table knows nothing against it, or nothing at all, the server's own flags are asked for.
func (d *dialogue) changes(ctx context.Context, info command.Info, words [][]byte) string {
	refusal := session.RefuseWrite(info, words)
	if info.Known && refusal != nil {
		return refusal.Error()
	}
	v, ok := d.ask(ctx, "COMMAND", "INFO", string(words[0]))
	if !ok || len(v.Elems) != 1 || len(v.Elems[0].Elems) < 3 {
		if refusal != nil {
			return refusal.Error()
		}
		return ""
	}
	name := d.shown(strings.ToUpper(string(words[0])))
	has := func(flag string) bool {
		return slices.ContainsFunc(v.Elems[0].Elems[2].Elems, func(e resp.Value) bool { return e.Text == flag })
	}
	switch {
	case has("write"), has("may_replicate") && !info.Known:
		return name + " not sent: this is read-only, and to the server it is a write"
	case !info.Known && !has("readonly"):
		return name + " not sent: this is read-only, and the server does not call it a read"
	}
	return ""
}
