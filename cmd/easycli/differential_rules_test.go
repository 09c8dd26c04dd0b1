package main

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"easycli/internal/quote"
)

// rule is an agreed difference from redis-cli: it turns what redis-cli did into what easycli has to
// do, and fails where the difference it describes is not there, so that no line has a rule that it
// does not need. Each of them is a row in the README's table.
type rule func(want *outcome, ours outcome, f format) error

// rules are what stands before the words of a line.
var rules map[string]rule

func init() {
	rules = map[string]rule{
		// The server answered an error, and redis-cli says that all is well.
		"error": func(want *outcome, _ outcome, _ format) error {
			return changeExit(want, 0, exitAnswer)
		},
		// The command line makes no sense, or redis-cli reads something else into it.
		"usage": func(want *outcome, ours outcome, _ format) error {
			*want = outcome{"", ours.stderr, int(exitUsage)}
			return oneSentence(ours.stderr)
		},
		// redis-cli knows that the command line makes no sense, in the same words.
		"refused": func(want *outcome, _ outcome, _ format) error {
			return changeExit(want, 1, exitUsage)
		},
		// A quoting error: the same words, on stderr.
		"quoted": func(want *outcome, _ outcome, _ format) error {
			want.stdout, want.stderr = want.stderr, want.stdout
			return changeExit(want, 1, exitUsage)
		},
		// A file that cannot be read.
		"unread": func(want *outcome, _ outcome, _ format) error {
			return changeExit(want, 1, exitInput)
		},
		// AUTH, SELECT or HELLO is refused, and redis-cli goes on to send the command.
		"closed": func(want *outcome, _ outcome, _ format) error {
			if want.stderr == "" {
				return errors.New("nothing was refused")
			}
			*want = outcome{"", want.stderr, int(exitConnect)}
			return nil
		},
		// There is no connection: the same sentence, perhaps with a hint after it.
		"unreachable": func(want *outcome, ours outcome, _ format) error {
			if want.stderr == "" || !strings.HasPrefix(ours.stderr, want.stderr) {
				return errors.New("another sentence")
			}
			want.stderr = ours.stderr
			return changeExit(want, 1, exitConnect)
		},
		// A RESP3 type that ends redis-cli.
		"survives": func(want *outcome, ours outcome, f format) error {
			if want.exit == 0 {
				return nil // in RESP2 it is another type
			}
			if ours.stdout == "" {
				return errors.New("nothing is printed")
			}
			*want = outcome{ours.stdout, "", 0}
			return nil
		},
		// A push for a reply, which RESP2 has no form for.
		"pushed": func(want *outcome, _ outcome, _ format) error {
			if strings.Contains(want.stdout, "RESP2 is not supported") {
				return changeExit(want, 0, exitAnswer)
			}
			return nil
		},
		// A report that redis-cli prints as text even as JSON.
		"report": func(want *outcome, ours outcome, f format) error {
			if !f.json {
				return nil
			}
			got, err := fields(ours.stdout)
			if err != nil {
				return err
			}
			said := fieldsOfText(want.stdout, len(got) == 1, f.quoted)
			if numberless(strings.Join(got, "\n")) == numberless(strings.Join(said, "\n")) {
				want.stdout = ours.stdout
			}
			return nil
		},
		// Numbers of the moment; [normal] makes them equal.
		"volatile": func(*outcome, outcome, format) error { return nil },
		// The line names its server itself.
		"elsewhere": func(*outcome, outcome, format) error { return nil },
		// easycli understands what redis-cli does not.
		"knows": func(want *outcome, ours outcome, _ format) error {
			if want.exit == 0 && want.stderr == "" {
				return errors.New("redis-cli knows this too")
			}
			*want = outcome{ours.stdout, ours.stderr, 0}
			return nil
		},
	}
}

func changeExit(want *outcome, from int, to exitStatus) error {
	if want.exit != from {
		return errors.New("the rule is about another exit status of redis-cli")
	}
	want.exit = int(to)
	return nil
}

// oneSentence reports what is wrong with a message about the command line.
func oneSentence(text string) error {
	if len(text) < 10 || len(text) > 300 || strings.Count(text, "\n") > 3 || !strings.HasSuffix(text, "\n") {
		return errors.New("not one sentence")
	}
	return nil
}

// expect is what easycli has to do where redis-cli did theirs.
func expect(l sample, f format, theirs, ours outcome) (outcome, error) {
	want := theirs
	if f.json && !l.has("report") {
		want.stdout = validForm(want.stdout, f.quoted)
	}
	for _, name := range l.rules {
		if err := rules[name](&want, ours, f); err != nil {
			return want, err
		}
	}
	return want, nil
}

// normal is an outcome without what no two runs have in common.
func normal(l sample, o outcome) outcome {
	if l.has("volatile") {
		o.stdout = numberless(o.stdout)
	}
	return o
}

// volatile is an address, a measure, an identifier or a count. A fraction comes before identifiers,
// for it may have as many digits as one.
var volatile = regexp.MustCompile(
	`0x[0-9a-f]+|-?\d+\.\d+(?:e[-+]\d+)?(?:[KMGB]\b|%)?|[0-9a-f]{16,40}|-?\d+(?:e[-+]\d+)?(?:[KMGB]\b|%)?`)

// numberless has one sign for every number.
func numberless(text string) string { return volatile.ReplaceAllString(text, "#") }

// validForm is redis-cli's JSON made valid: an error is an object, a number that JSON has no form
// for is a string, bytes that are no UTF-8 are escaped, and so is a quote in quoted JSON.
func validForm(text string, quoted bool) string {
	var b strings.Builder
	for text != "" {
		switch {
		case strings.HasPrefix(text, `error:"`):
			inside, rest := stringOf(text[len("error:"):], quoted)
			b.WriteString(`{"error":` + inside + "}")
			text = rest
		case text[0] == '"':
			inside, rest := stringOf(text, quoted)
			b.WriteString(inside)
			text = rest
		default:
			word := bareNumber.FindString(text)
			if word != "" {
				b.WriteString(`"` + word + `"`)
				text = text[len(word):]
			} else {
				b.WriteByte(text[0])
				text = text[1:]
			}
		}
	}
	return b.String()
}

var bareNumber = regexp.MustCompile(`^-?(inf|nan)\b`)

// stringOf cuts the string that text begins with, and makes it valid. In quoted JSON a quote has an
// odd number of pairs of backslashes before it, which as JSON ends the string.
func stringOf(text string, quoted bool) (valid, rest string) {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for i := 1; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' && slashes%2 == 0 && (!quoted || slashes/2%2 == 0):
			return b.String() + `"`, text[i+1:]
		case c == '"' && slashes%2 == 0:
			b.WriteString(`\"`)
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && size == 1 {
				b.WriteString(`\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
			} else {
				b.WriteString(text[i : i+size])
				i += size - 1
			}
		default:
			b.WriteByte(c)
		}
		if c == '\\' {
			slashes++
		} else {
			slashes = 0
		}
	}
	return b.String(), ""
}

// fields are the leaves of a JSON text in their order, as name=value.
func fields(text string) ([]string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var found []string
	err := leaves(d, "", &found)
	return found, err
}

func leaves(d *json.Decoder, name string, found *[]string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		*found = append(*found, strings.TrimPrefix(name+"="+tokenText(token), "="))
		return nil
	}
	for d.More() {
		inner := ""
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			inner = key.(string)
		}
		if err := leaves(d, inner, found); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func tokenText(token json.Token) string {
	switch v := token.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return "null"
}

var fieldList = regexp.MustCompile(`^[\w.-]+=[^,]*(,[\w.-]+=[^,]*)*$`)

// fieldsOfText are the fields of INFO or CLIENT LIST, or the text itself if it is whole, or what is
// said of an error.
func fieldsOfText(text string, whole, quoted bool) []string {
	switch {
	case strings.HasPrefix(text, "ERR "):
		return []string{"error=" + strings.TrimSuffix(text, "\n")}
	case whole && quoted:
		return []string{string(quote.AppendEscaped(nil, text))}
	case whole:
		return []string{text}
	}
	var found []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		switch {
		case line == "" || line[0] == '#':
		case ok && !strings.Contains(name, "="):
			if fieldList.MatchString(value) {
				found = append(found, strings.Split(value, ",")...)
			} else {
				found = append(found, name+"="+value)
			}
		default:
			found = append(found, strings.Fields(line)...)
		}
	}
	return found
}
