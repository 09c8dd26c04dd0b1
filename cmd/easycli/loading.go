package main

import "time"

// loading is how --pipe loads, as its options say.
type loading struct {
	// Timeout is how long to wait for a reply while one is due; 0 is for ever.
	Timeout time.Duration
	// AllowState and AllowBlocking let commands pass that a load refuses.
	AllowState, AllowBlocking bool
	// Verify sends markers to find replies that do not match requests.
	Verify bool
}

// defaultPipeTimeout is redis-cli's.
const defaultPipeTimeout = 30 * time.Second

// loadingOptions are the options of --pipe. All but redis-cli's own --pipe-timeout are refused
// without it.
func loadingOptions() []option {
	return []option{
		{"pipe", "", "", "load commands from stdin in bulk, as text or RESP", turnOn(func(d *draft) *bool { return &d.pipe })},
		{"pipe-timeout", "", "SECONDS", "wait this long for replies that are due (default 30; 0 is for ever)",
			(*draft).setPipeTimeout},
		forPipe(option{"allow-state", "", "", "let HELLO and RESET pass",
			turnOn(func(d *draft) *bool { return &d.load.AllowState })}),
		forPipe(option{"allow-blocking", "", "", "let commands pass that may wait, such as BLPOP",
			turnOn(func(d *draft) *bool { return &d.load.AllowBlocking })}),
		forPipe(option{"verify", "", "", "send a marker (ECHO) every 10000 commands and check that it comes back in its place",
			turnOn(func(d *draft) *bool { return &d.load.Verify })}),
	}
}

// forPipe is an option that means nothing without --pipe: a draft remembers the first of them.
func forPipe(o option) option {
	set := o.set
	o.set = func(d *draft, value string) error {
		if d.needsPipe == "" {
			d.needsPipe = "--" + o.long
		}
		return set(d, value)
	}
	return o
}
