package sentinel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// errUnknown is what a sentinel says that watches no master of that name.
var errUnknown = errors.New("no such master")

// ask asks one sentinel after the other, until one knows the address.
func (m *Master) ask(ctx context.Context) (addr, from string, err error) {
	failure := &NotFoundError{Master: m.cfg.Master}
	for _, sentinel := range m.known() {
		announced, err := m.askOne(ctx, sentinel)
		if ctx.Err() != nil {
			failure.Answers = append(failure.Answers, Answer{sentinel, context.Cause(ctx)})
			break
		}
		if err != nil {
			failure.Answers = append(failure.Answers, Answer{sentinel, err})
			continue
		}
		addr = m.cfg.Map(announced)
		m.askFirst(sentinel)
		m.mu.Lock()
		m.addr = addr
		m.mu.Unlock()
		return addr, sentinel, nil
	}
	return "", "", failure
}

// askOne asks a sentinel for the master, and for the other sentinels.
func (m *Master) askOne(ctx context.Context, sentinel string) (announced string, err error) {
	server := m.cfg.Server
	conn, err := pipeclient.Dial(ctx, pipeclient.Config{
		Network: server.Network, Addr: m.cfg.Map(sentinel), TLS: server.TLS,
		User: m.cfg.User, Pass: m.cfg.Pass, HasPass: m.cfg.HasPass,
		ConnectTimeout: m.answer(), Timeout: m.answer(),
	})
	if err != nil {
		return "", short(err)
	}
	defer conn.Close()
	v, err := conn.Do(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", m.cfg.Master)
	if err != nil {
		return "", short(err)
	}
	if announced, err = masterAddr(v); err != nil {
		return "", err
	}
	if others, err := conn.Do(ctx, "SENTINEL", "SENTINELS", m.cfg.Master); err == nil {
		m.learn(sentinels(others))
	}
	return announced, nil
}

// masterAddr reads the answer to GET-MASTER-ADDR-BY-NAME: a host and a port, or nothing.
func masterAddr(v resp.Value) (string, error) {
	switch {
	case v.IsNull():
		return "", errUnknown
	case v.IsError():
		return "", refusal(v.Text)
	case len(v.Elems) == 2:
		if addr := address(v.Elems[0].Text, v.Elems[1].Text); addr != "" {
			return addr, nil
		}
	}
	return "", errors.New("its answer is no address")
}

// refusal is what a sentinel said instead of answering, and what may help.
func refusal(text string) error {
	text = text[:min(len(text), maxText)]
	switch code, _, _ := strings.Cut(text, " "); {
	case code == "NOAUTH", code == "NOPERM", code == "WRONGPASS":
		return fmt.Errorf("%s (--sentinel-user and --sentinel-pass-file are for the sentinels themselves)", text)
	case strings.HasPrefix(strings.ToLower(text), "err unknown command"):
		return errors.New("it is no sentinel: " + text)
	}
	return errors.New(text)
}

// sentinels reads the answer to SENTINEL SENTINELS, as much of it as makes sense.
func sentinels(v resp.Value) (addrs []string) {
	for _, one := range v.Elems {
		host, _ := one.Lookup("ip")
		port, _ := one.Lookup("port")
		if addr := address(host.Text, port.Text); addr != "" {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// address is host:port, "" where that cannot be dialled.
func address(host, port string) string {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || host == "" || len(host) > maxHost {
		return ""
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '/' || r == '@' }) {
		return ""
	}
	return net.JoinHostPort(host, port)
}

// maxText is how much of what a sentinel says is repeated.
const maxText = 200

// maxHost is the longest name that DNS has.
const maxHost = 255

// short is an error of a connection without the address, which stands around it.
func short(err error) error {
	var refused *pipeclient.ConnectError
	var lost *pipeclient.LostError
	switch {
	case errors.As(err, &refused) && refused.Refused != "" && refused.Step != "connect":
		return fmt.Errorf("%s failed: %w", refused.Step, refusal(refused.Refused))
	case errors.As(err, &refused) && refused.Refused != "":
		return errors.New(refused.Refused)
	case errors.As(err, &refused) && refused.Step == "TLS":
		return fmt.Errorf("TLS: %w", refused.Err)
	case errors.As(err, &refused):
		return refused.Err
	case errors.As(err, &lost):
		return lost.Cause
	}
	return err
}
