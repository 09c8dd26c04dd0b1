package shell

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"easycli/internal/lineeditor"
	"easycli/internal/manual"
	"easycli/internal/resp"
)

const (
	// askingTime is how long looking for names may take while somebody waits for them with a finger on
	// Tab.
	askingTime = 50 * time.Millisecond
	// scanCount is how many keys a SCAN looks at: 0.8 ms of a server with a million.
	scanCount = "1000"
	// maxNames is how many names are offered.
	maxNames = 500
)

// memory is where the last search for names has stopped: the next Tab goes on there.
type memory struct {
	mu     sync.Mutex
	wanted manual.Wants
	prefix string
	db     int
	cursor string
	found  []string
	// settings are the names of the server's settings, once asked.
	settings []string
	whose    string
}

// asked are candidates that the server has to be asked for.
func (a *Assistant) asked(ctx context.Context, wants manual.Wants, typed string) []lineeditor.Candidate {
	if !a.keys.Load() || a.quiet.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(a.testOnlyPatience, askingTime))
	defer cancel()
	var names []string
	switch wants.What {
	case manual.KeyName, manual.Field, manual.Member:
		names = a.scanned(ctx, wants, typed)
	case manual.ConfigName:
		names = a.settings(ctx)
	case manual.Group:
		v, _ := a.scout.AboutKeys(ctx, "XINFO", "GROUPS", wants.Key)
		for _, group := range v.Elems {
			name, _ := group.Lookup("name")
			names = append(names, name.Text)
		}
	case manual.Channel:
		v, _ := a.scout.Do(ctx, "PUBSUB", "CHANNELS", escapeGlob(typed)+"*")
		names = textsOfElems(v)
	case manual.ClientID:
		names = a.clients(ctx)
	}
	return a.offer(names, typed, wants)
}

// offer makes candidates of names.
func (a *Assistant) offer(names []string, typed string, wants manual.Wants) []lineeditor.Candidate {
	slices.Sort(names)
	var all []lineeditor.Candidate
	for _, name := range slices.Compact(names) {
		if len(all) < maxNames && strings.HasPrefix(name, typed) {
			all = append(all, lineeditor.Candidate{Text: quoted(name), Description: described(wants)})
		}
	}
	return all
}

// described is what a name that the server was asked for is.
func described(w manual.Wants) string {
	switch w.What {
	case manual.KeyName:
		if w.Type == "" {
			return "key"
		}
		return w.Type
	case manual.Field:
		return "field"
	case manual.Member:
		return "member"
	case manual.Group:
		return "consumer group"
	case manual.ConfigName:
		return "setting"
	case manual.Channel:
		return "channel"
	case manual.ClientID:
		return "client"
	}
	return ""
}

func textsOfElems(v resp.Value) []string {
	var all []string
	for _, elem := range v.Elems {
		all = append(all, elem.Text)
	}
	return all
}

// escapeGlob is a pattern that matches the text alone, to a server and to [filepath.Glob].
func escapeGlob(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(text)
}

// scanned are names that a cursor leads to, as many as the time allows.
func (a *Assistant) scanned(ctx context.Context, wants manual.Wants, typed string) []string {
	m := &a.seen
	m.mu.Lock()
	defer m.mu.Unlock()
	db := a.scout.database()
	if m.wanted != wants || m.prefix != typed || m.db != db {
		m.wanted, m.prefix, m.db, m.cursor, m.found = wants, typed, db, "0", nil
	} else if m.cursor == "0" && len(m.found) > 0 {
		m.found = nil // all of it was seen: look anew
	}
	for {
		v, err := a.scout.AboutKeys(ctx, scanWords(wants, m.cursor, typed)...)
		if err != nil || v.IsError() || len(v.Elems) != 2 {
			return slices.Clone(m.found)
		}
		m.cursor = v.Elems[0].Text
		step := 1
		if wants.What == manual.Field || wants.What == manual.Member && wants.Type != "set" {
			step = 2
		}
		for i := 0; i < len(v.Elems[1].Elems); i += step {
			m.found = append(m.found, v.Elems[1].Elems[i].Text)
		}
		if m.cursor == "0" || len(m.found) >= maxNames {
			return slices.Clone(m.found)
		}
	}
}

// scanWords is the command that goes on at a cursor.
func scanWords(wants manual.Wants, cursor, typed string) []string {
	pattern := escapeGlob(typed) + "*"
	switch {
	case wants.What == manual.KeyName && wants.Type != "":
		return []string{"SCAN", cursor, "MATCH", pattern, "COUNT", scanCount, "TYPE", wants.Type}
	case wants.What == manual.KeyName:
		return []string{"SCAN", cursor, "MATCH", pattern, "COUNT", scanCount}
	case wants.What == manual.Field:
		return []string{"HSCAN", wants.Key, cursor, "MATCH", pattern, "COUNT", scanCount}
	case wants.Type == "set":
		return []string{"SSCAN", wants.Key, cursor, "MATCH", pattern, "COUNT", scanCount}
	}
	return []string{"ZSCAN", wants.Key, cursor, "MATCH", pattern, "COUNT", scanCount}
}

// settings are the names of the server's settings.
func (a *Assistant) settings(ctx context.Context) []string {
	m := &a.seen
	m.mu.Lock()
	defer m.mu.Unlock()
	if whose := a.scout.address(); m.whose != whose || len(m.settings) == 0 {
		v, err := a.scout.Do(ctx, "CONFIG", "GET", "*")
		if err != nil || v.IsError() {
			return nil
		}
		m.whose, m.settings = whose, nil
		for i := 0; i < len(v.Elems); i += 2 {
			m.settings = append(m.settings, v.Elems[i].Text)
		}
	}
	return slices.Clone(m.settings)
}

// clients are the numbers of the clients.
func (a *Assistant) clients(ctx context.Context) []string {
	v, _ := a.scout.Do(ctx, "CLIENT", "LIST")
	var all []string
	for line := range strings.Lines(v.Text) {
		for field := range strings.FieldsSeq(line) {
			if id, ok := strings.CutPrefix(field, "id="); ok {
				all = append(all, id)
			}
		}
	}
	return all
}
