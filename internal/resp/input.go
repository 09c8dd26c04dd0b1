package resp

import "io"

// header reads the rest of a short line, after its type byte. The bytes lie in the buffer.
func (r *Reader) header() ([]byte, error) {
	ahead := r.buf[r.r:r.w]
	for i := 1; i < maxHeader+3; i++ {
		if i == len(ahead) {
			if err := r.need(i + 1); err != nil {
				return nil, err
			}
			ahead = r.buf[r.r:r.w]
		}
		if ahead[i] != '\n' {
			continue
		}
		if ahead[i-1] != '\r' {
			return nil, r.failf("Bad line ending")
		}
		r.r += i + 1
		return ahead[1 : i-1], nil // a CR in it is refused by what reads it
	}
	return nil, r.failf("a length or a number of more than %d bytes", maxHeader)
}

// need waits until n unread bytes are in the buffer; n is small.
func (r *Reader) need(n int) error {
	for r.w-r.r < n {
		if err := r.fill(); err != nil {
			return err
		}
	}
	return nil
}

// fill asks the source once for more. What is unread may move in the buffer.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	if r.r > 0 && (r.r == r.w || r.w == len(r.buf)) {
		r.base += int64(r.r)
		r.w = copy(r.buf, r.buf[r.r:r.w])
		r.r = 0
	}
	if r.BeforeBlock != nil {
		r.BeforeBlock()
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.w:])
		r.w += n
		if n > 0 {
			return nil
		}
		if err != nil {
			if err == io.EOF && (r.Depth() > 0 || r.w > r.r || r.taking) {
				err = io.ErrUnexpectedEOF
			}
			r.err = err
			return err
		}
	}
	r.err = io.ErrNoProgress
	return r.err
}
