package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"easycli/internal/config"
	"easycli/internal/lines"
	"easycli/internal/quote"
)

// maxDirective is the longest line of a .redisclirc.
const maxDirective = 1023

// preferences are those of .redisclirc and, above them, of the configuration. What is wrong in the
// first is to be shown and does no harm; it is redis-cli's, which knows other words.
func (c *console) preferences() (config.Preferences, []string, error) {
	p := config.Defaults()
	file, err := c.Env.config()
	if err != nil {
		return p, nil, err
	}
	var problems []string
	if path := c.Env.rcFile(); path != "" {
		text, err := config.Read(path)
		if err == nil {
			problems = readDirectives(&p, strings.NewReader(text))
		} else if !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, ".redisclirc: "+err.Error())
		}
	}
	file.Apply(&p)
	return p, problems, nil
}

// readDirectives carries out the lines of a .redisclirc, and says what is wrong with them in redis-cli's
// words.
func readDirectives(p *config.Preferences, rc io.Reader) (problems []string) {
	scanner := bufio.NewScanner(rc)
	scanner.Buffer(make([]byte, 0, maxDirective), maxFileOfDirectives)
	for n := 1; scanner.Scan(); n++ {
		if len(scanner.Bytes()) > maxDirective {
			problems = append(problems, fmt.Sprintf(".redisclirc: line %d has more than %d bytes", n, maxDirective))
			continue
		}
		words, err := quote.Split(scanner.Bytes(), nil)
		if err != nil {
			problems = append(problems, fmt.Sprintf(".redisclirc: line %d: %v", n, err))
			continue
		}
		if err := p.Directive(lines.Texts(words)); err != nil {
			problems = append(problems, string(quote.AppendTerminal(nil, ".redisclirc: "+err.Error())))
		}
	}
	return problems
}

// maxFileOfDirectives bounds what is read of a file without line ends.
const maxFileOfDirectives = 1 << 20

// rcFile is where the preferences of redis-cli are, "" for nowhere.
func (env environment) rcFile() string {
	if path, said := env.fileOf("EASYCLI_RCFILE", "VALKEYCLI_RCFILE", "REDISCLI_RCFILE"); said {
		return path
	}
	if home := env.home(); home != "" {
		return filepath.Join(home, ".redisclirc")
	}
	return ""
}
