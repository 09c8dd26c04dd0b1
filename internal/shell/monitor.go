package shell

import (
	"context"
	"errors"
	"net"

	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
)

// monitor is a MONITOR that runs beside the conversation, over a connection of its own: the one for
// commands stays what it is.
type monitor struct {
	stop context.CancelFunc
	done chan struct{}
}

// monitorFilter says of a line of MONITOR whether it is to be seen; nil sees all.
type monitorFilter func(line monitorLine) bool

// startMonitor begins to show what the server carries out, above the prompt.
func (d *dialogue) startMonitor(ctx context.Context, filter monitorFilter) error {
	d.stopMonitor()
	dialing, stop := d.interruptible(ctx)
	raw, src, first, err := d.openMonitor(dialing)
	stop()
	if err != nil {
		d.tell(d.Explain(err))
		return nil
	}
	printer := render.New(d.Editor, d.Print)
	if _, err := printer.Print(first.Tokens(), render.AsReply); err != nil {
		raw.Close()
		return err
	}
	if err := printer.Flush(); err != nil || first.IsError() {
		raw.Close()
		return err
	}
	if !d.Plain {
		d.tell("what the server carries out appears above the prompt, until Ctrl-C")
	}
	streaming, cancel := context.WithCancel(ctx)
	m := &monitor{stop: cancel, done: make(chan struct{})}
	d.monitor = m
	server, connect := d.Server, d.Connect
	go func() { // it ends with stopMonitor
		defer close(m.done)
		f := &follower{dialogue: d, server: server, connect: connect, printer: printer, filter: filter}
		f.follow(streaming, raw, src)
	}()
	return nil
}

// stopMonitor ends it.
func (d *dialogue) stopMonitor() {
	if d.monitor != nil {
		d.monitor.stop()
		<-d.monitor.done
		d.monitor = nil
	}
}

// openMonitor makes a connection that monitors, and returns the server's first word on it.
func (d *dialogue) openMonitor(ctx context.Context) (net.Conn, *resp.Reader, resp.Value, error) {
	return openMonitor(ctx, d.Server, d.Connect)
}

func openMonitor(ctx context.Context, server pipeclient.Config, connect func(context.Context, pipeclient.Config) (*pipeclient.Conn, error)) (net.Conn, *resp.Reader, resp.Value, error) {
	server.OnPush, server.BeforeBlock = nil, nil
	conn, err := connect(ctx, server)
	if err != nil {
		return nil, nil, resp.Value{}, err
	}
	raw, src, err := conn.Hijack()
	if err != nil {
		return nil, nil, resp.Value{}, err
	}
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	var v resp.Value
	if _, err = raw.Write(resp.AppendCommand(nil, "MONITOR")); err == nil {
		v, err = src.ReadValue()
	}
	if err != nil {
		raw.Close()
		return nil, nil, resp.Value{}, errors.Join(context.Cause(ctx), err)
	}
	return raw, src, v, nil
}

// follower shows the lines of a monitor, and opens it again when it is lost.
type follower struct {
	*dialogue // for what is safe beside the loop: tell, Explain
	server    pipeclient.Config
	connect   func(context.Context, pipeclient.Config) (*pipeclient.Conn, error)
	printer   *render.Printer
	filter    monitorFilter
}

func (f *follower) follow(ctx context.Context, raw net.Conn, src *resp.Reader) {
	for ctx.Err() == nil {
		err := f.stream(ctx, raw, src)
		if ctx.Err() != nil {
			return
		}
		var unwritable *render.WriteError
		if errors.As(err, &unwritable) {
			return
		}
		f.tell("the monitor's connection was lost; connecting again")
		var backoff pipeclient.Backoff
		for raw = nil; raw == nil; {
			if !wait(ctx, backoff.Next()) {
				return
			}
			var first resp.Value
			if raw, src, first, err = openMonitor(ctx, f.server, f.connect); err == nil && first.IsError() {
				raw.Close()
				f.tell("the monitor has ended: " + f.shown(first.Text))
				return
			}
		}
		f.tell("monitoring again; what happened meanwhile was not seen")
	}
}

// stream shows line after line until the connection or ctx ends.
func (f *follower) stream(ctx context.Context, raw net.Conn, src *resp.Reader) error {
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	src.BeforeBlock = func() { f.printer.Flush() }
	for {
		v, err := src.ReadValue()
		if err != nil {
			return err
		}
		if f.filter != nil {
			if m, ok := parseMonitorLine(v.Text); !ok || !f.filter(m) {
				continue
			}
		}
		if _, err := f.printer.Print(v.Tokens(), render.AsReply); err != nil {
			return err
		}
	}
}

// monitorInto writes what the server carries out to w, until Ctrl-C: `monitor | grep x`.
func (d *dialogue) monitorInto(ctx context.Context, w *tolerant) error {
	streaming, stop := d.interruptible(ctx)
	defer stop()
	raw, src, first, err := d.openMonitor(streaming)
	if err != nil {
		d.tell(d.Explain(err))
		return nil
	}
	defer raw.Close()
	defer context.AfterFunc(streaming, func() { raw.Close() })()
	printer := render.New(w, render.Options{Format: render.Raw})
	src.BeforeBlock = func() { printer.Flush() }
	for v := first; err == nil; v, err = src.ReadValue() {
		if _, err := printer.Print(v.Tokens(), render.AsReply); err != nil || v.IsError() || w.enough {
			break
		}
	}
	printer.Flush()
	return nil
}
