package bench

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/centre"
)

// Names of processes may hold blanks and brackets.
func TestReadStat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stat")
	line := "42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 9 9 20 0 1 0 1 1 1\n"
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, ok := readStat(path); !ok || got != (stat{pid: 42, parent: 7, name: "a (b) c", seconds: 2}) {
		t.Errorf("read as %+v, %v", got, ok)
	}
	for _, bad := range []string{"", "42", "42 (x", "42 (x) S 1 2"} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := readStat(path); ok {
			t.Errorf("%q read as %+v", bad, got)
		}
	}
	if me, ok := readStat("/proc/self/stat"); !ok || me.pid != os.Getpid() || me.parent != os.Getppid() {
		t.Errorf("this process is %+v, %v", me, ok)
	}
}

func TestCostHouseIsSound(t *testing.T) {
	phones, err := freePhones()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := centre.Parse("cost.yaml", costHouse(phones)); err != nil {
		t.Error(err)
	}
}

func TestCrowdSaysWhatIsWrong(t *testing.T) {
	if err := Crowd(context.Background(), strings.NewReader("{"), io.Discard); err == nil {
		t.Error("a broken load is taken")
	}
}
