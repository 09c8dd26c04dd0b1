package sandbox

import (
	"fmt"
	"strings"
)

// demo is what a sandbox starts with, a command a line; words are separated by tabs.
const demo = `SET	demo:hello	Welcome! Nothing here is kept, so try anything: KEYS demo:*
SET	demo:visits	41
SET	demo:settings	{"theme":"dark","lines":25,"tags":["first","second"]}
SETBIT	demo:seats	3	1
SETBIT	demo:seats	17	1
HSET	demo:user:1	name	Ada Lovelace	born	1815	likes	mathematics
HSET	demo:user:2	name	Linus Pauling	born	1901	likes	chemistry
HSET	demo:greetings	en	Hello	fr	Bonjour	de	Grüß dich	ja	こんにちは	emoji	👋
RPUSH	demo:todo	feed the cat	water the plants	read the manual
SADD	demo:likes:ada	music	mathematics	horses
SADD	demo:likes:linus	chemistry	music	peace
ZADD	demo:highscores	3120	ada	2740	grace	1985	linus	1985	edsger
GEOADD	demo:cities	13.361389	38.115556	Palermo	15.087269	37.502669	Catania	12.496366	41.902782	Rome
PFADD	demo:visitors	ada	grace	linus	edsger	barbara
XADD	demo:orders	*	item	tea	count	2
XADD	demo:orders	*	item	lamp	count	1
XADD	demo:orders	*	item	rope	count	5
XGROUP	CREATE	demo:orders	packers	0
XREADGROUP	GROUP	packers	joan	COUNT	1	STREAMS	demo:orders	>
SET	demo:session	ada	EX	3600
SET	demo:countdown	watch me with TTL demo:countdown	EX	300`

// loadDemo fills database 0.
func (s *Server) loadDemo() error {
	for line := range strings.SplitSeq(demo, "\n") {
		argv := strings.Split(line, "\t")
		if reply := s.ask("0", argv...); reply[0] == '-' {
			return fmt.Errorf("%s %s: %s", argv[0], argv[1], strings.TrimSpace(reply[1:]))
		}
	}
	return nil
}
