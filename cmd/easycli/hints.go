package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"easycli/internal/lines"
	"easycli/internal/manual"
	"easycli/internal/pipeclient"
	"easycli/internal/quote"
)

// hint prints the hint that the prompt would show behind a text, an empty line if it would show none.
type hint struct {
	Conn connection
	Text string
}

func (r hint) run(ctx context.Context, c *console) error {
	book, err := r.Conn.book(ctx, c)
	if err != nil {
		return err
	}
	return c.print(book.HintOf(r.Text) + "\n")
}

// hintFile compares hints with those that a file wants: a text and its hint in a line, both in quotes.
type hintFile struct {
	Conn connection
	Path string
}

func (r hintFile) run(ctx context.Context, c *console) error {
	text, err := os.ReadFile(r.Path)
	if err != nil {
		return inputError{fmt.Errorf("reading %w", err)}
	}
	book, err := r.Conn.book(ctx, c)
	if err != nil {
		return err
	}
	report, failed, err := compareHints(book, string(text))
	if err != nil {
		return inputError{fmt.Errorf("%s: %w", r.Path, err)}
	}
	if err := c.print(report); err != nil || failed == 0 {
		return err
	}
	return toldError{wrongHints(failed)}
}

// compareHints reports the hints that are not what the lines of text want, and how many they are. Empty
// lines and those that begin with # want none.
func compareHints(book *manual.Book, text string) (report string, failed int, err error) {
	var b strings.Builder
	all, number := 0, 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		words, err := quote.Split([]byte(line), nil)
		if err != nil || len(words) != 2 {
			return "", 0, fmt.Errorf(`line %d is not an input and its hint: "GET " "key"`, number)
		}
		all++
		if got := book.HintOf(string(words[0])); got != string(words[1]) {
			failed++
			fmt.Fprintf(&b, "line %d: %s has the hint %s, not %s\n", number, quote.Append(nil, words[0]),
				quote.Append(nil, got), quote.Append(nil, words[1]))
		}
	}
	verdict := "SUCCESS"
	if failed > 0 {
		verdict = "FAILURE"
	}
	fmt.Fprintf(&b, "%s: %d/%d passed\n", verdict, all-failed, all)
	return b.String(), failed, nil
}

// wrongHints is how many hints were not what they should be.
type wrongHints int

func (e wrongHints) Error() string { return fmt.Sprintf("%d hints are not as wanted", int(e)) }

// status is that number, as far as a process can say it and a shell has no other meaning for it.
func (e wrongHints) status() exitStatus { return exitStatus(min(int(e), 125)) }

// book is what the server says of its commands, and our own table where it is out of reach or does not
// describe them.
func (conn connection) book(ctx context.Context, c *console) (*manual.Book, error) {
	conf, done, err := conn.open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer done()
	docs, _ := lines.Docs(ctx, func(ctx context.Context, conf pipeclient.Config) (*pipeclient.Conn, error) {
		return conn.dial(ctx, c, conf)
	}, conf, nil)
	return manual.Told(docs), nil
}
