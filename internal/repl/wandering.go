package repl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
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
	noted  notes
}

// guide is the consumer of a command in a cluster: a redirection, or a refusal that time will mend,
// is not printed but kept.
type guide struct {
	*replies
	kind    cluster.Kind
	refusal resp.Value
	to      session.Redirect
}

// Consume prints the reply, or keeps it.
func (g *guide) Consume(src *resp.Reader) error { return g.consume(src, g.printOrKeep) }

func (g *guide) printOrKeep(src *resp.Reader, s *slot) error {
	g.kind = cluster.Other
	if wire, err := src.Peek(); err != nil || wire != '-' {
		return g.printOne(src, s)
	}
	src.MaxText = maxErrorText
	v, err := src.ReadValue()
	src.MaxText = 0
	if err != nil {
		return err
	}
	switch kind := cluster.Classify([]byte(v.Text)); kind {
	case cluster.Moved, cluster.Ask:
		to, ok := session.RedirectOf(v.Text)
		if ok {
			g.kind, g.refusal, g.to = kind, v, to
			return nil
		}
	case cluster.TryAgain, cluster.Down, cluster.Loading, cluster.MasterDown:
		g.kind, g.refusal = kind, v
		return nil
	}
	g.refusal = v
	o, err := g.show(g.out, v.Tokens(), s)
	if err == nil {
		g.learn(src, s, o)
	}
	return err
}

// onceInCluster is once for -c.
func (d *dialogue) onceInCluster(ctx context.Context, info command.Info, words [][]byte) (bool, error) {
	before := d.out.session()
	if before.InMulti {
		if reason := d.strays(info, words); reason != "" {
			return false, d.print("not sent: " + reason + "\n")
		}
	} else {
		d.txKey = cluster.NoSlot
		reads := d.Cluster.ReadFrom != cluster.Masters && info.ReadOnly && !info.Write
		if reads || cluster.IsSpread(info, words) {
			if answered, err := d.askNodes(ctx, info, words); answered || err != nil {
				return err == nil, err
			}
		}
	}
	deadline, pause := time.Now().Add(d.patience()), 10*time.Millisecond
	for redirects := 0; ; {
		d.guide = &guide{replies: d.out}
		again, err := d.exchange(ctx, info, words, d.out.session())
		switch kind := d.guide.kind; {
		case err != nil || !d.connected() || kind == cluster.Other:
			if err == nil && again {
				d.afterwards(info, words)
			}
			return again, err
		case kind == cluster.Moved || kind == cluster.Ask:
			if redirects++; redirects > maxRedirects || !d.follow(ctx, before) {
				return false, d.printKept(info, words)
			}
		default:
			if !d.inCluster(ctx) || time.Now().After(deadline) || !d.sleep(ctx, pause) {
				return false, d.printKept(info, words)
			}
			pause = min(2*pause, 500*time.Millisecond)
		}
	}
}

func (d *dialogue) patience() time.Duration {
	if d.Server.Timeout > 0 {
		return d.Server.Timeout
	}
	return cluster.DefaultPatience
}

// sleep waits, unless Ctrl-C ends it.
func (d *dialogue) sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-d.Interrupts:
	case <-ctx.Done():
	}
	return false
}

// printKept prints the refusal of a command that will not be sent again.
func (d *dialogue) printKept(info command.Info, words [][]byte) error {
	r := d.out
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.show(r.out, d.guide.refusal.Tokens(), &slot{line: 1, how: lines.HowOf(info)}); err != nil {
		return err
	}
	r.state = r.state.After(info, words, session.Outcome{Kind: resp.Error})
	return r.out.Flush()
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
		d.txKey, d.txName = key, keyName(words[info.FirstKey(words)])
	case key != d.txKey:
		return fmt.Sprintf("the transaction is in slot %d with %s, and %s is in slot %d; keys with the same "+
			"{tag} share one", d.txKey, d.txName, keyName(words[info.FirstKey(words)]), key)
	}
	return ""
}

// follow goes to the node that a redirection names. A transaction that is still empty is begun anew
// there; one that is not stays where it is, and has failed. before is the state that the command met.
func (d *dialogue) follow(ctx context.Context, before session.State) bool {
	to := d.guide.to
	if before.InMulti && (before.Queued > 0 || before.Watching || before.Doomed) {
		d.tell("the transaction is at " + d.Server.Addr + " with what it holds and watches, and these keys are not")
		return false
	}
	announced := to.Addr(d.Server.Addr)
	d.print(fmt.Sprintf("-> Redirected to slot [%d] located at %s\n", to.Slot, shown(announced, d.Print)))
	if before.InMulti {
		d.out.begin(before.After(command.OfName([]byte("DISCARD"), nil), nil, session.Outcome{Kind: resp.Status}))
	}
	if err := d.moveTo(ctx, announced); err != nil {
		d.tell(d.Explain(err))
		return false
	}
	var setup []string
	if before.InMulti {
		setup = append(setup, "MULTI")
	}
	if to.Ask {
		setup = append([]string{"ASKING"}, setup...)
	}
	asking, stop := d.interruptible(ctx)
	defer stop()
	for _, word := range setup {
		v, err := d.conn.Do(asking, word)
		if err != nil || v.IsError() {
			d.tell(word + " failed: " + v.Text)
			return false
		}
	}
	if before.InMulti {
		d.out.begin(d.out.session().After(command.OfName([]byte("MULTI"), nil), nil, session.Outcome{Kind: resp.Status}))
	}
	return true
}

// moveTo makes the connection one to the node that announces addr. Where that cannot be had, the next
// command begins at home again.
func (d *dialogue) moveTo(ctx context.Context, addr string) error {
	if d.Cluster.Map != nil {
		addr = d.Cluster.Map(addr)
	}
	d.conn.Close()
	d.Server.Network, d.Server.Addr, d.Server.Dial = "tcp", addr, nil
	err := d.connect(ctx)
	if err != nil {
		d.Server.Addr = d.home
	}
	return err
}

// afterwards draws the conclusions from a command that went well: what it changed on its connection
// has to hold for those to come, and there may be something to say.
func (d *dialogue) afterwards(info command.Info, words [][]byte) {
	if d.report.Failed > 0 {
		if _, err := cluster.KnownSlot(info, words); err != nil && d.guide.refusal.IsError() {
			d.noteOnce(crossingNote, info.Name+": "+err.Error())
		}
		return
	}
	if session.IsSetting(info.Effect) && info.Effect != command.Select && !d.out.session().InMulti {
		session.Renew(&d.Server, info, words)
		d.forgetNodes()
	}
	if spread, _ := info.Spread(); spread == command.OwnNode && d.noted&ownNote == 0 && d.inCluster(context.Background()) {
		d.noteOnce(ownNote, cluster.OwnNote(info, d.Server.Addr))
	}
}

// inCluster reports whether the server is part of a cluster: others say LOADING and MASTERDOWN too,
// and are not waited for.
func (d *dialogue) inCluster(ctx context.Context) bool {
	if d.member == nil {
		asking, stop := d.interruptible(ctx)
		defer stop()
		v, err := d.conn.Do(asking, "INFO", "cluster")
		if err != nil {
			return false
		}
		member := strings.Contains(v.Text, "cluster_enabled:1")
		d.member = &member
	}
	return *d.member
}

func (d *dialogue) noteOnce(kind notes, text string) {
	if d.noted&kind == 0 {
		d.noted |= kind
		d.tell(text)
	}
}

func (d *dialogue) forgetNodes() {
	if d.nodes != nil {
		d.nodes.Close()
		d.nodes = nil
	}
}

// askNodes carries out a command for several nodes, or for a replica. It reports false if the server
// is part of no cluster.
func (d *dialogue) askNodes(ctx context.Context, info command.Info, words [][]byte) (bool, error) {
	asking, stop := d.interruptible(ctx)
	defer stop()
	if d.nodes == nil {
		cfg := *d.Cluster
		cfg.Client = d.Server
		cfg.Client.OnPush, cfg.Client.BeforeBlock = nil, nil
		nodes, err := cluster.Open(asking, cfg)
		if errors.Is(err, cluster.ErrNoCluster) {
			return false, nil
		}
		if err != nil {
			d.tell(d.Explain(err))
			return true, nil
		}
		d.nodes = nodes
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
		d.noteOnce(splitNote, cluster.SplitNote(info, parts))
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
	r := d.out
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.show(r.out, v.Tokens(), &slot{line: 1, how: lines.HowOf(info)}); err != nil {
		return true, err
	}
	return true, r.out.Flush()
}
