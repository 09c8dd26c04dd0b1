// Package easycli_test holds the plan of this repository as tests: which package may import which,
// which libraries live in which room, and what only cmd/easycli may touch. It reads the source
// with go/parser and knows nothing of what the code does.
//
// A new package fails here until it has a row in the table: that row is the decision where it
// stands. README.md draws the same picture for people.
package easycli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// module is the path of this module; a room's import path is module + "/" + its folder.
const module = "easycli"

// program is the one room that knows cobra, the process and its environment.
const program = "cmd/easycli"

// floor says how high a room stands. A room imports rooms of lower floors only, so imports point
// one way and a mode never imports a mode.
type floor int

const (
	protocol     floor = iota // bytes, words and addresses
	meaning                   // what commands and replies mean, and one connection
	conversation              // many commands on one connection; the prompt
	database                  // many connections as one
	mode                      // one per feature a user asks for
	wiring                    // the command line
	testsOnly                 // imported by _test files alone
)

// rooms is the import table.
var rooms = map[string]floor{
	"internal/resp":      protocol,
	"internal/quote":     protocol,
	"internal/redisurl":  protocol,
	"internal/tlsconfig": protocol,
	"internal/progress":  protocol,
	"internal/cells":     protocol,
	"internal/spelling":  protocol,

	"internal/config":     meaning,
	"internal/command":    meaning,
	"internal/render":     meaning,
	"internal/rows":       meaning,
	"internal/source":     meaning,
	"internal/pipeclient": meaning,

	"internal/session":    conversation,
	"internal/manual":     conversation,
	"internal/lineeditor": conversation,
	"internal/lines":      conversation,
	"internal/sentinel":   conversation,

	"internal/cluster": database,

	"internal/repl":         mode,
	"internal/shell":        mode,
	"internal/bulk":         mode,
	"internal/keyspace":     mode,
	"internal/latency":      mode,
	"internal/stat":         mode,
	"internal/replica":      mode,
	"internal/lua":          mode,
	"internal/clusteradmin": mode,
	"internal/sandbox":      mode,

	program: wiring,

	"internal/resptest": testsOnly,
	"internal/ttytest":  testsOnly,
}

// library is a module from outside, and where it may be imported, tests included.
type library struct {
	rooms []string
	// inOne says that a single one of the rooms may have it.
	inOne bool
}

// libraries are the dependencies by the prefix of their import path. Every import of non-test code
// that is neither here nor in the standard library is a decision nobody has taken.
var libraries = map[string]library{
	"github.com/spf13/cobra":          {rooms: []string{program}},
	"github.com/spf13/pflag":          {rooms: []string{program}},
	"github.com/chzyer/readline":      {rooms: []string{"internal/lineeditor"}},
	"github.com/alicebob/miniredis":   {rooms: []string{"internal/sandbox"}},
	"github.com/fatih/color":          {rooms: []string{"internal/render", program}, inOne: true},
	"golang.org/x/term":               {rooms: []string{program, "internal/lineeditor"}},
	"golang.org/x/sys":                {rooms: []string{program, "internal/lineeditor", "internal/ttytest"}},
	"github.com/creack/pty":           {rooms: []string{program, "internal/ttytest"}},
	"github.com/rogpeppe/go-internal": {rooms: []string{program}},
	"github.com/klauspost/compress":   {rooms: []string{"internal/source"}},
	"github.com/clipperhouse":         {rooms: []string{"internal/cells"}},
	"github.com/BurntSushi/toml":      {rooms: []string{"internal/config"}},
}

// source is one parsed file.
type source struct {
	room string // folder below the root, with slashes; "." is the root
	name string
	test bool
	fset *token.FileSet
	file *ast.File
}

func parse(t *testing.T, name string, text []byte) *source {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &source{
		room: path.Dir(name),
		name: name,
		test: strings.HasSuffix(name, "_test.go"),
		fset: fset,
		file: file,
	}
}

// finding is a broken rule with its place, as the compiler would write it.
func (s *source) finding(n ast.Node, message string) string {
	return s.fset.Position(n.Pos()).String() + ": " + message
}

// tree parses every Go file of the module. Other modules below it (bench) have houses of their own.
func tree(t *testing.T) []*source {
	t.Helper()
	var all []*source
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && isOutside(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		all = append(all, parse(t, filepath.ToSlash(name), text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func isOutside(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func TestTheHouseFollowsItsPlan(t *testing.T) {
	for _, finding := range findings(tree(t)) {
		t.Error(finding)
	}
}

// findings is every rule over every file.
func findings(files []*source) []string {
	found := librariesInTwoRooms(files)
	for _, s := range files {
		found = append(found, imports(s)...)
		found = append(found, processGlobals(s)...)
		found = append(found, commandNames(s)...)
	}
	return found
}
