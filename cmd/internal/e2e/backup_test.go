package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestBackupWhileACallRuns: a centre is backed up while two people talk, and
// restored into a folder where there is nothing. Served from there, it shows
// the same calls and plays their recordings, the two talk on and are on record
// once, and new calls go on behind the old ones.
func TestBackupWhileACallRuns(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	d := f.open(t, "wrap_up: 0", robot.Behaviour{}, robot.Behaviour{})
	ctx := inTime(t)
	first := d.call(t)
	in := d.agents[0].next(t)
	talk(t, first, in, d.agents[0].tone)
	first.Hangup()
	over(t, first.Call, in)
	before := first.record(t)
	_, rec := d.kept(t, before.Call.ID)

	talking := d.call(t)
	live := talking.is(t, queue.CallTalking)
	partner := d.agents[0]
	if live.Agent != partner.id {
		partner = d.agents[1]
	}
	in = partner.next(t)
	talk(t, talking, in, partner.tone)
	must(t, f.box.Node.Flush(ctx))
	seq := f.box.Node.Snapshot().Seq
	calls := f.exported(t, before.Call.ID)

	file := filepath.Join(t.TempDir(), "centre.tar.gz")
	said, _ := runs(t, nil, 0, "backup", "--data", f.box.Settings.Data, file)
	if !strings.Contains(said, "三声") || !strings.Contains(said, "1 recordings") || strings.Contains(said, "WARNING") {
		t.Errorf("backup says %s", said)
	}
	talk(t, talking, in, partner.tone)

	// The first machine is gone, and there is a new one.
	runs(t, nil, 1, "restore", "--data", f.box.Settings.Data, file) // refused: it is served
	must(t, f.box.StopNode())
	dir, err := os.MkdirTemp(all.dir, "r")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	data := filepath.Join(dir, "data")
	runs(t, nil, 0, "restore", "--data", data, file)
	was, oldData := f.box.Settings.Recordings, f.box.Settings.Data
	must(t, os.Rename(was, was+".gone"))
	f.box.Settings.Data, f.box.Settings.Recordings, f.box.Settings.Centre = data, filepath.Join(data, "recordings"), ""
	must(t, f.box.StartNode(ctx))

	if now := f.box.Node.Snapshot().Seq; now < seq {
		t.Errorf("the ledger ends at %d, it was at %d", now, seq)
	}
	if diff := cmp.Diff(calls, f.exported(t, before.Call.ID)); diff != "" {
		t.Errorf("the call of before, exported: %s", diff)
	}
	after, err := f.box.Node.Ledger().Call(ctx, before.Call.ID)
	must(t, err)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the call of before: %s", diff)
	}
	// A backup without the master key is noise.
	sound := f.box.URL + "/api/v1/calls/" + string(before.Call.ID) + "/recording?why=test"
	if said := web(t, "GET", sound, supervisor, "", http.StatusInternalServerError, nil); !strings.Contains(string(said), "recording_unreadable") {
		t.Errorf("without the master key: %s", said)
	}
	key, err := os.ReadFile(filepath.Join(oldData, "recordings.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(data, "recordings.key"), key, 0o600))
	kept := web(t, "GET", sound, supervisor, "", http.StatusOK, nil)
	if sum := sha256.Sum256(kept); hex.EncodeToString(sum[:]) != rec.SHA256 {
		t.Errorf("the recording has %d bytes and is another than before", len(kept))
	}

	// Two people who talk are never cut.
	talk(t, talking, in, partner.tone)
	talking.Hangup()
	over(t, talking.Call, in)
	r := talking.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	until(t, "the recording of the call that ran", func() bool {
		kept, err := f.box.Node.Ledger().Recording(ctx, r.Call.ID)
		return err == nil && kept.Path != "" && kept.Length > kept.Talk-5*stall // a busy machine may have missed some of it
	})

	// And the centre goes on, with numbers of its own.
	for _, a := range d.agents {
		f.ready(t, a)
	}
	next := d.call(t)
	must(t, next.WaitAnswered(ctx))
	next.Hangup()
	over(t, next.Call)
	n := next.record(t)
	ended(t, n, queue.OutcomeAnswered, queue.ReleaseCaller)
	if n.Call.ID == before.Call.ID || n.Call.ID == r.Call.ID || n.Events[0].Seq <= seq {
		t.Errorf("a new call: %s, record %d; before: %s, %s", n.Call.ID, n.Events[0].Seq, before.Call.ID, r.Call.ID)
	}
	found, err := f.box.Node.Ledger().Calls(ctx, postgres.Filter{})
	must(t, err)
	if len(found) != 3 {
		t.Errorf("%d calls on record, 3 were made", len(found))
	}
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}

// exported is the line of a call in the exported list.
func (f *floor) exported(t *testing.T, id queue.CallID) string {
	t.Helper()
	out, _ := runs(t, nil, 0, "export", "calls", "--data", f.box.Settings.Data)
	for line := range strings.Lines(out) {
		if strings.Contains(line, string(id)+",") {
			return line
		}
	}
	t.Fatalf("call %s is not in the export:\n%s", id, out)
	return ""
}
