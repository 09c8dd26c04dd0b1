package source

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
)

// The beginning of an RDB file: a magic word, of which there are two, and a version of four digits.
const (
	rdbMagic    = "REDIS0"
	rdbHead     = len("REDIS0011")
	valkeyMagic = "VALKEY"
)

const (
	loadAdvice    = "only a server reads it: redis-server --dir FOLDER --dbfilename FILE; "
	rewriteAdvice = "to have an AOF of commands: CONFIG SET aof-use-rdb-preamble no, then BGREWRITEAOF"
)

func isRDB(head []byte) bool {
	return bytes.HasPrefix(head, []byte(rdbMagic)) || bytes.HasPrefix(head, []byte(valkeyMagic))
}

// What may stand in an RDB file without keys: facts about its server, and the end.
const (
	rdbFact = 0xfa
	rdbEnd  = 0xff
)

// emptyRDB reports whether an RDB file holds nothing, as the base does that a server makes when its
// AOF is turned on from the start. What it does not understand is not empty.
func emptyRDB(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 4<<10) // the facts take about a hundred bytes
	n, _ := io.ReadFull(file, head)
	if n < rdbHead || !isRDB(head) {
		return false
	}
	in := head[rdbHead:n]
	for len(in) > 0 && in[0] == rdbFact {
		in = skipString(skipString(in[1:]))
	}
	return len(in) > 0 && in[0] == rdbEnd
}

// skipString drops a string in one of the ways in which an RDB file has it, and everything if it is
// in another.
func skipString(in []byte) []byte {
	if len(in) < 2 {
		return nil
	}
	var size int
	switch b := in[0]; {
	case b>>6 == 0:
		size = 1 + int(b)
	case b>>6 == 1:
		size = 2 + int(binary.BigEndian.Uint16(in)&0x3fff)
	case b >= 0xc0 && b <= 0xc2: // an integer of 8, 16 or 32 bits
		size = 1 + 1<<(b-0xc0)
	default:
		return nil
	}
	if size > len(in) {
		return nil
	}
	return in[size:]
}
