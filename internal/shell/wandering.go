package shell

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// wanderer is what a dialogue knows of a cluster. Its one connection goes from node to node, as
// redis-cli's does: to where the last command was redirected.
type wanderer struct {
	home string // the address of the command line
	// nodes is the whole cluster, once a command for several nodes has asked for it.
	nodes *cluster.Cluster
	// txKey is the slot of the open transaction, or NoSlot, and txName the key it is of.
	txKey  int
	txName string
	// member is whether the server is part of a cluster, once that is known.
	member *bool
	noted  map[string]bool
}

// maxRedirects is how many nodes a command is sent on to.
const maxRedirects = 5

// onceInCluster is once for -c.
func (d *dialogue) onceInCluster(ctx context.Context, info command.Info, words [][]byte, out *render.Printer) (bool, error) {
	before := d.session()
	if before.InMulti {
		if reason := d.strays(info, words); reason != "" {
			return false, d.say("not sent: " + reason + "\n")
		}
	} else {
		d.txKey = cluster.NoSlot
		reads := d.Cluster.ReadFrom != cluster.Masters && info.ReadOnly && !info.Write
		if reads || cluster.IsSpread(info, words) {
			if answered, err := d.askNodes(ctx, info, words, out); answered || err != nil {
				return err == nil, err
			}
		}
	}
	deadline, pause := time.Now().Add(d.patience()), 10*time.Millisecond
	for redirects := 0; ; {
		a, err := d.exchange(ctx, info, words, out)
		switch {
		case a == nil || err != nil:
			return false, err
		case !a.kept.IsError():
			d.afterwards(a)
			return d.conclude(ctx, a)
		case a.kind == cluster.Moved || a.kind == cluster.Ask:
			if redirects++; redirects > maxRedirects || !d.follow(ctx, a, before) {
				d.lostMulti = d.lostMulti || before.InMulti && !d.session().InMulti && info.Effect != command.Exec
				return d.conclude(ctx, a)
			}
		default:
			if before.InMulti || !refusedWhole(info) || !d.inCluster(ctx) || time.Now().After(deadline) || !d.sleep(ctx, pause) {
				return d.conclude(ctx, a)
			}
			pause = min(2*pause, 500*time.Millisecond)
		}
	}
}

// refusedWhole reports whether a command that was refused because of the server's condition was not
// carried out. What runs a script may answer so by itself, when it has done its work.
func refusedWhole(info command.Info) bool { return info.ReadOnly || info.Write }

// isRouted reports whether it is the command that decides which nodes it is for, and not where we are.
func isRouted(info command.Info, words [][]byte) bool {
	slot, err := cluster.KnownSlot(info, words)
	return err == nil && slot != cluster.NoSlot || cluster.IsSpread(info, words)
}

// strays is why a command cannot be part of the open transaction: its keys are in another slot. ""
// if it can.
func (d *dialogue) strays(info command.Info, words [][]byte) string {
	key, err := cluster.KnownSlot(info, words)
	switch {
	case err != nil:
		return err.Error()
	case key == cluster.NoSlot:
		return ""
	case d.txKey == cluster.NoSlot:
		d.txKey, d.txName = key, cluster.KeyText(string(words[info.FirstKey(words)]))
	case key != d.txKey:
		return fmt.Sprintf("the transaction is in slot %d with %s, and %s is in slot %d; keys with the same "+
			"{tag} share one", d.txKey, d.txName, cluster.KeyText(string(words[info.FirstKey(words)])), key)
	}
	return ""
}

// follow goes to the node that a redirection names. A transaction that is still empty is begun anew
// there; one that is not stays where it is, and has failed. before is the state that the command met.
func (d *dialogue) follow(ctx context.Context, a *answer, before session.State) bool {
	if before.InMulti && (before.Queued > 0 || before.Watching || before.Doomed) {
		d.tell("the transaction is at " + d.Server.Addr + " with what it holds and watches, and these keys are not")
		return false
	}
	announced := a.to.Addr(d.Server.Addr)
	d.say(fmt.Sprintf("-> Redirected to slot [%d] located at %s\n", a.to.Slot, d.shown(announced)))
	if before.InMulti {
		d.begin(outside(before))
	}
	if err := d.moveTo(ctx, announced); err != nil {
		d.tell(d.Explain(err))
		return false
	}
	var setup []string
	if a.to.Ask {
		setup = append(setup, "ASKING")
	}
	if before.InMulti {
		setup = append(setup, "MULTI")
	}
	asking, stop := d.interruptible(ctx)
	defer stop()
	for _, word := range setup {
		v, err := d.conn.Do(asking, word)
		if err != nil || v.IsError() {
			d.tell(word + " failed: " + d.shown(v.Text))
			return false
		}
		d.learn(command.OfName([]byte(word), nil), [][]byte{[]byte(word)}, session.OutcomeOf(v))
	}
	return true
}

// moveTo makes the connection one to the node that announces addr. Where that cannot be had, the next
// command begins at home again.
func (d *dialogue) moveTo(ctx context.Context, addr string) error {
	if d.Cluster.Map != nil {
		addr = d.Cluster.Map(addr)
	}
	d.conn.Abort(errLeft)
	<-d.conn.Over()
	d.Server.Network, d.Server.Addr, d.Server.Dial = "tcp", addr, nil
	d.who = identity{} // another server is what was asked for
	err := d.connect(ctx)
	if err != nil {
		d.Server.Addr = d.home
	}
	return err
}

// afterwards says what there is to say of a command that was answered.
func (d *dialogue) afterwards(a *answer) {
	if a.failed {
		if _, err := cluster.KnownSlot(a.info, a.words); err != nil {
			d.noteOnce("crossing", a.info.Name+": "+err.Error())
		}
		return
	}
	if spread, _ := a.info.Spread(); spread == command.OwnNode && !d.noted["own"] && d.inCluster(context.Background()) {
		d.noteOnce("own", cluster.OwnNote(a.info, d.Server.Addr))
	}
}

// inCluster reports whether the server is part of a cluster: others say LOADING and MASTERDOWN too,
// and are not waited for.
func (d *dialogue) inCluster(ctx context.Context) bool {
	if d.member == nil {
		v, ok := d.ask(ctx, "INFO", "cluster")
		if !ok {
			return false
		}
		member := strings.Contains(v.Text, "cluster_enabled:1")
		d.member = &member
	}
	return *d.member
}

// noteOnce says something about clusters, once of its kind.
func (d *dialogue) noteOnce(kind, text string) {
	if d.noted == nil {
		d.noted = map[string]bool{}
	}
	if !d.noted[kind] {
		d.noted[kind] = true
		d.tell(text)
	}
}

func (d *dialogue) forgetNodes() {
	if d.nodes != nil {
		d.nodes.Close()
		d.nodes = nil
	}
}

// openNodes makes the whole cluster known, where it is not yet.
func (d *dialogue) openNodes(ctx context.Context) error {
	if d.nodes != nil {
		return nil
	}
	cfg := *d.Cluster
	cfg.Client = d.Server
	cfg.Client.OnPush, cfg.Client.BeforeBlock = nil, nil
	nodes, err := cluster.Open(ctx, cfg)
	if err == nil {
		d.nodes = nodes
	}
	return err
}

// askNodes carries out a command for several nodes, or for a replica. It reports false if the server
// is part of no cluster.
func (d *dialogue) askNodes(ctx context.Context, info command.Info, words [][]byte, out *render.Printer) (bool, error) {
	asking, stop := d.interruptible(ctx)
	defer stop()
	switch err := d.openNodes(asking); {
	case errors.Is(err, cluster.ErrNoCluster):
		return false, nil
	case err != nil:
		d.tell(d.Explain(err))
		return true, nil
	}
	var v resp.Value
	var err error
	parts := 0
	if cluster.IsSpread(info, words) {
		v, parts, err = d.nodes.Spread(asking, info, words, nil)
	} else {
		v, err = d.nodes.Do(asking, words...)
	}
	if parts > 1 {
		d.noteOnce("split", cluster.SplitNote(info, parts))
	}
	var crossing *cluster.CrossSlotError
	switch {
	case errors.As(err, &crossing): // the server says so
		return false, nil
	case errors.Is(err, errInterrupted):
		d.tell("(interrupted) the nodes may still carry the command out")
		return true, nil
	case err != nil:
		d.tell(d.Explain(err))
		return true, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if out == nil {
		out = d.out
	}
	if _, err := out.Print(v.Tokens(), lines.HowOf(info)); err != nil {
		return true, err
	}
	return true, out.Flush()
}
