package e2e

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/internal/redis/redistest"
)

// TestHandover ends the leader of two nodes in order in the middle of
// everything: the other goes on. No ring is missed, no offer made twice, nobody
// is cut, and the place in the queue stays. It has the machine for itself,
// since it measures gaps in audio.
func TestHandover(t *testing.T) {
	f := own(t, box.Options{RedisURL: redistest.New(t).URL, DatabaseURL: postgrestest.New(t)})
	set := f.box.Settings
	set.Data, set.HTTP.Addr, set.Node = filepath.Join(filepath.Dir(set.Data), "second"), []string{"127.0.0.1:0"}, "second"
	second, err := node.Start(t.Context(), set, slog.New(slog.NewTextHandler(f.log, nil)))
	must(t, err)
	t.Cleanup(func() { second.Close() }) // what it says is told by the box's end
	s := setScene(t, f)
	until(t, "the second node to show what the leader has", func() bool {
		return len(second.Snapshot().Calls) == len(f.box.Node.Snapshot().Calls)
	})
	began := time.Now()
	if err := f.box.StopNode(); err != nil {
		t.Error(err)
	}
	stopped := time.Since(began)
	s.leftIn.Hangup() // while nobody is sure to hear of it
	over(t, s.leftIn)
	f.box.Node, f.box.Settings, f.box.URL = second, set, "http://"+second.Addrs()[0].String() // the box ends it
	until(t, "the second node to lead and hear the switch", func() bool {
		return second.Flush(inTime(t)) == nil && second.Snapshot().Switch
	})
	t.Logf("handed over within %s, the first node was gone after %s", time.Since(began).Round(time.Millisecond), stopped.Round(time.Millisecond))
	s.afterwards(t)
}
