package zstd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// contents are what was compressed, by name: the fixtures are made of them by record.
func contents() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 300_000)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	var commands, words bytes.Buffer
	for i := range 3_000 {
		fmt.Fprintf(&commands, "SET key:%d value-%d\n", i, i*i%977)
		words.WriteString(strings.Repeat(string(rune('a'+r.IntN(26))), 1+r.IntN(3)) + " ")
	}
	return map[string][]byte{
		"empty": {}, "byte": []byte("x"), "short": []byte("SET a 1\n"), "run": bytes.Repeat([]byte("z"), 400_000),
		"random": random[:1000], "commands": commands.Bytes(), "words": words.Bytes(),
		"far":   append(append(bytes.Clone(random[:3000]), bytes.Repeat([]byte("0123456789"), 300_000)...), random[:3000]...),
		"mixed": append(append(commands.Bytes()[:50_000:50_000], random[:2_000]...), words.Bytes()...),
	}
}

// settings are how the fixtures were compressed.
var settings = map[string][]string{
	"1": {"-1"}, "3": {"-3"}, "19": {"-19", "--no-check"}, "fast": {"--fast=5"}, "22": {"--ultra", "-22", "--long=25"},
}

func fixture(name, setting string) string {
	return filepath.Join("testdata", name+"."+setting+".zst")
}

// The fixtures were written by the zstd program; EASYCLI_RECORD=1 has it write them anew.
func TestFixtures(t *testing.T) {
	for name, want := range contents() {
		for setting, args := range settings {
			path := fixture(name, setting)
			if os.Getenv("EASYCLI_RECORD") == "1" {
				if err := os.WriteFile(path, compress(t, want, args...), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			packed, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			check(t, path, packed, want)
		}
	}
}

func compress(t *testing.T, text []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("zstd", append([]string{"-q", "-c"}, args...)...)
	cmd.Stdin = bytes.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func check(t *testing.T, name string, packed, want []byte) {
	t.Helper()
	for way, in := range map[string]io.Reader{
		"whole": bytes.NewReader(packed), "by byte": iotest.OneByteReader(bytes.NewReader(packed)),
		"with its end": iotest.DataErrReader(bytes.NewReader(packed)),
	} {
		got, err := io.ReadAll(NewReader(in))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s %s: %d bytes, %v; want %d", name, way, len(got), err, len(want))
		}
	}
}

// What the program at hand writes, of random data of many kinds, comes back.
func TestAgainstZstd(t *testing.T) {
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("no zstd")
	}
	r := rand.New(rand.NewPCG(3, rand.Uint64()))
	for range 20 {
		text := patchwork(r)
		level := fmt.Sprint("-", 1+r.IntN(19))
		check(t, fmt.Sprintf("%d bytes at %s", len(text), level), compress(t, text, level), text)
		if t.Failed() {
			path := filepath.Join(t.TempDir(), "failed")
			t.Fatal(os.WriteFile(path, text, 0o600))
		}
	}
}

// patchwork is pieces of noise, of few letters, and of what was there before.
func patchwork(r *rand.Rand) []byte {
	var b []byte
	for range r.IntN(40) {
		n := 1 << r.IntN(14)
		letters := 1 << r.IntN(9)
		switch at := r.IntN(len(b) + 1); r.IntN(3) {
		case 0:
			b = append(b, b[at:min(at+n, len(b))]...)
		default:
			for range r.IntN(n) {
				b = append(b, byte(r.IntN(letters)*r.IntN(letters)/letters))
			}
		}
	}
	return b
}

func read(t *testing.T, name, setting string) []byte {
	t.Helper()
	packed, err := os.ReadFile(fixture(name, setting))
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

func TestFramesFollowEachOther(t *testing.T) {
	skipped := "\x53\x2a\x4d\x18\x03\x00\x00\x00abc"
	in := skipped + string(read(t, "short", "3")) + string(read(t, "empty", "1")) + skipped + string(read(t, "commands", "19")) + skipped
	want := append([]byte("SET a 1\n"), contents()["commands"]...)
	check(t, "frames", []byte(in), want)
}

func TestErrors(t *testing.T) {
	short := string(read(t, "commands", "3"))
	tests := []struct {
		name, in string
		want     error
		begun    bool
	}{
		{"nothing", "", nil, false},
		{"something else", "SET a 1\n", ErrFormat, false},
		{"something behind", short + "SET a 1\n", ErrFormat, true},
		{"a part of a magic number", short + "\x28\xb5", io.ErrUnexpectedEOF, true},
		{"no end", short[:len(short)/2], io.ErrUnexpectedEOF, true},
		{"no checksum", short[:len(short)-4], io.ErrUnexpectedEOF, true},
		{"a wrong checksum", short[:len(short)-1] + string(short[len(short)-1]^1), ErrChecksum, true},
		{"a dictionary", "\x28\xb5\x2f\xfd\x01\x58\x07", ErrDictionary, true},
		{"a window of 64 MiB", "\x28\xb5\x2f\xfd\x00\x80", ErrWindow, true},
		{"one segment of 1 GiB", "\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40", ErrWindow, true},
		{"a reserved bit", "\x28\xb5\x2f\xfd\x08\x58", ErrCorrupt, true},
		{"a reserved block", "\x28\xb5\x2f\xfd\x00\x58\x07\x00\x00", ErrCorrupt, true},
		{"a block too long", "\x28\xb5\x2f\xfd\x00\x00\x01\x80\x00", ErrCorrupt, true},
		{"less than was said", "\x28\xb5\x2f\xfd\x20\x05\x09\x00\x00x", ErrCorrupt, true},
		{"more than was said", "\x28\xb5\x2f\xfd\x60\x00\x00\x0b\x08\x00x", ErrCorrupt, true},
		{"a skipped frame without end", "\x50\x2a\x4d\x18\xff\xff\xff\xffabc", io.ErrUnexpectedEOF, true},
	}
	for _, tt := range tests {
		r := NewReader(strings.NewReader(tt.in))
		_, err := io.Copy(io.Discard, r)
		if !errors.Is(err, tt.want) || r.Begun() != tt.begun {
			t.Errorf("%s: got %v, begun %v; want %v", tt.name, err, r.Begun(), tt.want)
		}
		if _, again := r.Read(make([]byte, 1)); err != nil && again != err {
			t.Errorf("%s: then %v", tt.name, again)
		}
	}
	broken := errors.New("broken")
	if _, err := io.ReadAll(NewReader(io.MultiReader(strings.NewReader(short[:100]), iotest.ErrReader(broken)))); err != broken {
		t.Errorf("got %v", err)
	}
}

// Whatever byte is damaged, the content is not another one.
func TestDamageIsNoticed(t *testing.T) {
	packed, want := read(t, "mixed", "3"), contents()["mixed"]
	for at := 0; at < len(packed); at += 13 {
		damaged := bytes.Clone(packed)
		damaged[at] ^= 1 << (at % 8)
		got, err := io.ReadAll(NewReader(bytes.NewReader(damaged)))
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("byte %d: another content without an error", at)
		}
	}
}

// No data makes it panic, or give out more than blocks of the longest kind can hold.
func FuzzReader(f *testing.F) {
	for name := range contents() {
		for setting := range settings {
			if packed, err := os.ReadFile(fixture(name, setting)); err == nil && len(packed) < 20_000 {
				f.Add(packed)
			}
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in))
		n, err := io.Copy(io.Discard, io.LimitReader(r, 8<<20))
		if most := int64(len(in)) * maxBlock / 4; n > most {
			t.Errorf("%d bytes of %d, %v", n, len(in), err)
		}
		if cap(r.history) > MaxWindow+slack+2*maxBlock {
			t.Errorf("a history of %d bytes", cap(r.history))
		}
	})
}

func BenchmarkReader(b *testing.B) {
	for _, name := range []string{"commands", "words", "mixed"} {
		packed, err := os.ReadFile(fixture(name, "3"))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(contents()[name])))
			for b.Loop() {
				if _, err := io.Copy(io.Discard, NewReader(bytes.NewReader(packed))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
