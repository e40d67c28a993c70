package main

import (
	"bytes"
	"os"
	"testing"
)

// TestLogGoesOnWithoutItsFile: on a full disk the terminal has the log.
func TestLogGoesOnWithoutItsFile(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	var file, terminal bytes.Buffer
	for _, first := range []struct {
		w            orElse
		file, screen string
	}{{orElse{&file, &terminal}, "one\n", ""}, {orElse{full, &terminal}, "one\n", "one\n"}} {
		if n, err := first.w.Write([]byte("one\n")); n != 4 || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		if file.String() != first.file || terminal.String() != first.screen {
			t.Errorf("file %q, terminal %q; want %q, %q", &file, &terminal, first.file, first.screen)
		}
	}
}
