package easycli_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// imports checks one file against the table of rooms and the table of libraries.
func imports(s *source) []string {
	var found []string
	if s.room == "." && s.test {
		return nil
	}
	own, listed := rooms[s.room]
	if !listed {
		return []string{s.finding(s.file.Name, fmt.Sprintf(
			"package %s has no row in the table: add one to rooms in layout_test.go, on the lowest "+
				"floor that works, and draw it in README.md", s.room))}
	}
	for _, spec := range s.file.Imports {
		target := importPath(spec)
		if message := importBroken(s, own, target); message != "" {
			found = append(found, s.finding(spec, message))
		}
	}
	return found
}

func importBroken(s *source, own floor, target string) string {
	if room, ok := strings.CutPrefix(target, module+"/"); ok {
		return roomBroken(s, own, room)
	}
	if isStandard(target) {
		return ""
	}
	prefix, lib := libraryOf(target)
	switch {
	case prefix == "" && s.test:
		return "" // a library that only tests need is not in the program
	case prefix == "":
		return target + " is a library without a row: if it is worth having, add one to libraries " +
			"in layout_test.go"
	case !slices.Contains(lib.rooms, s.room):
		return fmt.Sprintf("%s belongs to %s alone", prefix, strings.Join(lib.rooms, " or "))
	}
	return ""
}

func roomBroken(s *source, own floor, room string) string {
	other, listed := rooms[room]
	switch {
	case !listed:
		return "imports " + room + ", which has no row in the table of layout_test.go"
	case s.test || room == s.room:
		return ""
	case other == testsOnly:
		return room + " is for _test files alone"
	case other >= own:
		return fmt.Sprintf("%s must not import %s: imports point down, and a room never imports "+
			"another of its own floor", s.room, room)
	}
	return ""
}

// librariesInTwoRooms finds the libraries that one room should have to itself.
func librariesInTwoRooms(files []*source) []string {
	var found []string
	first := map[string]string{}
	for _, s := range files {
		for _, spec := range s.file.Imports {
			prefix, lib := libraryOf(importPath(spec))
			if !lib.inOne || s.test {
				continue
			}
			if room, seen := first[prefix]; seen && room != s.room {
				found = append(found, s.finding(spec, prefix+" is already in "+room+": one room has it"))
				continue
			}
			first[prefix] = s.room
		}
	}
	return found
}

func libraryOf(target string) (string, library) {
	for prefix, lib := range libraries {
		if target == prefix || strings.HasPrefix(target, prefix+"/") {
			return prefix, lib
		}
	}
	return "", library{}
}

// isStandard relies on what the go command relies on: only paths of the standard library have no
// dot in their first element.
func isStandard(target string) bool {
	host, _, _ := strings.Cut(target, "/")
	return !strings.Contains(host, ".")
}

func importPath(spec *ast.ImportSpec) string {
	text, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it
	return text
}
