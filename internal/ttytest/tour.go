package ttytest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"easycli/internal/quote"
)

// A Tour is a session as a person types it and what the screen must show meanwhile. It is read from
// a file of lines, each with a mark:
//
//	# a sentence
//	server redis --maxmemory 1mb      what to talk with: redis, cluster or sandbox
//	size 80x24
//	run easycli -p 6379               the program, without a shell
//	> get a<Enter>                    keys, as in [Keys]; behind an Enter or <C-c> without rows (=)
//	                                  to wait for, they wait for the next prompt
//	+ y                               keys that wait for no prompt
//	~ text                            is on the screen, or will be
//	! text                            is not, or will not be
//	= 127.0.0.1:6379> get a           rows, one behind another, with which the screen ends;
//	= "<*>"                           <*> is any text
//	$ SET a 1                         what somebody else sends to the server
//	? INFO clients -> blocked:1       the same until the reply holds the text
//	paste "set a 1\nset b 2\n"        text that is pasted, as a Go string
//	resize 40x10
//	exit 0                            the program has ended, with this status
//
// Ports are those of people: 127.0.0.1:6379, or 6379 alone behind run, stands for the server, and
// the numbers from there on for the other nodes of a cluster.
type Tour struct {
	Name       string
	Server     []string // the kind, and what is added to its command line
	Cols, Rows int
	Program    []string // its name and arguments
	steps      []tourStep
}

// tourStep is a mark and its text, with the line's number. The texts of a block of rows are lines.
type tourStep struct {
	mark string
	text string
	line int
}

// tourMarks are the steps of a tour; the other words of its lines are about its beginning.
const tourMarks = " > + ~ ! = $ ? paste resize exit "

// ReadTour reads a tour, and fails the test where it makes no sense.
func ReadTour(t testing.TB, path string) *Tour {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tour := &Tour{Name: strings.TrimSuffix(filepath.Base(path), ".tour"), Cols: 80, Rows: 24}
	for i, line := range strings.Split(string(text), "\n") {
		if err := tour.add(i+1, strings.TrimRight(line, "\r")); err != nil {
			t.Fatalf("%s:%d: %v", path, i+1, err)
		}
	}
	if len(tour.Program) == 0 || len(tour.Server) == 0 {
		t.Fatalf("%s: a tour needs a line with server and one with run", path)
	}
	return tour
}

func (u *Tour) add(n int, line string) (err error) {
	mark, text, _ := strings.Cut(line, " ")
	switch mark {
	case "", "#":
	case "server":
		u.Server = strings.Fields(text)
	case "size":
		u.Cols, u.Rows, err = size(text)
	case "run":
		u.Program, err = words(text)
	default:
		if !strings.Contains(tourMarks, " "+mark+" ") {
			return fmt.Errorf("no step begins with %q", mark)
		}
		err = u.addStep(tourStep{mark, text, n})
	}
	return err
}

// addStep keeps a step whose text makes sense.
func (u *Tour) addStep(s tourStep) (err error) {
	if len(u.Program) == 0 {
		return fmt.Errorf("a step before run")
	}
	switch s.mark {
	case "=":
		if last := len(u.steps) - 1; last >= 0 && u.steps[last].mark == "=" {
			u.steps[last].text += "\n" + s.text
			return nil
		}
	case ">", "+":
		defer func() {
			if failure := recover(); failure != nil {
				err = fmt.Errorf("%v", failure)
			}
		}()
		Keys(s.text)
	case "paste":
		_, err = strconv.Unquote(s.text)
	case "resize":
		_, _, err = size(s.text)
	case "exit":
		_, err = strconv.Atoi(s.text)
	case "$", "?":
		_, err = words(s.text)
		if s.mark == "?" && !strings.Contains(s.text, " -> ") {
			err = fmt.Errorf("a question wants an answer: ? COMMAND -> TEXT")
		}
	}
	u.steps = append(u.steps, s)
	return err
}

func size(text string) (cols, rows int, err error) {
	_, err = fmt.Sscanf(text, "%dx%d", &cols, &rows)
	return cols, rows, err
}

// words splits a line as the prompt does.
func words(text string) ([]string, error) {
	split, err := quote.Split([]byte(text), nil)
	var all []string
	for _, word := range split {
		all = append(all, string(word))
	}
	return all, err
}
