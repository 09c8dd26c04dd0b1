package resp

// parseLength reads a length or a count: digits only, no sign, no leading zero.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 || b[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// parseInt reads an integer reply: a sign, digits, within 64 bits.
func parseInt(b []byte) (int64, bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 || n > (1<<63)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= 1<<63-1
}
