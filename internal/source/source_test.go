package source

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// lay writes files below a new folder, which it returns. A name that ends in a slash is a folder.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func gzipped(texts ...string) string {
	var out bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&out)
		io.WriteString(w, text)
		w.Close()
	}
	return out.String()
}

// zstandard is a text as one frame, with its checksum.
func zstandard(t *testing.T, text string) string {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(enc.EncodeAll([]byte(text), nil))
}

func zstdCommands() string {
	var b strings.Builder
	for i := range 3_000 {
		fmt.Fprintf(&b, "SET key:%d value-%d\n", i, i*i%977)
	}
	return b.String()
}

// What Redis 7.0 writes as the base of an AOF that is on from the start, and one with a key in it.
const (
	noKeys = "REDIS0010\xfa\tredis-ver\x067.0.15\xfa\nredis-bits\xc0\x40\xfa\x05ctime\xc2\x00\x00\x00\x67" +
		"\xfa\x08used-mem\xc2\x10\x10\x10\x00\xfa\x08aof-base\xc0\x01\xff12345678"
	oneKey = "REDIS0010\xfa\tredis-ver\x067.0.15\xfe\x00\xfb\x01\x00\x00\x01k\x01v\xff12345678"
)

const manifestOfThree = "file a.aof.2.base.aof seq 2 type b\n" +
	"# a comment\n" +
	"file a.aof.1.incr.aof seq 1 type h\n" +
	"file \"a.aof.2.incr.aof\" seq 2 type i startoffset 7\n" +
	"\n" +
	"file a.aof.3.incr.aof seq 3 type i\n"

func TestExpand(t *testing.T) {
	aof := map[string]string{
		"dir/a.aof.manifest": manifestOfThree, "dir/a.aof.2.base.aof": "SET base 1\n",
		"dir/a.aof.2.incr.aof": "SET two 1\n", "dir/a.aof.3.incr.aof": "", "dir/temp-a.aof.manifest": "junk",
	}
	tests := []struct {
		name  string
		files map[string]string
		paths string
		want  string // names and lengths
	}{
		{"none is stdin", nil, "", "stdin:0"},
		{"in the order given", map[string]string{"b": "12", "a": "1"}, "b - a b", "b:2 stdin:0 a:1 b:2"},
		{"compressed", map[string]string{"a": gzipped("SET a 1\n"), "b": ""}, "a b", "a:0 b:0"},
		{"a folder", aof, "dir", "dir/a.aof.2.base.aof:11 dir/a.aof.2.incr.aof:10 dir/a.aof.3.incr.aof:0"},
		{"its manifest", aof, "dir/a.aof.manifest", "dir/a.aof.2.base.aof:11 dir/a.aof.2.incr.aof:10 dir/a.aof.3.incr.aof:0"},
		{"an RDB base without keys", map[string]string{
			"dir/a.manifest":   "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n",
			"dir/a.1.base.rdb": noKeys, "dir/a.1.incr.aof": "1234",
		}, "dir", "dir/a.1.incr.aof:4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(lay(t, tt.files))
			files, err := Expand(strings.Fields(tt.paths), strings.NewReader(""))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range files {
				got = append(got, fmt.Sprintf("%s:%d", f.Name, f.Length))
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestExpandRefuses(t *testing.T) {
	tests := []struct {
		name         string
		files        map[string]string
		paths        string
		want, advice string
	}{
		{"missing", map[string]string{"a": ""}, "a gone", "gone: there is no such file", "files of commands"},
		{"stdin twice", nil, "- -", "stdin: it is named twice and can be read only once", ""},
		{"an RDB file", map[string]string{"d.rdb": oneKey}, "d.rdb",
			"d.rdb: this is an RDB file, or an AOF that begins with one", "aof-use-rdb-preamble no, then BGREWRITEAOF"},
		{"a compressed RDB file", map[string]string{"d.gz": gzipped(oneKey)}, "d.gz",
			"d.gz: this is an RDB file, or an AOF that begins with one", "BGREWRITEAOF"},
		{"Valkey's", map[string]string{"d.rdb": "VALKEY080xxxx"}, "d.rdb",
			"d.rdb: this is an RDB file, or an AOF that begins with one", ""},
		{"an RDB base", map[string]string{
			"dir/a.manifest": "file a.1.base.rdb seq 1 type b\n", "dir/a.1.base.rdb": oneKey,
		}, "dir", "dir/a.1.base.rdb: this base of an AOF is an RDB file", "BGREWRITEAOF"},
		{"a folder of anything", map[string]string{"dir/x.txt": ""}, "dir",
			"dir: this folder is no append-only file: it has no manifest", "name the files in it: easycli --pipe dir/*"},
		{"the folder above", map[string]string{"dir/appendonlydir/a.manifest": ""}, "dir",
			"dir: this folder is no append-only file: it has no manifest", "try: easycli --pipe dir/appendonlydir"},
		{"an old AOF", map[string]string{"dir/appendonly.aof": "", "dir/dump.rdb": ""}, "dir",
			"dir: this folder is no append-only file: it has no manifest", "try: easycli --pipe dir/appendonly.aof"},
		{"two manifests", map[string]string{"dir/a.manifest": "", "dir/b.manifest": ""}, "dir",
			"dir: this folder has several manifests: a.manifest, b.manifest", "easycli --pipe dir/a.manifest"},
		{"an empty manifest", map[string]string{"dir/a.manifest": ""}, "dir", "dir/a.manifest: this manifest is empty", ""},
		{"no manifest", map[string]string{"dir/a.manifest": "hello world\n"}, "dir",
			"dir/a.manifest: line 1: this is no line of a manifest, such as: file NAME seq 1 type i", ""},
		{"out of its folder", map[string]string{"dir/a.manifest": "file ../a seq 1 type i\n"}, "dir",
			"dir/a.manifest: line 1: this is no line of a manifest, such as: file NAME seq 1 type i", ""},
		{"an unknown type", map[string]string{"dir/a.manifest": "file a seq 1 type x\n"}, "dir",
			"dir/a.manifest: line 1: this is no line of a manifest, such as: file NAME seq 1 type i", ""},
		{"bad quotes", map[string]string{"dir/a.manifest": "file a seq 1 type i\nfile \"a\n"}, "dir/a.manifest",
			"dir/a: no such file or directory", ""},
		{"a part is missing", map[string]string{"dir/a.manifest": "file a seq 1 type i\n"}, "dir",
			"dir/a: no such file or directory", ""},
		{"a part is a folder", map[string]string{"dir/a.manifest": "file a seq 1 type i\n", "dir/a/": ""}, "dir",
			"dir/a: this is a folder", ""},
		{"damaged from the start", map[string]string{"a.gz": "\x1f\x8b\x99"}, "a.gz",
			"a.gz: the gzip data ends too early: the file is not whole", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(lay(t, tt.files))
			_, err := Expand(strings.Fields(tt.paths), strings.NewReader(""))
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if refused.Error() != tt.want || !strings.Contains(refused.Advice, tt.advice) {
				t.Errorf("got %q with the advice %q,\nwant %q with %q", refused, refused.Advice, tt.want, tt.advice)
			}
		})
	}
}

// A file that the owner of the process may not read. Root may read all.
func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := lay(t, map[string]string{"a": "x"})
	if err := os.Chmod(filepath.Join(dir, "a"), 0); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if _, err := Expand([]string{"a"}, nil); err == nil || err.Error() != "a: permission denied" {
		t.Errorf("got %v", err)
	}
}

func TestStdinThatIsAFile(t *testing.T) {
	for text, length := range map[string]int64{"SET a 1\n": 4, gzipped("SET a 1\n"): 0} {
		path := filepath.Join(lay(t, map[string]string{"a": "1234" + text}), "a")
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		file.Seek(4, io.SeekStart) // what somebody else has read is not ours
		files, err := Expand(nil, file)
		if err != nil {
			t.Fatal(err)
		}
		if length > 0 {
			length = int64(len(text))
		}
		if f := files[0]; f.Size != int64(len(text)) || f.Length != length {
			t.Errorf("size %d, length %d; want %d, %d", f.Size, f.Length, len(text), length)
		}
		got, err := io.ReadAll(files[0].Reader())
		if err != nil || string(got) != "SET a 1\n" {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestRead(t *testing.T) {
	long, one := strings.Repeat("SET key value\n", 20_000), zstandard(t, "SET a 1\n")
	tests := []struct{ name, raw, want, wantErr string }{
		{"nothing", "", "", ""},
		{"one byte", "S", "S", ""},
		{"the first byte of gzip", "\x1f", "\x1f", ""},
		{"text", long, long, ""},
		{"gzip", gzipped(long), long, ""},
		{"nothing in gzip", gzipped(""), "", ""},
		{"members", gzipped("SET a", " 1\n", long), "SET a 1\n" + long, ""},
		{"cut off", gzipped(long)[:300], long[:30_000], "the gzip data ends too early: the file is not whole"},
		{"cut off in the header", "\x1f\x8b\x08", "", "the gzip data ends too early: the file is not whole"},
		{"a wrong checksum", strings.TrimSuffix(gzipped("SET a 1\n"), "\x08\x00\x00\x00") + "\x09\x00\x00\x00", "SET a 1\n",
			"the gzip data does not match its checksum: the file is damaged"},
		{"something behind", gzipped("SET a 1\n") + "SET b 2\nSET c 3\n", "SET a 1\n",
			"the gzip data is followed by something else"},
		{"zstd", zstandard(t, zstdCommands()), zstdCommands(), ""},
		{"zstd, of two frames", one + one, "SET a 1\nSET a 1\n", ""},
		{"zstd that begins with a frame to skip", "\x50\x2a\x4d\x18\x01\x00\x00\x00x" + one, "SET a 1\n", ""},
		{"the first byte of that", "P", "P", ""},
		{"zstd, cut off", zstandard(t, zstdCommands())[:1000], "", "the zstd data ends too early: the file is not whole"},
		{"zstd with a wrong checksum", one[:len(one)-1] + "x", "",
			"the zstd data does not match its checksum: the file is damaged"},
		{"zstd, damaged", "\x28\xb5\x2f\xfd\x08\x58\xff\xff\xff", "", "the zstd data is damaged: reserved bit set on frame header"},
		{"zstd, something behind", one + "SET b 2\n", "", "the zstd data is followed by something else"},
		{"zstd with a dictionary", "\x28\xb5\x2f\xfd\x01\x58\x07\x01\x00\x00", "", "the zstd data needs a dictionary"},
		{"zstd with a huge window", "\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00", "", "the zstd data needs a window of more than 32 MiB"},
		{"damaged", gzipped("")[:10] + "\xff\xff\xff\xff\xff", "", "the gzip data is damaged: flate: corrupt input before offset 1"},
	}
	for _, tt := range tests {
		for way, wrap := range map[string]func(io.Reader) io.Reader{
			"at once": func(r io.Reader) io.Reader { return r },
			"by byte": iotest.OneByteReader, "with its end": iotest.DataErrReader,
		} {
			t.Run(tt.name+" "+way, func(t *testing.T) {
				files, err := Expand(nil, wrap(strings.NewReader(tt.raw)))
				if err != nil {
					t.Fatal(err)
				}
				r := files[0].Reader()
				defer r.Close()
				got, err := io.ReadAll(r)
				if tt.wantErr == "" && (err != nil || string(got) != tt.want) {
					t.Errorf("got %d bytes, %v; want %d", len(got), err, len(tt.want))
				}
				if tt.wantErr != "" && (err == nil || err.Error() != "stdin: "+tt.wantErr) {
					t.Errorf("got the error %v, want %s", err, tt.wantErr)
				}
				if !strings.HasPrefix(string(got), tt.want) {
					t.Errorf("got %.40q, want %.40q", got, tt.want)
				}
				if tt.wantErr == "" && r.Consumed() != int64(len(tt.raw)) {
					t.Errorf("consumed %d of %d bytes", r.Consumed(), len(tt.raw))
				}
			})
		}
	}
}

// A person who types sees the line taken when it ends, so no more may be asked for than is needed.
func TestReadWaitsForNoMoreThanItNeeds(t *testing.T) {
	in, typed := io.Pipe()
	defer typed.Close()
	files, _ := Expand(nil, in)
	go typed.Write([]byte("A"))
	if n, err := files[0].Reader().Read(make([]byte, 10)); n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

// The errors of reading name the file once, in the words of the system.
func TestReadErrors(t *testing.T) {
	files, _ := Expand(nil, iotest.ErrReader(&os.PathError{Op: "read", Path: "/dev/stdin", Err: os.ErrPermission}))
	if _, err := files[0].Reader().Read(make([]byte, 1)); err == nil || err.Error() != "stdin: permission denied" {
		t.Errorf("got %v", err)
	}
	gone := File{Name: "x", path: filepath.Join(t.TempDir(), "x")}
	r := gone.Reader()
	for range 2 {
		if _, err := r.Read(make([]byte, 1)); err == nil || err.Error() != "x: no such file or directory" {
			t.Errorf("got %v", err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// No bytes make it read past the end, and only what it understands to its end is empty.
func FuzzEmptyRDB(f *testing.F) {
	f.Add([]byte(noKeys))
	f.Add([]byte(oneKey))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "rdb")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if emptyRDB(path) && (!isRDB(text) || !bytes.Contains(text, []byte{rdbEnd})) {
			t.Errorf("%q is not empty", text)
		}
	})
}
