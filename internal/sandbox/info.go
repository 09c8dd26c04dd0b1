package sandbox

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"easycli/internal/command"
)

// countedKeys is up to how many keys INFO counts the ones with an end: it has to look at each.
const countedKeys = 100_000

// infoSections are the sections of INFO, in order.
var infoSections = [...]struct {
	name string
	text func(s *Server) string
}{
	{"Server", (*Server).infoServer},
	{"Clients", (*Server).infoClients},
	{"Memory", (*Server).infoMemory},
	{"Persistence", func(*Server) string { return "loading:0\r\nrdb_bgsave_in_progress:0\r\naof_enabled:0\r\n" }},
	{"Stats", (*Server).infoStats},
	{"Replication", func(*Server) string { return "role:master\r\nconnected_slaves:0\r\n" }},
	{"Cluster", func(*Server) string { return "cluster_enabled:0\r\n" }},
	{"Keyspace", (*Server).infoKeyspace},
}

func (c *conn) info(argv []string) {
	wanted := map[string]bool{}
	for _, arg := range argv[1:] {
		wanted[strings.ToLower(arg)] = true
	}
	all := len(wanted) == 0 || wanted["all"] || wanted["default"] || wanted["everything"]
	var text strings.Builder
	for _, section := range infoSections {
		if !all && !wanted[strings.ToLower(section.name)] {
			continue
		}
		if text.Len() > 0 {
			text.WriteString("\r\n")
		}
		text.WriteString("# " + section.name + "\r\n" + section.text(c.s))
	}
	c.writeText(text.String())
}

func (s *Server) infoServer() string {
	up := int(time.Since(s.start).Seconds())
	return fmt.Sprintf("redis_version:%s\r\nserver_name:easycli-sandbox\r\nredis_mode:standalone\r\n"+
		"os:%s %s\r\narch_bits:%d\r\nprocess_id:%d\r\ntcp_port:0\r\nuptime_in_seconds:%d\r\n"+
		"uptime_in_days:%d\r\n", Version, runtime.GOOS, runtime.GOARCH, strconv.IntSize, os.Getpid(),
		up, up/86400)
}

func (s *Server) infoClients() string {
	return fmt.Sprintf("connected_clients:%d\r\n", len(s.snapshot()))
}

// infoMemory is the memory of the whole process: the data has no account of its own.
func (s *Server) infoMemory() string {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return fmt.Sprintf("used_memory:%d\r\nused_memory_human:%.2fM\r\nused_memory_rss:%d\r\n"+
		"maxmemory:0\r\nmaxmemory_human:0B\r\nmaxmemory_policy:noeviction\r\n",
		mem.HeapAlloc, float64(mem.HeapAlloc)/(1<<20), mem.Sys-mem.HeapReleased)
}

func (s *Server) infoStats() string {
	return fmt.Sprintf("total_connections_received:%d\r\ntotal_commands_processed:%d\r\n",
		s.connections.Load(), s.commands.Load())
}

// infoKeyspace has a line for every database that is not empty. Where there are too many keys to
// look at, the field expires is left out.
func (s *Server) infoKeyspace() string {
	var text strings.Builder
	for n := range databases {
		keys, _ := strconv.Atoi(strings.Trim(s.ask(strconv.Itoa(n), "DBSIZE"), ":\r\n"))
		if keys == 0 {
			continue
		}
		fmt.Fprintf(&text, "db%d:keys=%d", n, keys)
		if keys <= countedKeys {
			db, ending := s.mini.DB(n), 0
			for _, key := range db.Keys() {
				if db.TTL(key) > 0 {
					ending++
				}
			}
			fmt.Fprintf(&text, ",expires=%d", ending)
		}
		text.WriteString("\r\n")
	}
	return text.String()
}

// commandGetKeys asks the table that the rest of the program asks too.
func (c *conn) commandGetKeys(argv []string) {
	words := make([][]byte, len(argv)-2)
	for i := range words {
		words[i] = []byte(argv[i+2])
	}
	info := command.Of(words)
	keys := info.AppendKeys(nil, words)
	switch {
	case !info.Known:
		c.peer.WriteError("ERR Invalid command specified")
	case len(keys) == 0:
		c.peer.WriteError("ERR The command has no key arguments")
	default:
		names := make([]string, len(keys))
		for i, at := range keys {
			names[i] = argv[at+2]
		}
		c.peer.WriteStrings(names)
	}
}
