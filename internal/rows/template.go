package rows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"easycli/internal/quote"
)

// Template is a command with places for the values of a row.
type Template struct {
	text    string
	words   []word
	columns []string // that are named, each once
	all     bool     // one of the words is {*}
}

// word is one word of the command.
type word struct {
	parts []part
	all   bool // {*}
}

// part is a text, or the value of a column.
type part struct {
	// literal is the text, or what an optional column without a value is replaced by.
	literal  []byte
	column   int // among the template's columns, -1 for a text
	optional bool
}

// TemplateError is why a template cannot be used: a sentence to be shown as it is.
type TemplateError string

func (e TemplateError) Error() string { return string(e) }

// Parse reads a template: words as at the prompt, with
//
//	{name}       the value of a column; in JSONL {a.b} is the field b of the object a
//	{name?text}  the same, or the text (which may be empty) where the row has no value: a field that
//	             is missing or null in JSONL, \N in TSV, nothing and no quotes in CSV
//	{*}          as a word: name and value of every column that the template does not name, but for
//	             those that are null
//	{{ and }}    a brace
//
// The name of the command cannot come from a row. The error is a [TemplateError].
func Parse(text string) (*Template, error) {
	words, err := quote.Split([]byte(text), nil)
	if err != nil {
		return nil, TemplateError(err.Error())
	}
	if len(words) == 0 {
		return nil, TemplateError("it is empty")
	}
	t := &Template{text: text}
	for i, text := range words {
		if string(text) == "{*}" && i > 0 {
			t.all = true
			t.words = append(t.words, word{all: true})
			continue
		}
		w, err := t.word(string(text))
		if err != nil {
			return nil, TemplateError(err.Error())
		}
		if i == 0 && (len(w.parts) != 1 || w.parts[0].column >= 0) {
			return nil, TemplateError("the name of the command cannot come from a row")
		}
		t.words = append(t.words, w)
	}
	return t, nil
}

// Text is the template as it was written.
func (t *Template) Text() string { return t.text }

// word cuts a word into its parts.
func (t *Template) word(text string) (word, error) {
	var w word
	var literal []byte
	for rest := text; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			literal = append(literal, rest...)
			break
		}
		literal = append(literal, rest[:at]...)
		brace := rest[at]
		rest = rest[at+1:]
		if rest != "" && rest[0] == brace {
			literal = append(literal, brace)
			rest = rest[1:]
			continue
		}
		if brace == '}' {
			return word{}, fmt.Errorf("a } without its { in %s; }} writes one", text)
		}
		inside, behind, closed := strings.Cut(rest, "}")
		if !closed {
			return word{}, fmt.Errorf("a { without its } in %s; {{ writes one", text)
		}
		p, err := t.column(inside)
		if err != nil {
			return word{}, err
		}
		if len(literal) > 0 {
			w.parts = append(w.parts, part{literal: literal, column: -1})
			literal = nil
		}
		w.parts = append(w.parts, p)
		rest = behind
	}
	if len(literal) > 0 || len(w.parts) == 0 {
		w.parts = append(w.parts, part{literal: literal, column: -1})
	}
	return w, nil
}

// column is what stands between braces.
func (t *Template) column(inside string) (part, error) {
	name, instead, optional := strings.Cut(inside, "?")
	switch {
	case name == "*":
		return part{}, errors.New("{*} must be a word of its own, behind the name of the command")
	case name == "":
		return part{}, errors.New("{} names no column; {{}} writes the braces")
	case strings.Contains(inside, "{"):
		return part{}, fmt.Errorf("a { inside of {%s}", inside)
	}
	at := slices.Index(t.columns, name)
	if at < 0 {
		at = len(t.columns)
		t.columns = append(t.columns, name)
	}
	return part{literal: []byte(instead), column: at, optional: optional}, nil
}
