package resp

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The notation of a value tells everything about it, in a form that a table can hold:
//
//	+"OK" -"ERR x" !"ERR x" $"x" ,"3.14" ("12" =txt"x"    texts behind their type byte
//	:5 #t #f $nil *nil _nil                               the rest of the scalars
//	*[:1 :2] ~[] %[+"k" :1] >[+"x"] push*[+"message"]     aggregates; the last is RESP2's push
//	|[+"ttl" :5]+"OK"                                     attributes, in front of their value
//
// It is made from a tree or from tokens, by code that shares nothing with the reader.

// notation writes the notation of a tree.
func notation(dst []byte, v Value) []byte {
	if v.Attrs != nil {
		dst = elements(append(dst, '|'), *v.Attrs)
	}
	if v.Kind == Push && v.Wire == '*' {
		dst = append(dst, "push"...)
	}
	switch v.Kind {
	case Integer:
		return strconv.AppendInt(append(dst, v.Wire), v.Int, 10)
	case Boolean:
		return append(dst, v.Wire, "ft"[v.Int])
	case Null:
		return append(append(dst, v.Wire), "nil"...)
	case Array, Set, Map, Push:
		return elements(append(dst, v.Wire), v.Elems)
	case Verbatim:
		dst = append(append(dst, v.Wire), v.Format[:]...)
	case Status, Error, BulkString, Double, BigNumber:
		dst = append(dst, v.Wire)
	default:
		return append(dst, fmt.Sprintf("<%v in a tree>", v.Kind)...)
	}
	return strconv.AppendQuote(dst, v.Text)
}

func elements(dst []byte, elems []Value) []byte {
	dst = append(dst, '[')
	for i, e := range elems {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = notation(dst, e)
	}
	return append(dst, ']')
}

// source is what both sources of tokens are.
type source interface {
	Source
	Format() [3]byte
}

// spelling writes the notation of the next value from its tokens, and checks the tokens' laws.
func spelling(src source) (string, error) {
	var (
		dst   []byte
		text  []byte
		open  []counted
		first = true // nothing stands in front of the next value in its aggregate
		more  *Token
	)
	for {
		tok, err := src.Next()
		if err != nil {
			return string(dst), err
		}
		if more != nil && (tok.Kind != more.Kind || tok.Wire != more.Wire || tok.Int != more.Int) {
			return "", fmt.Errorf("a text began as %+v and went on as %+v", *more, tok)
		}
		if tok.Kind == End {
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if last.want >= 0 && last.got != last.want {
				return "", fmt.Errorf("%v of %d elements had %d", last.kind, last.want, last.got)
			}
			dst, first = append(dst, ']'), last.kind == Attribute
			if len(open) == 0 && last.kind != Attribute {
				return string(dst), nil
			}
			continue
		}
		if more == nil {
			if !first && len(open) > 0 && open[len(open)-1].got > 0 {
				dst = append(dst, ' ')
			}
			if tok.Kind == Attribute && strings.HasSuffix(string(dst[max(0, len(dst)-1):]), "]") && first {
				// attributes in a row are one
				if dst = dst[:len(dst)-1]; tok.Int != 0 && dst[len(dst)-1] != '[' {
					dst = append(dst, ' ')
				}
			} else {
				if tok.Kind == Push && tok.Wire == '*' {
					dst = append(dst, "push"...)
				}
				dst = append(dst, tok.Wire)
				if tok.Kind.IsAggregate() {
					dst = append(dst, '[')
				}
			}
			if tok.Kind != Attribute && len(open) > 0 {
				open[len(open)-1].got++
			}
		}
		first = tok.Kind.IsAggregate()
		switch tok.Kind {
		case Array, Set, Push:
			open = append(open, counted{tok.Kind, tok.Int, 0})
			continue
		case Map, Attribute:
			open = append(open, counted{tok.Kind, 2 * tok.Int, 0})
			continue
		case Integer:
			dst = strconv.AppendInt(dst, tok.Int, 10)
		case Boolean:
			dst = append(dst, "ft"[tok.Int])
		case Null:
			dst = append(dst, "nil"...)
		case Status, Error, BulkString, Double, BigNumber, Verbatim:
			text = append(text, tok.Text...)
			if more = nil; tok.More {
				keep := tok
				more = &keep
				continue
			}
			if tok.Int >= 0 && tok.Int != int64(len(text)) {
				return "", fmt.Errorf("a %v of %d bytes had %d", tok.Kind, tok.Int, len(text))
			}
			if tok.Kind == Verbatim {
				format := src.Format()
				dst = append(dst, format[:]...)
			}
			dst, text = strconv.AppendQuote(dst, string(text)), text[:0]
		default:
			return "", fmt.Errorf("token %+v", tok)
		}
		if len(open) == 0 {
			return string(dst), nil
		}
	}
}

// counted is an aggregate whose elements are being counted.
type counted struct {
	kind      Kind
	want, got int64
}

// ending is the class of the error that ended a stream.
func ending(err error) string {
	var p *ProtocolError
	switch {
	case errors.As(err, &p):
		return "ERR"
	case err == io.ErrUnexpectedEOF:
		return "EOF"
	case err == io.EOF:
		return "end"
	}
	return fmt.Sprintf("<%v>", err)
}

// brief shortens a notation for a message.
func brief(s string) string {
	if len(s) <= 400 {
		return s
	}
	return fmt.Sprintf("%s … %s (%d bytes)", s[:200], s[len(s)-100:], len(s))
}
