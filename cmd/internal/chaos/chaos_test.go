package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// binary builds the program under test, once.
func binary(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "threerings")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/threerings/threerings/cmd/threerings").CombinedOutput(); err != nil {
		t.Fatalf("build threerings: %v\n%s", err, out)
	}
	return path
}

// folder is for a world. Not t.TempDir: the path of a socket may have 107 bytes.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "chaos")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // Asterisk and Postgres run as users of their own
		t.Fatal(err)
	}
	return dir
}

// TestEachKindOnce breaks each part once under calls: nothing is lost, nobody
// is dropped, no agent is stuck. `make chaos` does the same more often.
func TestEachKindOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	dir := folder(t)
	r, err := Run(ctx, Options{Dir: dir, Binary: binary(t, dir), Times: 1, Seed: 1, Worlds: 4, Brief: true})
	if r != nil {
		if err := r.Table(t.Output()); err != nil {
			t.Error(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, f := range r.Faults {
		for _, line := range f.Trouble {
			t.Errorf("%s: %s", f.Kind, line)
		}
		done += f.Times
		if f.Talks == 0 {
			t.Errorf("%s: nobody talked", f.Kind)
		}
	}
	want := 0
	for _, k := range kinds {
		if !k.named {
			want++
		}
	}
	if done != want {
		t.Errorf("%d of %d kinds were played", done, want)
	}
	if t.Failed() {
		logs, _ := filepath.Glob(filepath.Join(dir, "w*", "threerings.log"))
		for _, name := range logs {
			log, _ := os.ReadFile(name)
			t.Logf("threerings says in %s:\n%s", name, log[max(0, len(log)-20_000):])
		}
	}
}

// TestPortions: a failure can be played again without the whole run, and the
// report has one line for each kind.
func TestPortions(t *testing.T) {
	o := Options{Kinds: []string{"stop", "kill"}, Times: 2*portion + 1, Seed: 7}
	jobs, redis, err := o.jobs()
	if err != nil {
		t.Fatal(err)
	}
	if redis {
		t.Error("neither kind needs a Redis")
	}
	var r Report
	var seen []string
	for _, j := range jobs {
		seen = append(seen, fmt.Sprintf("%s %d %d", j.name(), j.times, j.seed))
		r.add(&Fault{Kind: j.name(), Times: j.times, GapMS: int64(j.seed), back: []time.Duration{time.Duration(j.seed) * time.Millisecond}})
	}
	if want := "stop 25 7,stop 25 8,stop 1 9,kill 25 7,kill 25 8,kill 1 9"; strings.Join(seen, ",") != want {
		t.Errorf("portions %v, want %s", seen, want)
	}
	if len(r.Faults) != 2 || r.Faults[0].Kind != "kill" || r.Faults[0].Times != o.Times || r.Faults[0].GapMS != 9 || r.Faults[0].Control != (Spread{8, 9, 9}) {
		t.Errorf("%+v", r.Faults[0])
	}
}
