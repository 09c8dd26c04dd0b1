package lineeditor

import (
	"io"
	"testing"
)

func TestALine(t *testing.T) {
	p := newPerson(t, 40, 5, Config{})
	p.prompt("> ")
	p.sees("> |")
	p.each("get a")
	p.sees("> get a|")
	p.keys("<Left>")
	p.sees("> get |a")
	p.keys("<Home>")
	p.keys("<Del>")
	p.sees("> |et a")
	p.gets("et a")
	p.sees("> et a\n|")
	p.prompt("> ")
	p.sees("> et a\n> |")
	p.each("x")
	p.keys("<C-c>")
	p.ended("x", ErrInterrupted)
	p.sees("> et a\n> x^C\n|")
	p.prompt("> ")
	p.keys("<C-d>")
	p.ended("", io.EOF)
	p.sees("> et a\n> x^C\n>\n|")
}
