package sandbox

import (
	"strconv"
	"strings"
)

// The limits up to which Redis keeps a collection in its compact form.
const (
	listpackEntries = 128
	listpackValue   = 64
	intsetEntries   = 512
	embeddedString  = 44
)

// objectEncoding tells what Redis 7 would keep such a value as; here all are Go maps and slices.
func (c *conn) objectEncoding(argv []string) {
	key := argv[2]
	kind := strings.Trim(c.aside("TYPE", key), "+\r\n")
	switch kind {
	case "none":
		c.peer.WriteNull()
	case "string":
		text, _ := bulkTexts(c.aside("GET", key))
		c.peer.WriteBulk(stringEncoding(strings.Join(text, "")))
	case "hash":
		c.peer.WriteBulk(c.compact("hashtable", listpackEntries*2, "HGETALL", key))
	case "zset":
		c.peer.WriteBulk(c.compact("skiplist", listpackEntries*2, "ZRANGE", key, "0", "-1", "WITHSCORES"))
	case "list":
		c.peer.WriteBulk(c.compact("quicklist", listpackEntries, "LRANGE", key, "0", "-1"))
	case "set":
		c.peer.WriteBulk(c.setEncoding(key))
	case "hll":
		c.peer.WriteBulk("raw")
	default:
		c.peer.WriteBulk(kind)
	}
}

func stringEncoding(text string) string {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && strconv.FormatInt(n, 10) == text:
		return "int"
	case len(text) <= embeddedString:
		return "embstr"
	}
	return "raw"
}

// compact is "listpack" if the reply of a command has at most so many texts and none is long.
func (c *conn) compact(otherwise string, most int, argv ...string) string {
	texts, n := bulkTexts(c.aside(argv...))
	if n > most {
		return otherwise
	}
	for _, text := range texts {
		if len(text) > listpackValue {
			return otherwise
		}
	}
	return "listpack"
}

func (c *conn) setEncoding(key string) string {
	texts, n := bulkTexts(c.aside("SMEMBERS", key))
	numbers := n <= intsetEntries
	for _, text := range texts {
		numbers = numbers && stringEncoding(text) == "int"
	}
	if numbers {
		return "intset"
	}
	return "hashtable" // 7.0 has no listpack for sets
}

// bulkTexts are the bulk strings of a reply that is one, or a flat list of them and of doubles.
func bulkTexts(reply string) (texts []string, n int) {
	for reply != "" {
		line, rest, _ := strings.Cut(reply, "\r\n")
		reply = rest
		switch line[0] {
		case '$':
			size, _ := strconv.Atoi(line[1:])
			if size >= 0 {
				texts = append(texts, rest[:size])
				reply = rest[size+2:]
			}
			n++
		case ',':
			n++
		}
	}
	return texts, n
}
