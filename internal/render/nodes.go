package render

import "bytes"

// nodeLine takes a line of CLUSTER NODES: id, address, flags, master, ping and pong times, epoch,
// link state, then slots. A line that is not so is kept as a string.
func (d *document) nodeLine(line []byte) {
	words := bytes.Fields(line)
	d.item()
	if len(words) < 8 {
		d.text(line)
		return
	}
	d.enter("{")
	d.member([]byte("id"))
	d.text(words[0])
	d.address(words[1])
	d.flags(words[2])
	d.member([]byte("master"))
	if string(words[3]) == "-" {
		d.json.write("null")
	} else {
		d.text(words[3])
	}
	d.field([]byte("ping_sent"), words[4])
	d.field([]byte("pong_recv"), words[5])
	d.field([]byte("config_epoch"), words[6])
	d.field([]byte("link_state"), words[7])
	d.slots(words[8:])
	d.leave("}")
}

// address takes host:port@busport,hostname,name=value…, of which older servers send only the first
// part.
func (d *document) address(word []byte) {
	parts := bytes.Split(word, []byte(","))
	addr, bus, ok := bytes.Cut(parts[0], []byte("@"))
	d.field([]byte("addr"), addr)
	if ok {
		d.field([]byte("bus_port"), bus)
	}
	for i, part := range parts[1:] {
		if name, value, ok := bytes.Cut(part, []byte("=")); ok {
			d.member(name)
			d.text(value)
		} else if i == 0 && len(part) > 0 {
			d.member([]byte("hostname"))
			d.text(part)
		}
	}
}

func (d *document) flags(word []byte) {
	d.member([]byte("flags"))
	d.enter("[")
	if string(word) != "noflags" {
		for flag := range bytes.SplitSeq(word, []byte(",")) {
			d.item()
			d.text(flag)
		}
	}
	d.leave("]")
}

// slots takes 5 and 0-99 as [5,5] and [0,99], and the slots on the move, [7->-id] and [7-<-id].
func (d *document) slots(words [][]byte) {
	d.member([]byte("slots"))
	d.enter("[")
	moves := 0
	for _, word := range words {
		if word[0] == '[' {
			moves++
			continue
		}
		first, last, ok := bytes.Cut(word, []byte("-"))
		if !ok {
			last = first
		}
		d.item()
		d.enter("[")
		d.slot(first)
		d.slot(last)
		d.leave("]")
	}
	d.leave("]")
	if moves > 0 {
		d.moves(words)
	}
}

func (d *document) slot(number []byte) {
	d.item()
	if isCount(number) {
		d.json.write(string(number))
	} else {
		d.text(number)
	}
}

func (d *document) moves(words [][]byte) {
	d.member([]byte("moves"))
	d.enter("[")
	for _, word := range words {
		if word[0] != '[' {
			continue
		}
		d.item()
		d.enter("{")
		move := bytes.Trim(word, "[]")
		if slot, node, ok := bytes.Cut(move, []byte("->-")); ok {
			d.field([]byte("slot"), slot)
			d.member([]byte("migrating_to"))
			d.text(node)
		} else {
			slot, node, _ := bytes.Cut(move, []byte("-<-"))
			d.field([]byte("slot"), slot)
			d.member([]byte("importing_from"))
			d.text(node)
		}
		d.leave("}")
	}
	d.leave("]")
}
