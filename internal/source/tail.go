package source

import (
	"io"
	"os"
)

// Tail reads the last bytes of the file as it lies there, n at most, without moving to another place
// in stdin. It has none for what is no regular file.
func (f File) Tail(n int64) ([]byte, error) {
	if f.Size <= 0 {
		return nil, nil
	}
	file, ok := f.stdin.(*os.File)
	if f.stdin == nil {
		opened, err := os.Open(f.path)
		if err != nil {
			return nil, failed(f.Name, err)
		}
		defer opened.Close()
		file, ok = opened, true
	}
	if !ok {
		return nil, nil
	}
	info, err := file.Stat()
	if err != nil {
		return nil, failed(f.Name, err)
	}
	n = min(n, f.Size)
	text := make([]byte, n)
	if _, err := file.ReadAt(text, info.Size()-n); err != nil && err != io.EOF {
		return nil, failed(f.Name, err)
	}
	return text, nil
}
