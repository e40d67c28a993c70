package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/prompts"
)

// TestPrompt: a recording is taken into the folder of the settings, listed, and
// what is wrong with one is said.
func TestPrompt(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "hello.wav")
	wav, err := os.ReadFile(square(t, file))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("THREERINGS_ASTERISK_SOUNDS", dir)
	if got := says(t, "prompt", "add", "hello-2", file); !strings.Contains(got, "added") || !strings.Contains(got, "threerings/own/hello-2") {
		t.Errorf("add says %q", got)
	}
	if got := says(t, "prompt", "add", "--sounds", dir, "hello-2", file); !strings.Contains(got, "replaced") {
		t.Errorf("add again says %q", got)
	}
	if !prompts.Uploaded(dir, "hello-2") {
		t.Error("it is not there")
	}
	if got := says(t, "prompt", "list"); !strings.Contains(got, "hello-2") || !strings.Contains(got, "1.0 s") {
		t.Errorf("list says %q", got)
	}
	bad := filepath.Join(dir, "bad.wav")
	if err := os.WriteFile(bad, bytes.Replace(wav, []byte("WAVE"), []byte("AVI "), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"not a WAV file":        {"add", "x", bad},
		"cannot be named":       {"add", "X", file},
		"no such file":          {"add", "x", file + ".none"},
		"a name and a WAV file": {"add", "x"},
		"nothing after":         {"list", "x"},
		"add and list":          {"remove", "x"},
		"there is no folder":    {"add", "--sounds", file + ".none", "x", file},
		"usage: threerings":     {},
	} {
		var out, errOut strings.Builder
		if code := run(inTime(t), append([]string{"prompt"}, args...), &out, &errOut); code != 1 || !strings.Contains(out.String()+errOut.String(), want) {
			t.Errorf("prompt %q: exit code %d: %s%s; want %q", args, code, out.String(), errOut.String(), want)
		}
	}
	t.Setenv("THREERINGS_ASTERISK_SOUNDS", "")
	var out, errOut strings.Builder
	if code := run(inTime(t), []string{"prompt", "list"}, &out, &errOut); code != 1 || !strings.Contains(errOut.String(), "asterisk.sounds is not set") {
		t.Errorf("without a folder: exit code %d: %s", code, errOut.String())
	}
}

// square writes a second of a tone at 16 kHz.
func square(t *testing.T, path string) string {
	t.Helper()
	le := binary.LittleEndian
	b := le.AppendUint32(append([]byte{}, "RIFF"...), 36+32000)
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 1)
	b = le.AppendUint32(le.AppendUint32(b, 16000), 32000)
	b = le.AppendUint16(le.AppendUint16(b, 2), 16)
	b = le.AppendUint32(append(b, "data"...), 32000)
	for i := range 16000 {
		b = le.AppendUint16(b, uint16(int16(8000*(i/20%2*2-1))))
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
