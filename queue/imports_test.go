package queue

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// The core is pure: the same inputs at the same times give the same outputs,
// on any machine, for ever. Each package that could break this is forbidden
// with its reason.
func TestTheCoreImportsNothingThatActs(t *testing.T) {
	forbidden := map[string]string{
		"context":      "nothing here waits",
		"net":          "the core does no I/O",
		"net/http":     "the core does no I/O",
		"os":           "the core does no I/O",
		"io":           "the core does no I/O",
		"log":          "what happened is an event, not a log line",
		"log/slog":     "what happened is an event, not a log line",
		"math/rand":    "a replay must decide as the first run did",
		"math/rand/v2": "a replay must decide as the first run did",
		"sync":         "one goroutine owns the state",
		"sync/atomic":  "one goroutine owns the state",
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d files: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			if why, bad := forbidden[path]; bad {
				t.Errorf("%s imports %s: %s", file, path, why)
			}
			if strings.Contains(path, ".") {
				t.Errorf("%s imports %s: the core uses the standard library only", file, path)
			}
		}
	}
}
