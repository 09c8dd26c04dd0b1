package easycli_test

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// knowsCommands are the rooms that may compare command names: the table itself, a server for those
// who have none, and its scripted twin in the tests.
var knowsCommands = map[string]bool{
	"internal/command":  true,
	"internal/sandbox":  true,
	"internal/resptest": true,
}

// lineWords are the words of redis-cli's line language that are commands as well, by the room that
// reads lines.
var lineWords = map[string]string{"QUIT": "internal/lines"}

// commandNames finds comparisons with the name of a command: an operand of == or !=, a case, or an
// argument of EqualFold. Everybody but the table asks the table.
func commandNames(s *source) []string {
	handshake := s.room == "internal/pipeclient" && strings.HasPrefix(path.Base(s.name), "handshake")
	if s.test || knowsCommands[s.room] || handshake {
		return nil
	}
	var found []string
	check := func(e ast.Expr, anyCase bool) {
		if name := commandIn(e, anyCase); name != "" && lineWords[name] != s.room {
			found = append(found, s.finding(e, "compares the command name "+name+
				": ask internal/command instead"))
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				check(n.X, lowers(n.Y))
				check(n.Y, lowers(n.X))
			}
		case *ast.SwitchStmt:
			for _, clause := range n.Body.List {
				for _, e := range clause.(*ast.CaseClause).List {
					check(e, lowers(n.Tag))
				}
			}
		case *ast.CallExpr:
			if calls(n, "EqualFold") {
				for _, e := range n.Args {
					check(e, true)
				}
			}
		}
		return true
	})
	return found
}

// lowers reports a call of ToLower: what is compared with it is a name whatever its case.
func lowers(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && calls(call, "ToLower")
}

func calls(call *ast.CallExpr, name string) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == name
}

// commandIn is the command that a literal names, or "". A literal in small letters counts only if
// anyCase is set: "type" and "get" are too often something else. A conversion ([]byte("GET")) is
// looked through.
func commandIn(e ast.Expr, anyCase bool) string {
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 {
		if _, conversion := call.Fun.(*ast.ArrayType); conversion {
			e = call.Args[0]
		}
	}
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(literal.Value) // the parser has accepted it
	if anyCase {
		text = strings.ToUpper(text)
	}
	first, _, _ := strings.Cut(text, " ")
	if commands[first] {
		return text
	}
	return ""
}

// commands are the names that a Redis 7.0 server lists, without READONLY, which is an error code
// too and, as such, nothing to ask the table about.
var commands = wordSet(`
ACL APPEND ASKING AUTH BGREWRITEAOF BGSAVE BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS BLMOVE BLMPOP
BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT CLUSTER COMMAND CONFIG COPY DBSIZE DEBUG DECR
DECRBY DEL DISCARD DUMP ECHO EVAL EVALSHA EVALSHA_RO EVAL_RO EXEC EXISTS EXPIRE EXPIREAT EXPIRETIME
FAILOVER FCALL FCALL_RO FLUSHALL FLUSHDB FUNCTION GEOADD GEODIST GEOHASH GEOPOS GEORADIUS
GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX
GETRANGE GETSET HDEL HELLO HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET
HRANDFIELD HSCAN HSET HSETNX HSTRLEN HVALS INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LATENCY LCS
LINDEX LINSERT LLEN LMOVE LMPOP LOLWUT LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MEMORY MGET
MIGRATE MODULE MONITOR MOVE MSET MSETNX MULTI OBJECT PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD
PFCOUNT PFDEBUG PFMERGE PFSELFTEST PING PSETEX PSUBSCRIBE PSYNC PTTL PUBLISH PUBSUB PUNSUBSCRIBE
QUIT RANDOMKEY READWRITE RENAME RENAMENX REPLCONF REPLICAOF RESET RESTORE RESTORE-ASKING ROLE RPOP
RPOPLPUSH RPUSH RPUSHX SADD SAVE SCAN SCARD SCRIPT SDIFF SDIFFSTORE SELECT SET SETBIT SETEX SETNX
SETRANGE SHUTDOWN SINTER SINTERCARD SINTERSTORE SISMEMBER SLAVEOF SLOWLOG SMEMBERS SMISMEMBER SMOVE
SORT SORT_RO SPOP SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUBSTR SUNION
SUNIONSTORE SUNSUBSCRIBE SWAPDB SYNC TIME TOUCH TTL TYPE UNLINK UNSUBSCRIBE UNWATCH WAIT WAITAOF
WATCH XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP XINFO XLEN XPENDING XRANGE XREAD XREADGROUP XREVRANGE
XSETID XTRIM ZADD ZCARD ZCOUNT ZDIFF ZDIFFSTORE ZINCRBY ZINTER ZINTERCARD ZINTERSTORE ZLEXCOUNT
ZMPOP ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM
ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK
ZSCAN ZSCORE ZUNION ZUNIONSTORE`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		set[word] = true
	}
	return set
}
