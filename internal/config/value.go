package config

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value is a field that can be written as text.
type value interface {
	set(text string) error
	// kind says what it takes; it follows "wants".
	kind() string
	String() string
}

// errValue is a text that a value does not take.
var errValue = errors.New("not a value")

type (
	onOff bool
	text  string
	since time.Duration
)

func (v *onOff) set(s string) error {
	on, err := strconv.ParseBool(s)
	switch {
	case strings.EqualFold(s, "on"), strings.EqualFold(s, "yes"):
		on, err = true, nil
	case strings.EqualFold(s, "off"), strings.EqualFold(s, "no"):
		on, err = false, nil
	}
	if err != nil {
		return errValue
	}
	*v = onOff(on)
	return nil
}

func (v *onOff) kind() string { return "on or off" }

func (v *onOff) String() string {
	if *v {
		return "on"
	}
	return "off"
}

func (v *text) set(s string) error {
	if s == "" {
		return errValue
	}
	*v = text(s)
	return nil
}

func (v *text) kind() string   { return "a text" }
func (v *text) String() string { return string(*v) }

// set takes a duration; on is 0 and off is -1.
func (v *since) set(s string) error {
	var on onOff
	if on.set(s) == nil {
		*v = -1
		if on {
			*v = 0
		}
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return errValue
	}
	*v = since(d)
	return nil
}

func (v *since) kind() string { return "on, off, or a time such as 10ms" }

func (v *since) String() string {
	switch {
	case *v < 0:
		return "off"
	case *v == 0:
		return "on"
	}
	return time.Duration(*v).String()
}

type number struct {
	field    *int
	from, to int
}

func (v number) set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < v.from || n > v.to {
		return errValue
	}
	*v.field = n
	return nil
}

func (v number) kind() string {
	return "a number from " + strconv.Itoa(v.from) + " to " + strconv.Itoa(v.to)
}
func (v number) String() string { return strconv.Itoa(*v.field) }

type choice struct {
	field *string
	among []string
}

func (v choice) set(s string) error {
	if s = strings.ToLower(s); !slices.Contains(v.among, s) {
		return errValue
	}
	*v.field = s
	return nil
}

func (v choice) kind() string   { return listed(v.among) }
func (v choice) String() string { return *v.field }

// wordsOf are the words that a value may be, as far as it takes words.
func wordsOf(v value) []string {
	switch v := v.(type) {
	case *onOff, *since:
		return []string{"on", "off"}
	case choice:
		return v.among
	case *Confirm:
		return confirms
	}
	return nil
}

// listed is "a, b or c".
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// written is a value of TOML as it could be typed, if it is a single one.
func written(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}
