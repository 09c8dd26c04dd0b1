package keyspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// written is what an export of some servers writes as text.
func written(t testing.TB, servers ...Server) (string, Exported, error) {
	t.Helper()
	var out bytes.Buffer
	got, err := Export(context.Background(), ExportConfig{Servers: servers, Format: Text, Out: &out})
	if got.Bytes != int64(out.Len()) {
		t.Errorf("%d bytes were written, %d are reported", out.Len(), got.Bytes)
	}
	return out.String(), got, err
}

// The replies of servers of several ages to a command without its words.
const (
	unknown  = "-ERR unknown command 'x', with args beginning with: \r\n"
	tooShort = "-ERR wrong number of arguments for 'x' command\r\n"
)

// scanned is a reply to SCAN that ends it.
func scanned(keys ...string) string {
	reply := fmt.Sprintf("*2\r\n$1\r\n0\r\n*%d\r\n", len(keys))
	for _, key := range keys {
		reply += resptest.Bulk(key)
	}
	return reply
}

// A server before 7.0 only knows how long keys have to live: the end is counted from its own clock.
func TestExportFromAnOldServer(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("PEXPIRETIME").Reply(unknown).Expect("HPEXPIRETIME").Reply(unknown)
		c.Expect("SCAN", "0", "COUNT", "1000").Reply(scanned("a", "b", "gone"))
		c.Expect("TYPE", "a").Expect("TYPE", "b").Expect("TYPE", "gone").Reply("+string\r\n+list\r\n+none\r\n")
		c.Expect("TIME").Reply("*2\r\n$4\r\n1000\r\n$6\r\n250999\r\n")
		c.Expect("PTTL", "a").Reply(":5000\r\n").Expect("GETRANGE", "a", "0", "16384").Reply("$1\r\nv\r\n")
		c.Expect("PTTL", "b").Reply(":-1\r\n").Expect("LRANGE", "b", "0", "128").Reply("*2\r\n$1\r\nx\r\n$1\r\ny\r\n")
		c.ExpectEnd()
	})
	out, got, err := written(t, at(peer.Addr))
	want := "SET a v\nPEXPIREAT a 1005250\nDEL b\nRPUSH b x y\n"
	if out != want || err != nil || got.Keys != 2 || got.Vanished != 1 {
		t.Errorf("got %q, %+v, %v", out, got, err)
	}
}

// From 7.4 on fields of hashes end one by one.
func TestExportOfFieldsThatEnd(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("PEXPIRETIME").Reply(tooShort).Expect("HPEXPIRETIME").Reply(tooShort)
			c.Expect("INFO", "keyspace").Reply(resptest.Bulk("# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0,subexpiry=1\r\n"))
			c.Expect("SCAN", "0", "COUNT", "1000").Reply(scanned("h")).Expect("TYPE", "h").Reply("+hash\r\n").ExpectEnd()
			return
		}
		c.Expect("TYPE", "h").Reply("+hash\r\n")
		c.Expect("PEXPIRETIME", "h").Reply(":7000\r\n")
		c.Expect("HSCAN", "h", "0", "COUNT", "128").Reply("*2\r\n$1\r\n9\r\n*6\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n3\r\n")
		c.Expect("HPEXPIRETIME", "h", "FIELDS", "3", "a", "b", "c").Reply("*3\r\n:6000\r\n:-1\r\n:-2\r\n")
		c.Expect("HSCAN", "h", "9", "COUNT", "256").Reply("*2\r\n$1\r\n0\r\n*2\r\n$1\r\nd\r\n$1\r\n4\r\n")
		c.Expect("HPEXPIRETIME", "h", "FIELDS", "1", "d").Reply("*1\r\n:-1\r\n")
		c.Expect("TYPE", "h").Reply("+hash\r\n").ExpectEnd()
	})
	out, got, err := written(t, at(peer.Addr))
	want := "DEL h\nHSET h a 1 b 2 c 3\nHPEXPIREAT h 6000 FIELDS 1 a\nHDEL h c\nHSET h d 4\nPEXPIREAT h 7000\n"
	if out != want || err != nil || got.Keys != 1 {
		t.Errorf("got %q, %+v, %v", out, got, err)
	}
}

func TestFieldsThatEndAreLookedForWhereThereAreSome(t *testing.T) {
	for info, want := range map[string]bool{
		"": false,
		"# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n":                                                false,
		"# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\ndb1:keys=1,expires=0,avg_ttl=0,subexpiry=12\r\n": true,
		"# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0,keys_with_volatile_items=0\r\n":                                 false,
		"# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0,keys_with_volatile_items=3\r\n":                                 true,
		"# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n":                                                            true,
	} {
		if got := hasFieldsThatEnd(info); got != want {
			t.Errorf("%q: got %v", info, got)
		}
	}
}

// now7 answers as a server of 7.0 does until SCAN, which names these keys of these types.
func now7(c *resptest.PeerConn, types string, keys ...string) *resptest.PeerConn {
	c.Expect("PEXPIRETIME").Reply(tooShort).Expect("HPEXPIRETIME").Reply(unknown)
	c.Expect("SCAN", "0", "COUNT", "1000").Reply(scanned(keys...))
	for i, kind := range strings.Fields(types) {
		c.Expect("TYPE", keys[i]).Reply("+" + kind + "\r\n")
	}
	return c
}

// Keys that are not what they were a moment ago, and what there are no commands for.
func TestExportOfKeysThatChange(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			now7(c, "list hash string MBbloom--", "a", "b", "c", "d")
			c.Expect("PEXPIRETIME", "a").Reply(":-1\r\n").Expect("LRANGE", "a", "0", "128").Reply("-WRONGTYPE Operation\r\n")
			c.Expect("PEXPIRETIME", "b").Reply(":-2\r\n").Expect("HSCAN", "b", "0", "COUNT", "128").Reply(scanned())
			c.Expect("PEXPIRETIME", "c").Reply(":-1\r\n").Expect("GETRANGE", "c", "0", "16384").Reply("$0\r\n\r\n")
			c.ExpectEnd()
			return
		}
		for {
			switch key := c.Next(); strings.Join(key, " ") { // in any order: there are several connections
			case "TYPE d":
				c.Reply("+MBbloom--\r\n").Expect("PEXPIRETIME", "d").Expect("DUMP", "d").Reply(":99\r\n$3\r\n\x00\xff\n\r\n")
			case "TYPE a":
				c.Reply("+string\r\n").Expect("PEXPIRETIME", "a").Expect("GET", "a").Reply(":-1\r\n-WRONGTYPE again\r\n")
				c.Expect("TYPE", "a").Reply("+set\r\n").Expect("PEXPIRETIME", "a").Expect("SSCAN", "a", "0", "COUNT", "128")
				c.Reply(":-1\r\n*2\r\n$1\r\n3\r\n*1\r\n$1\r\nx\r\n")
				c.Expect("SSCAN", "a", "3", "COUNT", "256").Reply("*2\r\n$1\r\n0\r\n*1\r\n$1\r\ny\r\n")
				c.Expect("TYPE", "a").Reply("+zset\r\n") // so what has been read is nothing
				c.Expect("TYPE", "a").Reply("+zset\r\n").Expect("PEXPIRETIME", "a").Expect("ZSCAN", "a", "0", "COUNT", "128")
				c.Reply(":-1\r\n*2\r\n$1\r\n0\r\n*2\r\n$1\r\nm\r\n$3\r\n1.5\r\n")
			case "TYPE c":
				c.Reply("+none\r\n")
			default:
				t.Errorf("%q was not expected", key)
			}
		}
	})
	out, got, err := written(t, at(peer.Addr))
	for _, want := range []string{"DEL a\nZADD a 1.5 m\n", "RESTORE d 99 \"\\x00\\xff\\n\" REPLACE ABSTTL\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %q", want, out)
		}
	}
	if strings.Count(out, "\n") != 3 || err != nil || got.Keys != 2 || got.Vanished != 2 || got.Refused != 0 {
		t.Errorf("got %q, %+v, %v", out, got, err)
	}
}

// A server that has no time is asked again; a key that is refused is counted.
func TestExportFromAServerThatRefuses(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N > 0 {
			c.Expect("TYPE", "a").Reply("-BUSY Redis is busy running a script\r\n")
			c.Expect("TYPE", "a").Reply("+string\r\n").Expect("PEXPIRETIME", "a").Expect("GET", "a").Reply(":-1\r\n-NOPERM no \x1b[2J\r\n").ExpectEnd()
			return
		}
		c.Expect("PEXPIRETIME").Reply(tooShort).Expect("HPEXPIRETIME").Reply(unknown)
		c.Expect("SCAN", "0", "COUNT", "1000").Reply("-LOADING Redis is loading the dataset in memory\r\n")
		c.Expect("SCAN", "0", "COUNT", "1000").Reply(scanned("a")).Expect("TYPE", "a").Reply("-BUSY Redis is busy\r\n").ExpectEnd()
	})
	out, got, err := written(t, at(peer.Addr))
	if out != "" || err != nil || got.Refused != 1 || got.Refusal != "\"a\": NOPERM no \x1b[2J" {
		t.Errorf("got %q, %+v, %v", out, got, err)
	}
	refusing := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("PEXPIRETIME").Reply(tooShort).Expect("HPEXPIRETIME").Reply(unknown)
		c.Expect("SCAN", "0", "COUNT", "1000").Reply("-NOPERM no\r\n").ExpectEnd()
	})
	_, _, err = written(t, at(refusing.Addr))
	if refused := (*RefusedError)(nil); !errors.As(err, &refused) || refused.Command != "SCAN" || refused.Reply != "NOPERM no" {
		t.Errorf("got %v", err)
	}
}

// What SCAN names twice is the same in the end.
func TestExportOfAKeyThatIsNamedTwice(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		now7(c, "list list", "l", "l")
		for range 2 {
			c.Expect("PEXPIRETIME", "l").Reply(":-1\r\n").Expect("LRANGE", "l", "0", "128").Reply("*1\r\n$1\r\nx\r\n")
		}
		c.ExpectEnd()
	})
	if out, _, err := written(t, at(peer.Addr)); out != "DEL l\nRPUSH l x\nDEL l\nRPUSH l x\n" || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
}

// While all kinds of keys come and go, those that stay as they are come out as they are.
func TestExportWhileKeysChange(t *testing.T) {
	s, to := resptest.Server(t), resptest.Server(t)
	noLeaks(t)
	s.Do("EVAL", `for i=1,3000 do redis.call('SET','still:s'..i,i) if i<300 then redis.call('RPUSH','still:l'..i,i,2) end end
		for i=1,5000 do redis.call('HSET','still:h',i,i) redis.call('RPUSH','still:l',i) redis.call('XADD','still:x',i..'-1','f',i) end`, "0")
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for n := range 2 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				s.Do("EVAL", `local k='moving:'..ARGV[1]%40 local n=tonumber(ARGV[1])%7
					redis.call('DEL',k)
					for i=1,300 do
					if n==0 then redis.call('RPUSH',k,i) elseif n==1 then redis.call('SET',k,i) elseif n==2 then redis.call('HSET',k,i,i)
					elseif n==3 then redis.call('ZADD',k,i,i) elseif n==4 then redis.call('XADD',k,'*','f',i) elseif n==5 then redis.call('SADD',k,i) end
					end`, "0", fmt.Sprint(i*7919+n))
			}
		})
	}
	var still []string
	for range 2 {
		out, got, err := written(t, at(s.Addr))
		if err != nil || got.Refused != 0 {
			t.Fatalf("got %+v, %v", got, err)
		}
		still = append(still, out)
	}
	close(stop)
	writers.Wait()
	for key := range strings.SplitSeq(s.Do("KEYS", "moving:*"), "\n") {
		s.Do("DEL", key)
	}
	for _, out := range still {
		to.Do("FLUSHALL")
		result := resptest.Exec(t, resptest.RedisCLI(t), []string{"-p", strings.TrimPrefix(to.Addr, "127.0.0.1:")}, out)
		if strings.Contains(result.Stdout, "ERR") || strings.Contains(result.Stdout, "WRONGTYPE") {
			t.Errorf("what was written does not load: %.500s", result.Stdout)
		}
		to.Do("EVAL", "for _,k in ipairs(redis.call('KEYS','moving:*')) do redis.call('DEL',k) end", "0")
		if got, want := to.Do("DEBUG", "DIGEST"), s.Do("DEBUG", "DIGEST"); got != want {
			t.Errorf("digest %s, want %s", got, want)
		}
	}
}

// The output of an export whose connection breaks is whole keys, but for one that is too large to be
// held, which ends it.
func TestExportOnAConnectionThatBreaks(t *testing.T) {
	s := resptest.Shared(t)
	noLeaks(t)
	populate(s, "k", 5000)
	s.Do("EVAL", "for i=1,20000 do redis.call('RPUSH','list',i) end", "0")
	s.Do("SETRANGE", "huge", "8000000", "x")
	for _, at := range []int64{10, 1000, 50_000, 200_000, 3_000_000} {
		proxy := resptest.Proxy(t, s.Addr, func(int) resptest.Plan {
			ending := resptest.RST
			if at > 1<<20 {
				ending = resptest.FIN // which does not overtake what was sent before
			}
			return resptest.Plan{Down: resptest.Lane{Then: ending, At: at}}
		})
		out, got, err := written(t, with(pipeclient.Config{Addr: proxy.Addr}))
		if !errors.As(err, new(*pipeclient.LostError)) {
			t.Fatalf("at %d: got %v", at, err)
		}
		whole := strings.Count(out, "\nSET ") + strings.Count(out, "\nDEL ")
		if strings.HasPrefix(out, "SET ") || strings.HasPrefix(out, "DEL ") {
			whole++
		}
		if got.Torn != nil {
			whole--
		} else if out != "" && !strings.HasSuffix(out, "\n") {
			t.Errorf("at %d: the output ends in %q", at, out[max(0, len(out)-50):])
		}
		if int64(whole) != got.Keys {
			t.Errorf("at %d: %d whole keys were written, reported are %+v", at, whole, got)
		}
		if at == 3_000_000 && string(got.Torn) != "huge" {
			t.Errorf("got %+v, want huge to be torn", got)
		}
	}
}

// full is a writer that takes so many bytes.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestExportToWhatTakesNoMore(t *testing.T) {
	s := resptest.Shared(t)
	noLeaks(t)
	populate(s, "k", 20_000)
	for i := range 6 {
		s.Do("SETRANGE", fmt.Sprint("huge:", i), "1500000", "x")
		s.Do("EVAL", "for i=1,3000 do redis.call('HSET',KEYS[1],i,i) end", "1", fmt.Sprint("hash:", i))
	}
	for _, left := range []int{0, 100_000, 1_000_000, 2_000_000, 10_000_000} {
		_, err := Export(context.Background(), ExportConfig{Servers: []Server{at(s.Addr), at(s.Addr)}, Out: &full{left}})
		if output := (*OutputError)(nil); !errors.As(err, &output) || output.Err != errFull {
			t.Errorf("%d bytes: got %v", left, err)
		}
	}
}

func TestExportThatIsInterrupted(t *testing.T) {
	s := resptest.Shared(t)
	noLeaks(t)
	populate(s, "k", 20_000)
	for i := range 12 {
		s.Do("SETRANGE", fmt.Sprint("huge:", i), "3000000", "x")
	}
	why := errors.New("enough")
	for _, left := range []int{0, 100_000, 5_000_000} {
		ctx, cancel := context.WithCancelCause(context.Background())
		out := &after{left: left, then: func() { cancel(why) }}
		got, err := Export(ctx, ExportConfig{Servers: []Server{at(s.Addr)}, Out: out})
		if err != why || got.Bytes == 0 {
			t.Errorf("after %d bytes: got %+v, %v", left, got, err)
		}
	}
}

// after does something when so many bytes have been written.
type after struct {
	left int
	then func()
}

func (a *after) Write(p []byte) (int, error) {
	if a.left -= len(p); a.left <= 0 {
		a.then()
	}
	return io.Discard.Write(p)
}
