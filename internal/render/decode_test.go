package render

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// gzipped and deflated are stored rather than compressed, which looks the same with every compressor.
func gzipped(text string) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.NoCompression)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func deflated(text string) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.NoCompression)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// bomb is so many zeros.
func bomb(n int) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(make([]byte, n))
	w.Close()
	return b.String()
}

const someJSON = `{"name":"Bob \u65e5","tags":["a",1.50,{}],"zero":0,"nested":{"b":null,"a":[]}, "t" : true,` + "\"caf\u00e9\u202e\x9b\":\"\\\"\"}"

func TestDecoding(t *testing.T) {
	packed := "\x83\xa4name\xa3Bob\x01\x93\xc0\xc3\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa3bin\xc4\x02\x00\xff"
	var seen strings.Builder
	for _, c := range []struct {
		name   string
		decode Decode
		how    How
		wire   string
	}{
		{"json", DecodeJSON, AsReply, bulk(someJSON)},
		{"json-auto", DecodeAuto, AsReply, bulk(" [1]")},
		{"json-broken", DecodeAuto, AsReply, bulk(`{"a":`)},
		{"json-number", DecodeJSON, AsReply, bulk("42")},
		{"json-in-list", DecodeAuto, AsReply, array(bulk("plain"), bulk(`{"a":[1,2]}`), bulk(`[]`), ":1\r\n")},
		{"json-in-hash", DecodeAuto, Pairs, array(bulks(`{"key":1}`, `{"a":{"b":"c"}}`, "field", "{not json}")...)},
		{"json-in-stream", DecodeAuto, Entries, array(entry("1-0", "doc", `{"a":1}`))},
		{"json-too-deep", DecodeAuto, AsReply, bulk(strings.Repeat("[", 65) + strings.Repeat("]", 65))},
		{"nothing", DecodeNothing, AsReply, bulk(`{"a":1}`)},
		{"gzip", DecodeAuto, AsReply, bulk(gzipped("two\nlines \x1b[2J\n"))},
		{"gzip-json", DecodeAuto, AsReply, array(bulk(gzipped(`{"a":1}`)), bulk("x"))},
		{"gzip-broken", DecodeAuto, AsReply, bulk("\x1f\x8babc")},
		{"gzip-cut", DecodeGzip, AsReply, bulk(gzipped(strings.Repeat("abc", 100))[:30])},
		{"gzip-empty", DecodeGzip, AsReply, bulk(gzipped(""))},
		{"zlib", DecodeAuto, AsReply, bulk(deflated("text"))},
		{"zlib-binary", DecodeZlib, AsReply, bulk(deflated("\x00\x01\x02" + strings.Repeat("z", 20)))},
		{"x-is-no-zlib", DecodeAuto, AsReply, bulk("x")},
		{"base64", DecodeBase64, AsReply, bulk(base64.StdEncoding.EncodeToString([]byte("hello?>")))},
		{"base64-url", DecodeBase64, AsReply, bulk(base64.RawURLEncoding.EncodeToString([]byte("hello?>")))},
		{"base64-json", DecodeBase64, AsReply, bulk(base64.StdEncoding.EncodeToString([]byte(`[1]`)))},
		{"base64-broken", DecodeBase64, AsReply, bulk("not base64!")},
		{"msgpack", DecodeMessagePack, AsReply, bulk(packed)},
		{"msgpack-cut", DecodeMessagePack, AsReply, bulk(packed[:20])},
		{"msgpack-text", DecodeMessagePack, AsReply, bulk("a")},
		{"hex", DecodeHex, AsReply, bulk(everyByte()[:40])},
		{"hex-in-list", DecodeHex, AsReply, array(bulk("a"), "*1\r\n"+bulk("\x00"), bulk(""))},
		{"gzip-controls", DecodeGzip, AsReply, bulk(gzipped("\x00\x1b"))},
	} {
		o := personAt(80, c.decode)
		printed := printWire(t, way{opts: o, how: c.how}, c.wire, len(c.wire), 0)
		fmt.Fprintf(&seen, "=== %s\n%s", c.name, printed)
		checkSafe(t, printed)
		for _, piece := range []int{1, 3} {
			if got := printWire(t, way{opts: o, how: c.how}, c.wire, 1, piece); got != printed {
				t.Errorf("%s in pieces of %d:\n got %s\nwant %s", c.name, piece, got, printed)
			}
		}
	}
	checkSeen(t, "decoded.golden", seen.String())
}

// TestPrettyJSONIsTheSame takes the layout off again.
func TestPrettyJSONIsTheSame(t *testing.T) {
	for _, text := range []string{someJSON[:strings.Index(someJSON, ` "t"`)] + `"x":1}`, `[[],{},"",0,-1.5e+9,null,true,false,{"a":[{"b":[]}]}]`, "[\t1 ,\n2 ]"} {
		printed := print(t, personAt(80, DecodeJSON), AsReply, bulk(text))
		_, body, _ := strings.Cut(printed, "\n")
		var got, want bytes.Buffer
		if err := json.Compact(&got, []byte(body)); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if json.Compact(&want, []byte(text)); got.String() != want.String() {
			t.Errorf("got %s, want %s", &got, &want)
		}
		var indented bytes.Buffer
		json.Indent(&indented, []byte(text), "", "  ")
		if body != indented.String()+"\n" {
			t.Errorf("got %s, want %s", body, &indented)
		}
	}
}

// TestDecodingIsBounded gives what would unfold without end, and what is too long to be looked at.
func TestDecodingIsBounded(t *testing.T) {
	printed := print(t, personAt(80, DecodeAuto), AsReply, array(bulk(bomb(50<<20)), bulk(bomb(100))))
	if !strings.HasPrefix(printed, "1) gzip, 49.8 KiB: more than 1.0 MiB inside, not decoded\n   \"\\x1f") ||
		!strings.Contains(printed, "\"\n2) gzip, 27 B: bytes, 100 B\n   00000000  00 ") {
		t.Errorf("a bomb: %.100q", printed)
	}
	long := bulk("[" + strings.Repeat(" ", maxDecoded) + "]")
	if got := print(t, personAt(80, DecodeAuto), AsReply, long); len(got) < maxDecoded || strings.Count(got, "\n") != 1 {
		t.Errorf("a long string takes %d bytes in %d lines", len(got), strings.Count(got, "\n"))
	}
}

// TestKeysWithinKeysAreBounded has maps as keys of maps: each level escapes the backslashes of the one within.
func TestKeysWithinKeysAreBounded(t *testing.T) {
	for _, depth := range []int{3, 60} {
		packed := strings.Repeat("\x81", depth) + "\xa1a" + strings.Repeat("\x01", depth)
		if out, ok := messagePackToJSON([]byte(packed)); ok != (depth < 10) || ok && !json.Valid(out) {
			t.Errorf("%d levels: %v, %d bytes", depth, ok, len(out))
		}
	}
}

func TestDecodeNames(t *testing.T) {
	for d := DecodeNothing; d <= DecodeMessagePack; d++ {
		if got, ok := ParseDecode(d.String()); got != d || !ok {
			t.Errorf("%v: %v, %v", d, got, ok)
		}
	}
	if _, ok := ParseDecode("rot13"); ok || Decode(99).String() != "decode 99" {
		t.Error("an encoding that is none")
	}
}

func FuzzUnfold(f *testing.F) {
	f.Add([]byte(someJSON), byte(DecodeJSON))
	f.Add([]byte("\x82\xa1a\x01\xdd\x00\x00\x00\x01\xc7\x02\x05ab\xd9\x01x"), byte(DecodeMessagePack))
	f.Add([]byte(gzipped("x")), byte(DecodeAuto))
	f.Fuzz(func(t *testing.T, text []byte, d byte) {
		u := unfold(Decode(d%8), text)
		if u.json != nil && !json.Valid(u.json) {
			t.Fatalf("%q is no JSON", u.json)
		}
		checkSafe(t, print(t, personAt(80, Decode(d%8)), AsReply, bulk(string(text))))
	})
}
