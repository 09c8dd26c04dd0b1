package bulk

import (
	"errors"

	"easycli/internal/rows"
)

// rowScanner makes commands of the rows of a table by the load's template.
type rowScanner struct {
	rows *rows.Rows
	at   int64 // line of the row at hand
}

func (s *rowScanner) line() int64 { return s.at }

func (s *rowScanner) next(f *feeder, in []byte) (int, error) {
	words, size, err := s.rows.Next(in, f.eof)
	if bad := (*rows.Error)(nil); errors.As(err, &bad) {
		return 0, f.errorf(0, "%s\n%s", bad.Text(), bad.Advice)
	}
	if size == 0 && len(in) > maxLine {
		return 0, f.errorf(0, "a row of more than %d bytes", maxLine)
	}
	if len(words) > 0 {
		if err := f.take(words); err != nil {
			return 0, err
		}
	}
	s.at = s.rows.Line()
	return size, nil
}
