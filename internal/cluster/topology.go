package cluster

import (
	"errors"
	"net"
	"strconv"

	"easycli/internal/resp"
)

// topology is the map of a cluster as one node told it.
type topology []shard

// shard is some slots and those who have them.
type shard struct {
	slots    []slotRange
	master   peer
	replicas []peer
}

// slotRange is the slots first to last.
type slotRange struct{ first, last int }

// peer is a node in a topology.
type peer struct {
	addr string // host:port, as it announces itself
	id   string
	lost bool // the cluster does not reach it
}

// source is what has to be known about the connection that a topology came over.
type source struct {
	host string // that was asked; it is meant where a reply names none
	tls  bool
}

// errNoTopology is a reply that is no map of a cluster.
var errNoTopology = errors.New("the server's map of the cluster makes no sense")

// served reports whether the topology has any slots with a master.
func (t topology) served() bool {
	for _, s := range t {
		if len(s.slots) > 0 {
			return true
		}
	}
	return false
}

// readShards reads the reply to CLUSTER SHARDS.
func (s source) readShards(v resp.Value) (topology, error) {
	if v.Kind != resp.Array {
		return nil, errNoTopology
	}
	var t topology
	for _, entry := range v.Elems {
		slots, _ := entry.Lookup("slots")
		nodes, ok := entry.Lookup("nodes")
		if !ok {
			return nil, errNoTopology
		}
		one := shard{}
		for i := 0; i+1 < len(slots.Elems); i += 2 {
			if err := one.add(slots.Elems[i], slots.Elems[i+1]); err != nil {
				return nil, err
			}
		}
		for _, node := range nodes.Elems {
			p, ok := s.readNode(node)
			if !ok {
				continue
			}
			role, _ := node.Lookup("role")
			one.place(p, role.Text == "master")
		}
		if one.master.addr != "" {
			t = append(t, one)
		}
	}
	return t, nil
}

// place takes a node into a shard. After a failover a shard may show two masters: the one that is
// lost is none any more.
func (s *shard) place(p peer, master bool) {
	switch {
	case !master:
		s.replicas = append(s.replicas, p)
	case s.master.addr == "" || s.master.lost:
		s.master = p
	}
}

// readNode reads a node of CLUSTER SHARDS; false if nobody could say where it is.
func (s source) readNode(node resp.Value) (peer, bool) {
	port, hasPort := node.Lookup("port")
	secure, hasSecure := node.Lookup("tls-port")
	if hasSecure && (s.tls || !hasPort) {
		port = secure
	}
	endpoint, _ := node.Lookup("endpoint")
	ip, _ := node.Lookup("ip")
	id, _ := node.Lookup("id")
	health, _ := node.Lookup("health")
	addr, ok := s.address(endpoint, ip.Text, port)
	// A replica is said to be loading also when it has never had anything to load.
	return peer{addr: addr, id: id.Text, lost: health.Text != "online" && health.Text != "loading"}, ok
}

// readSlots reads the reply to CLUSTER SLOTS: first, last, the master, its replicas.
func (s source) readSlots(v resp.Value) (topology, error) {
	if v.Kind != resp.Array {
		return nil, errNoTopology
	}
	var t topology
	for _, entry := range v.Elems {
		if len(entry.Elems) < 3 {
			return nil, errNoTopology
		}
		one := shard{}
		if err := one.add(entry.Elems[0], entry.Elems[1]); err != nil {
			return nil, err
		}
		for i, node := range entry.Elems[2:] {
			if p, ok := s.readSlotNode(node); ok {
				one.place(p, i == 0)
			}
		}
		if one.master.addr != "" {
			t = append(t, one)
		}
	}
	return t, nil
}

// readSlotNode reads a node of CLUSTER SLOTS: host, port and in newer servers its name and more.
func (s source) readSlotNode(node resp.Value) (peer, bool) {
	e := node.Elems
	if len(e) < 2 {
		return peer{}, false
	}
	p := peer{}
	ip := ""
	if len(e) > 2 {
		p.id = e[2].Text
	}
	if len(e) > 3 {
		if v, ok := e[3].Lookup("ip"); ok {
			ip = v.Text
		}
	}
	var ok bool
	p.addr, ok = s.address(e[0], ip, e[1])
	return p, ok
}

// address is host:port. Null or empty stands for the host that was asked; "?" for a name that the
// node does not know: its IP address is as good.
func (s source) address(endpoint resp.Value, ip string, port resp.Value) (string, bool) {
	host := endpoint.Text
	switch {
	case host == "?" && ip != "":
		host = ip
	case host == "?", host == "", endpoint.IsNull():
		host = s.host
	}
	if port.Int < 1 || port.Int > 65535 || !plainHost(host) {
		return "", false
	}
	return net.JoinHostPort(host, strconv.FormatInt(port.Int, 10)), true
}

// plainHost reports whether a host that a server names is made of the letters of names and
// addresses, so that it may be dialled and shown.
func plainHost(host string) bool {
	for i := range len(host) {
		if host[i] <= ' ' || host[i] > '~' || host[i] == '/' {
			return false
		}
	}
	return host != ""
}

// add takes a range of slots into a shard.
func (s *shard) add(first, last resp.Value) error {
	r := slotRange{number(first), number(last)}
	if r.first < 0 || r.last < r.first || r.last >= Slots {
		return errNoTopology
	}
	s.slots = append(s.slots, r)
	return nil
}

// number is an integer in whichever form it came, -1 if it is none.
func number(v resp.Value) int {
	if v.Kind == resp.Integer {
		return int(v.Int)
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil {
		return -1
	}
	return n
}
