package sandbox

import (
	"math/rand/v2"
	"strings"
	"testing"

	"easycli/internal/resp"
)

// randomNames are commands of every group that answer at once and leave the connection as it is.
var randomNames = strings.Fields(`APPEND BITCOUNT BITFIELD BITOP BITPOS COPY DECR DEL DUMP EVAL EXISTS
	EXPIRE EXPIRETIME FLUSHDB GEOADD GEODIST GEOHASH GEOPOS GEORADIUS GEOSEARCH GET GETDEL GETEX GETRANGE
	GETSET HDEL HEXISTS HGET HGETALL HINCRBY HKEYS HLEN HMGET HRANDFIELD HSCAN HSET HSTRLEN HVALS INCR
	INCRBYFLOAT INFO KEYS LCS LINDEX LINSERT LLEN LMOVE LMPOP LPOP LPOS LPUSH LRANGE LREM LSET LTRIM MGET
	MOVE MSET MSETNX OBJECT PERSIST PFADD PFCOUNT PFMERGE PTTL PUBLISH PUBSUB RANDOMKEY RENAME RENAMENX
	RESTORE RPOP RPOPLPUSH RPUSH SADD SCAN SCARD SCRIPT SDIFF SDIFFSTORE SET SETEX SETNX SINTER SINTERCARD
	SINTERSTORE SISMEMBER SLOWLOG SMEMBERS SMISMEMBER SMOVE SORT SPOP SRANDMEMBER SREM SSCAN STRLEN SUNION
	SUNIONSTORE TOUCH TTL TYPE XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP XINFO XLEN XPENDING XRANGE
	XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZDIFF ZINCRBY ZINTER ZLEXCOUNT ZMPOP ZMSCORE ZPOPMAX ZPOPMIN
	ZRANDMEMBER ZRANGE ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE`)

var randomWords = strings.Fields(`demo:hello demo:user:1 demo:todo demo:likes:ada demo:highscores demo:orders
	demo:visitors demo:cities x y 0 1 -1 9999999999999999999 1.5 nan inf (1 [a - + $ * COUNT MATCH
	WITHSCORES LIMIT GROUP packers STREAMS NX XX EX PX BYSCORE FROMMEMBER ada BYRADIUS km STORE MAXLEN ~ 1-1
	AND NOT STREAM FULL JUSTID LEFT RIGHT AGGREGATE SUM CREATE`)

// TestAnythingIsAnsweredOnce sends nonsense: each request has one reply and no more, within a
// transaction too, and nothing ends the server.
func TestAnythingIsAnsweredOnce(t *testing.T) {
	s := start(t, Options{})
	rng := rand.New(rand.NewPCG(7, 7))
	c := dial(t, s)
	for n := range 300 {
		if n%2 == 0 {
			for range 10 {
				c.answeredOnce(randomCommand(rng))
			}
			continue
		}
		c.want("MULTI", "+OK\r\n")
		queued, aborted := 0, false
		for range 5 {
			reply := c.answeredOnceWithin(randomCommand(rng), &queued)
			aborted = aborted || reply != "+QUEUED\r\n"
		}
		c.Write(resp.AppendCommand(nil, "EXEC"))
		v, err := c.in.ReadValue()
		if err != nil { // part of a reply was lost, and the connection with it
			c = dial(t, s)
			continue
		}
		if v.Kind == resp.Array && len(v.Elems) != queued || (v.Kind == resp.Error) != aborted {
			t.Fatalf("EXEC of %d, aborted %v: got %q", queued, aborted, v.Append(nil))
		}
		c.answeredOnce([]string{"PING"})
	}
}

func randomCommand(rng *rand.Rand) []string {
	argv := []string{randomNames[rng.IntN(len(randomNames))]}
	for range rng.IntN(6) {
		argv = append(argv, randomWords[rng.IntN(len(randomWords))])
	}
	return argv
}

// answeredOnce sends a command and a marker, and wants the marker to be the second reply.
func (c *client) answeredOnce(argv []string) {
	c.t.Helper()
	c.Write(resp.AppendCommand(resp.AppendCommand(nil, argv...), "ECHO", "marker"))
	first, second := c.reply(), c.reply()
	if second != "$6\r\nmarker\r\n" {
		c.t.Fatalf("%q: got %q and %q", argv, first, second)
	}
}

// answeredOnceWithin is the same within a transaction; it counts what was queued.
func (c *client) answeredOnceWithin(argv []string, queued *int) string {
	c.t.Helper()
	c.Write(resp.AppendCommand(resp.AppendCommand(nil, argv...), "ECHO", "marker"))
	first, second := c.reply(), c.reply()
	if second != "+QUEUED\r\n" {
		c.t.Fatalf("%q within MULTI: got %q and %q", argv, first, second)
	}
	*queued++
	if first == second {
		*queued++
	}
	return first
}

// TestFaultsAreSurvived are commands at which miniredis panics, answers twice or spoils its data.
func TestFaultsAreSurvived(t *testing.T) {
	c := dial(t, start(t, Options{}))
	c.want(
		"ZSCAN demo:highscores -1", "-ERR 'ZSCAN' failed in the sandbox; it needs a real server\r\n",
		"GET demo:visits", "$2\r\n41\r\n",
		"XLEN demo:hello", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
		"XLEN demo:orders", ":3\r\n",
		"SINTERSTORE dst demo:likes:ada none", ":0\r\n",
		"EXISTS dst", ":0\r\n",
		"SADD dst x", ":1\r\n",
		"MULTI", "+OK\r\n",
		"ZSCAN demo:highscores -1", "+QUEUED\r\n",
	)
	c.Write(resp.AppendCommand(nil, "EXEC"))
	if _, err := c.in.Next(); err == nil {
		t.Error("a transaction that failed half way went on")
	}
	other := dial(t, c.server)
	other.want("GET demo:visits", "$2\r\n41\r\n")
}
