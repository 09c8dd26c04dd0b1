package easycli_test

import (
	"go/ast"
	"path"
	"slices"
)

// outsideWorld lists, by import path, what belongs to the process as a whole. Packages are handed
// streams and settings; only the program takes them from the system, and only it ends the process.
var outsideWorld = map[string][]string{
	"os": {
		"Exit", "Stdin", "Stdout", "Stderr", "Args",
		"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "Unsetenv", "Clearenv",
	},
	"syscall": {"Exit", "Getenv", "Environ", "Setenv", "Stdin", "Stdout", "Stderr"},
	"fmt":     {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	"log": {
		"Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln",
		"Print", "Printf", "Println", "Default",
	},
	"log/slog": {"Default", "Debug", "Info", "Warn", "Error"},
}

// mayTouchTheProcess: the program, and what tests are made of.
func mayTouchTheProcess(s *source) bool {
	return s.test || s.room == program || rooms[s.room] == testsOnly
}

// processGlobals finds the uses of outsideWorld outside the program.
func processGlobals(s *source) []string {
	if mayTouchTheProcess(s) {
		return nil
	}
	names, found := importNames(s)
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		// A local variable that shadows the package has an object; the package itself has none.
		pkg, ok := selector.X.(*ast.Ident)
		if !ok || pkg.Obj != nil {
			return true
		}
		if slices.Contains(outsideWorld[names[pkg.Name]], selector.Sel.Name) {
			found = append(found, s.finding(n, names[pkg.Name]+"."+selector.Sel.Name+
				" belongs to "+program+": take what you need as a parameter"))
		}
		return true
	})
	return found
}

// importNames maps the names a file uses for its imports to their paths. Importing the outside
// world without a name would hide it from these rules, so that is a finding itself.
func importNames(s *source) (names map[string]string, found []string) {
	names = map[string]string{}
	for _, spec := range s.file.Imports {
		target := importPath(spec)
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." && outsideWorld[target] != nil {
			found = append(found, s.finding(spec, "import "+target+" by its name, not with a dot"))
		}
		names[name] = target
	}
	return names, found
}
