package command

import "testing"

func TestOnlyReads(t *testing.T) {
	for line, want := range map[string]bool{
		"GET k": true, "get k": true, "HGETALL k": true, "SCAN 0": true, "XREAD STREAMS s 0": true, "EVAL_RO s 0": true,
		"PING": true, "INFO": true, "SELECT 1": true, "MULTI": true, "EXEC": true, "SUBSCRIBE c": true, "AUTH x": true,
		"HELLO 3": true, "CLIENT ID": true, "WAIT 0 0": true, "QUIT": true, "SCRIPT LOAD s": true, "FUNCTION LIST": true,
		"SET k v": false, "DEL k": false, "GETDEL k": false, "XREADGROUP GROUP g c STREAMS s >": false, "FLUSHALL": false,
		"EVAL s 0": false, "EVALSHA s 0": false, "FCALL f 0": false, "PUBLISH c m": false, "SPUBLISH c m": false,
		"SCRIPT FLUSH": false, "FUNCTION FLUSH": false, "FUNCTION LOAD s": false, "MEMORY PURGE": false,
		"CONFIG GET maxmemory": true, "CONFIG SET maxmemory 1": false, "CONFIG REWRITE": false, "CONFIG RESETSTAT": false,
		"CONFIG": false, "CONFIG FOO": false, "CLIENT LIST": true, "CLIENT KILL ID 1": false, "CLIENT PAUSE 1": false,
		"ACL LOG": true, "ACL LOG 5": true, "ACL LOG reset": false, "ACL SETUSER b": false, "ACL LIST": true,
		"SLOWLOG GET": true, "SLOWLOG RESET": false, "LATENCY LATEST": true, "LATENCY RESET": false, "MONITOR": true,
		"SHUTDOWN": false, "REPLICAOF NO ONE": false, "FAILOVER": false, "SAVE": false, "BGSAVE": false, "DEBUG SLEEP 1": false,
		"DEBUG OBJECT k": true, "CLUSTER NODES": true, "CLUSTER RESET": false, "CLUSTER FORGET x": false, "MODULE LOAD x": false,
		"SENTINEL MASTERS": true, "SENTINEL FAILOVER m": false, "SENTINEL CONFIG GET a": true, "SENTINEL CONFIG SET a b": false,
		"FT.CONFIG GET *": true, "FT.CONFIG SET a b": false,
		"SORT k": true, "SORT k LIMIT 0 1": true, "SORT k store d": false, "SORT_RO k": true,
		"GEORADIUS k 1 1 1 m": true, "GEORADIUS k 1 1 1 m STOREDIST d": false,
		"FOO": false, "FOO.BAR k": false, "SWAPDB 0 1": false, "MIGRATE h 1 k 0 1": false, "RESTORE k 0 x": false,
	} {
		argv := words(line)
		if got := Of(argv).OnlyReads(argv); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
	}
	if Of(nil).OnlyReads(nil) {
		t.Error("no command at all only reads")
	}
}

func TestReadTwin(t *testing.T) {
	for line, want := range map[string]string{
		"EVAL s 0": "EVAL_RO", "evalsha s 0": "EVALSHA_RO", "FCALL f 0": "FCALL_RO", "SORT k": "SORT_RO",
		"BITFIELD k": "BITFIELD_RO", "GEORADIUS k": "GEORADIUS_RO", "SET k v": "", "GET k": "", "FOO": "",
	} {
		if got := Of(words(line)).ReadTwin(); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
