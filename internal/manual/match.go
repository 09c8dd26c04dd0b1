package manual

import "strconv"

// matcher goes along a command's arguments with the words that are there, and finds what is still
// to come. It follows redis-cli: required arguments in order, optional ones that stand together in
// any order, of alternatives the first that takes all the words or else the one that takes most.
// One that begins with the word as its token is preferred to one that takes any word.
//
// Beyond redis-cli a repeated value ends where the token of another argument begins: after
// `ZUNIONSTORE d 1 k WEIGHTS` comes a weight.
type matcher struct {
	words  []string
	pieces []piece // what is to come behind the last word
	strict bool    // numbers are numbers to their last digit
	scopes []scope // the lists that are open, the innermost last
	// far is the first word that nothing took, and wanted the number that should have been there.
	far         int
	wanted      *Argument
	steps       int
	firstPieces [16]piece // what the two slices begin as
	firstScopes [maxDepth]scope
}

// piece is an argument that is to come.
type piece struct {
	arg  *Argument
	form form
}

// form is how much of an argument is to come.
type form uint8

const (
	whole form = iota
	value      // all behind its token
	again      // it has been there and may come again
)

// scope is a list of arguments and the one of them that the words are at.
type scope struct {
	args []Argument
	at   int
}

// maxSteps bounds what a server can make of nested arguments, each of which may come again: the person is
// waiting for the next key. A full line of ZADD takes a hundredth of it.
const maxSteps = 1 << 20

// step reports whether there may be another one.
func (m *matcher) step() bool {
	m.steps++
	return !m.lost()
}

// lost reports whether the matching was given up.
func (m *matcher) lost() bool { return m.steps > maxSteps }

// match goes along the arguments, and reports whether it could take every word.
func (m *matcher) match(args []Argument) bool {
	m.pieces, m.scopes = m.firstPieces[:0], m.firstScopes[:0]
	if len(m.words) == 0 {
		m.rest(args)
		return true
	}
	end, _ := m.list(args, 0)
	return end == len(m.words) && !m.lost()
}

// list matches the words from at on with all of the arguments. It returns where the words go on,
// and whether no required argument is missing; the missing ones are pieces if the words are at
// their end.
func (m *matcher) list(args []Argument, at int) (end int, done bool) {
	m.scopes = append(m.scopes, scope{args: args})
	defer func() { m.scopes = m.scopes[:len(m.scopes)-1] }()
	for i := 0; i < len(args); {
		if at == len(m.words) {
			m.rest(args[i:])
			return at, !required(args[i:])
		}
		if args[i].Optional {
			j := i + 1
			for j < len(args) && args[j].Optional {
				j++
			}
			if at, done = m.anyOrder(args, i, j, at); !done {
				return at, false
			}
			i = j
			continue
		}
		m.scopes[len(m.scopes)-1].at = i
		next, complete := m.argument(&args[i], at)
		i++
		if next == at || !complete {
			if next == len(m.words) {
				m.rest(args[i:])
			}
			return next, false
		}
		at = next
	}
	return at, true
}

// anyOrder matches optional arguments that stand together, args[i:j]. If the words end there, what
// follows them in args is to come as well.
func (m *matcher) anyOrder(args []Argument, i, j, at int) (end int, done bool) {
	var used uint64 // no command has 64 of them in a row; what a server adds beyond is not matched
	for k := i; k < min(j, i+64) && at < len(m.words); k++ {
		if used&(1<<(k-i)) != 0 {
			continue
		}
		m.scopes[len(m.scopes)-1].at = k
		next, complete := m.argument(&args[k], at)
		if next == at {
			continue
		}
		used |= 1 << (k - i)
		if at = next; !complete && at < len(m.words) {
			return at, false
		}
		k = i - 1
	}
	if at < len(m.words) {
		return at, true
	}
	for k := i; k < j; k++ {
		if k-i >= 64 || used&(1<<(k-i)) == 0 {
			m.pieces = append(m.pieces, piece{&args[k], whole})
		}
	}
	m.rest(args[j:])
	return at, false // of no matter: the words are at their end
}

// rest makes pieces of arguments that have not begun.
func (m *matcher) rest(args []Argument) {
	for i := range args {
		m.pieces = append(m.pieces, piece{&args[i], whole})
	}
}

func required(args []Argument) bool {
	for i := range args {
		if !args[i].Optional {
			return true
		}
	}
	return false
}

// argument matches one argument as often as it may come. The end is at if it is not there.
func (m *matcher) argument(a *Argument, at int) (end int, done bool) {
	if !m.step() {
		return at, false
	}
	end, done = m.once(a, at, false)
	for a.Multiple && done && end > at && end < len(m.words) {
		if !a.MultipleToken && m.othersBegin(m.words[end]) {
			break
		}
		next, complete := m.once(a, end, !a.MultipleToken)
		if next == end {
			break
		}
		end, done = next, complete
	}
	if a.Multiple && end > at && end == len(m.words) {
		m.pieces = append(m.pieces, piece{a, again})
	}
	return end, done
}

// once matches one argument, without its token if that is not to come again.
func (m *matcher) once(a *Argument, at int, noToken bool) (end int, done bool) {
	if !a.HasToken || noToken {
		return m.value(a, at)
	}
	if !fold(m.words[at], a.Token) {
		return at, false
	}
	at++
	m.reach(at)
	switch {
	case a.Kind == PureToken:
		return at, true
	case at == len(m.words):
		m.pieces = append(m.pieces, piece{a, value})
		return at, false
	}
	return m.value(a, at)
}

// value matches what is behind the token.
func (m *matcher) value(a *Argument, at int) (end int, done bool) {
	switch {
	case a.Kind == OneOf:
		return m.oneOf(a, at)
	case a.Kind == Block:
		return m.list(a.Arguments, at)
	case a.Kind == PureToken:
		return at, false
	case a.Kind.isNumber() && !m.isNumber(a, m.words[at]):
		if at >= m.far {
			m.far, m.wanted = at, a
		}
		return at, false
	}
	m.reach(at + 1)
	return at + 1, true
}

// reach says that all words before at could be taken.
func (m *matcher) reach(at int) {
	if at > m.far {
		m.far, m.wanted = at, nil
	}
}

func (m *matcher) oneOf(a *Argument, at int) (end int, done bool) {
	end = at
	for _, byToken := range [...]bool{true, false} { // a token is never meant as a value
		for i := range a.Arguments {
			if !m.step() || m.begins(&a.Arguments[i], m.words[at]) != byToken {
				continue
			}
			next, complete := m.argument(&a.Arguments[i], at)
			if next == len(m.words) {
				return next, complete
			}
			if next > end || next == end && complete {
				end, done = next, complete
			}
		}
		if end > at {
			break
		}
	}
	return end, done
}

// othersBegin reports whether a word is the token with which another argument than the present one
// may go on here.
func (m *matcher) othersBegin(word string) bool {
	for level := len(m.scopes) - 1; level >= 0; level-- {
		s := &m.scopes[level]
		i := s.at
		for i > 0 && s.args[s.at].Optional && s.args[i-1].Optional {
			i--
		}
		for ; i < len(s.args); i++ {
			other := &s.args[i]
			if !m.step() {
				return false
			}
			if i != s.at && m.begins(other, word) || i == s.at && other.MultipleToken && fold(word, other.Token) {
				return true
			}
			if !other.Optional && i > s.at {
				return false
			}
		}
	}
	return false
}

// begins reports whether an argument may begin with the word because that is a token of it.
func (m *matcher) begins(a *Argument, word string) bool {
	switch {
	case a.HasToken:
		return fold(word, a.Token)
	case a.Kind != OneOf && a.Kind != Block:
		return false
	}
	for i := range a.Arguments {
		if !m.step() {
			return false
		}
		if m.begins(&a.Arguments[i], word) {
			return true
		}
		if a.Kind == Block && !a.Arguments[i].Optional {
			return false
		}
	}
	return false
}

// isNumber reports whether a word can be a number. Like redis-cli it is content with a number at the
// beginning, unless m is strict. Minimum and maximum may be meant exclusively, (5, and an offset may
// count in other units than bits, #5.
func (m *matcher) isNumber(a *Argument, word string) bool {
	if len(word) > 1 && (word[0] == '(' && (a.Name == "min" || a.Name == "max") || word[0] == '#' && a.Name == "offset") {
		word = word[1:]
	}
	if m.strict {
		_, err := strconv.ParseFloat(word, 64)
		return err == nil
	}
	digits := word
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	if digits == "" {
		return false
	}
	if '0' <= digits[0] && digits[0] <= '9' {
		return true
	}
	if a.Kind != Double {
		return false
	}
	return len(digits) > 1 && digits[0] == '.' && '0' <= digits[1] && digits[1] <= '9' ||
		hasPrefixFold(digits, "inf") || hasPrefixFold(digits, "nan")
}
