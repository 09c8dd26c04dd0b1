package render

import (
	"bytes"
	"strconv"
	"time"
)

// measure is what a number counts.
type measure byte

const (
	noMeasure measure = iota
	lengthSeconds
	lengthMilliseconds
	lengthMicroseconds
	timeSeconds
	timeMilliseconds
	sizeBytes
)

// measures are what the numbers in replies of each shape count.
var measures = [lastHow + 1]measure{
	Seconds: lengthSeconds, Milliseconds: lengthMilliseconds, UnixSeconds: timeSeconds, UnixMilliseconds: timeMilliseconds,
	Bytes: sizeBytes, Clock: timeSeconds,
}

// appendReading appends what a number means to people, nothing if the number says it well enough.
func (m measure) appendReading(dst []byte, n int64, now time.Time) []byte {
	switch m {
	case lengthSeconds:
		return appendLength(dst, n, 60)
	case lengthMilliseconds:
		return appendFine(dst, n, 1000, "s")
	case lengthMicroseconds:
		if n < 1e6 {
			return appendFine(dst, n, 1000, "ms")
		}
		return appendFine(dst, n/1000, 1000, "s")
	case timeSeconds:
		return appendTime(dst, n, now)
	case timeMilliseconds:
		return appendTime(dst, n/1000, now)
	case sizeBytes:
		return appendSize(dst, n, 1024)
	}
	return dst
}

// absence is what a number below zero says in the place of a time.
func absence(n int64) string {
	switch n {
	case -1:
		return "does not expire"
	case -2:
		return "does not exist"
	}
	return ""
}

// lengthUnits are the units of a length of time, in seconds.
var lengthUnits = [...]struct {
	size int64
	name byte
}{{365 * 86400, 'y'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}

// appendLength appends a length of time in its greatest unit and the two below it, if it is at least
// so long.
func appendLength(dst []byte, seconds, least int64) []byte {
	if seconds < least {
		return dst
	}
	from, units := len(dst), 0
	for _, u := range lengthUnits {
		n := seconds / u.size
		seconds %= u.size
		if n == 0 && units == 0 && u.size > 1 {
			continue
		}
		if units++; units > 3 {
			break
		}
		if len(dst) > from {
			if n == 0 {
				continue
			}
			dst = append(dst, ' ')
		}
		dst = append(strconv.AppendInt(dst, n, 10), u.name)
	}
	return dst
}

// appendFine appends a length of time that is counted in parts of a unit: 1.5s.
func appendFine(dst []byte, n, parts int64, unit string) []byte {
	switch {
	case n < parts:
		return dst
	case n >= 60*parts && unit == "s":
		return appendLength(dst, n/parts, 1)
	}
	dst = strconv.AppendFloat(dst, float64(n/(parts/10))/10, 'f', -1, 64)
	return append(dst, unit...)
}

// appendTime appends a time, and how long ago or ahead it is.
func appendTime(dst []byte, unix int64, now time.Time) []byte {
	const year9999 = 253402300799
	if unix <= 0 || unix > year9999 {
		return dst
	}
	dst = time.Unix(unix, 0).UTC().AppendFormat(dst, "2006-01-02 15:04:05 UTC")
	switch age := now.Unix() - unix; {
	case age > 0:
		dst = append(appendLength(append(dst, " ("...), age, 1), " ago)"...)
	case age < 0:
		dst = append(appendLength(append(dst, " (in "...), -age, 1), ')')
	default:
		dst = append(dst, " (now)"...)
	}
	return dst
}

// Size is a number of bytes as a reading tells it.
func Size(n int64) string { return string(appendSize(nil, n, 0)) }

// appendSize appends a number of bytes in the greatest unit, if it is at least so many.
func appendSize(dst []byte, n, least int64) []byte {
	if n < least {
		return dst
	}
	if n < 1024 {
		return append(strconv.AppendInt(dst, n, 10), " B"...)
	}
	size := float64(n)
	for _, unit := range []string{" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"} {
		if size /= 1024; size < 1023.95 || unit == " EiB" {
			dst = append(strconv.AppendFloat(dst, size, 'f', 1, 64), unit...)
			break
		}
	}
	return dst
}

// cell is a cell with such a number, or with other text. Beside others a time needs no more than its
// date, which is as exact, and a size no more than its number.
func (m measure) cell(text []byte, now time.Time) cell {
	c := cell{text: safe(text), reading: string(m.appendTextReading(nil, text, now))}
	switch {
	case c.reading == "":
	case m == sizeBytes:
		c.short = c.text
	case m == timeSeconds || m == timeMilliseconds:
		n, _ := strconv.ParseInt(c.text, 10, 64)
		if m == timeSeconds {
			c.short = time.Unix(n, 0).UTC().Format("2006-01-02 15:04:05 UTC")
		} else {
			c.short = time.UnixMilli(n).UTC().Format("2006-01-02 15:04:05.000 UTC")
		}
	}
	return c
}

// infoMeasure is what a number in an INFO text counts, by the name that servers give it.
func infoMeasure(name []byte) measure {
	switch string(name) {
	case "maxmemory", "total_system_memory", "client_recent_max_input_buffer", "client_recent_max_output_buffer",
		"current_cow_size", "current_cow_peak", "repl_backlog_size", "repl_backlog_histlen", "aof_current_size",
		"aof_base_size", "rdb_last_cow_size", "aof_last_cow_size", "module_fork_last_cow_size":
		return sizeBytes
	case "rdb_last_save_time":
		return timeSeconds
	case "uptime_in_seconds", "current_cow_size_age", "master_last_io_seconds_ago", "master_link_down_since_seconds":
		return lengthSeconds
	}
	switch {
	case bytes.HasSuffix(name, []byte("_bytes")), bytes.HasPrefix(name, []byte("used_memory")),
		bytes.HasPrefix(name, []byte("mem_")), bytes.HasPrefix(name, []byte("allocator_")):
		return sizeBytes
	case bytes.HasSuffix(name, []byte("_usec")) && string(name) != "server_time_usec":
		return lengthMicroseconds
	case bytes.HasSuffix(name, []byte("_sec")):
		return lengthSeconds
	}
	return noMeasure
}

// clientMeasure is the same for a field of CLIENT LIST.
func clientMeasure(name []byte) measure {
	switch string(name) {
	case "age", "idle":
		return lengthSeconds
	case "qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp", "omem", "tot-mem", "tot-net-in", "tot-net-out":
		return sizeBytes
	}
	return noMeasure
}

// factMeasure is the same for a field of CONFIG GET, MEMORY STATS, XINFO and their like.
func factMeasure(name []byte) measure {
	switch string(name) {
	case "maxmemory", "maxmemory-clients", "client-query-buffer-limit", "proto-max-bulk-len", "replication.backlog",
		"cluster.links", "aof.buffer", "lua.caches", "functions.caches", "script.VMs",
		"clients.normal", "clients.slaves", "send-buffer-allocated", "send-buffer-used":
		return sizeBytes
	case "idle", "inactive":
		return lengthMilliseconds
	case "create-time", "timestamp-created", "timestamp-last-updated":
		return timeMilliseconds
	}
	for _, rule := range factRules {
		if bytes.HasPrefix(name, []byte(rule.prefix)) && bytes.HasSuffix(name, []byte(rule.suffix)) {
			return rule.measure
		}
	}
	return noMeasure
}

// factRules are what names that begin and end so mean.
var factRules = [...]struct {
	prefix, suffix string
	measure        measure
}{
	{"", ".bytes", sizeBytes}, {"", "-bytes", sizeBytes}, {"", ".allocated", sizeBytes}, {"overhead.", "", sizeBytes},
	{"allocator.", "", sizeBytes}, {"auto-aof-", "-size", sizeBytes}, {"repl-backlog", "-size", sizeBytes},
	{"", "-milliseconds", lengthMilliseconds}, {"", "-seconds", lengthSeconds},
}

// appendTextReading is appendReading for a number in digits; other text says nothing more.
func (m measure) appendTextReading(dst, text []byte, now time.Time) []byte {
	if m == noMeasure || len(text) > 19 {
		return dst
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < 0 {
		return dst
	}
	return m.appendReading(dst, n, now)
}
