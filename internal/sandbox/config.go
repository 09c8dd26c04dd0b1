package sandbox

import (
	"path"
	"strings"

	"github.com/alicebob/miniredis/v2/server"
)

// settings are the parameters that clients ask for and that are true here. None can be changed.
var settings = [...][2]string{
	{"appendonly", "no"},
	{"bind", ""},
	{"cluster-enabled", "no"},
	{"databases", "16"},
	{"latency-monitor-threshold", "0"},
	{"lfu-decay-time", "1"},
	{"maxmemory", "0"},
	{"maxmemory-policy", "noeviction"},
	{"notify-keyspace-events", ""},
	{"port", "0"},
	{"proto-max-bulk-len", "536870912"},
	{"requirepass", ""},
	{"save", ""},
	{"slowlog-log-slower-than", "-1"},
	{"slowlog-max-len", "128"},
	{"timeout", "0"},
}

// configGet answers with every setting that one of the patterns names.
func (c *conn) configGet(argv []string) {
	var found [][2]string
	for _, setting := range settings {
		for _, pattern := range argv[2:] {
			if ok, _ := path.Match(strings.ToLower(pattern), setting[0]); ok {
				found = append(found, setting)
				break
			}
		}
	}
	c.peer.Block(func(w *server.Writer) {
		w.WriteMapLen(len(found))
		for _, setting := range found {
			w.WriteBulk(setting[0])
			w.WriteBulk(setting[1])
		}
	})
}

// configSet takes what is already so, and nothing else: no setting would be obeyed.
func (c *conn) configSet(argv []string) {
	if len(argv)%2 != 0 {
		c.peer.WriteError(wrongNumber("CONFIG SET"))
		return
	}
	for i := 2; i < len(argv); i += 2 {
		value, known := settingOf(argv[i])
		switch {
		case !known:
			c.peer.WriteError("ERR Unknown option or number of arguments for CONFIG SET - '" + argv[i] + "'")
			return
		case value != argv[i+1]:
			c.peer.WriteError("ERR CONFIG SET failed (possibly related to argument '" + argv[i] +
				"') - the settings of the sandbox are fixed; this needs a real server")
			return
		}
	}
	c.peer.WriteOK()
}

func settingOf(name string) (string, bool) {
	for _, setting := range settings {
		if strings.EqualFold(setting[0], name) {
			return setting[1], true
		}
	}
	return "", false
}

func (c *conn) configResetStat([]string) {
	c.s.commands.Store(0)
	c.s.connections.Store(0)
	c.peer.WriteOK()
}

func (c *conn) configRewrite([]string) {
	c.peer.WriteError("ERR The server is running without a config file")
}
