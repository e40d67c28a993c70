package dashboard

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// safe is Custody in memory, of one recording of each call.
type safe struct {
	held, erased map[queue.CallID]recording.Mark
}

func (s safe) Hold(_ context.Context, id queue.CallID, m recording.Mark) (bool, error) {
	if _, gone := s.erased[id]; gone {
		return false, nil
	}
	s.held[id] = m
	return true, nil
}

func (s safe) Release(_ context.Context, id queue.CallID) (bool, error) {
	_, held := s.held[id]
	delete(s.held, id)
	return held, nil
}

func (s safe) Erase(_ context.Context, id queue.CallID, m recording.Mark) error {
	if _, held := s.held[id]; held {
		return recording.ErrHeld
	}
	if _, gone := s.erased[id]; gone {
		return recording.ErrErased
	}
	s.erased[id] = m
	return nil
}

func (s safe) Where(_ context.Context, id queue.CallID) (recording.Whereabouts, error) {
	w := recording.Whereabouts{Store: "folder", Object: "there", Recording: recording.Recording{Call: id, State: recording.Kept, Held: s.held[id], Erased: s.erased[id]}}
	w.Steps.Captured, w.Steps.Stored = time.Unix(1, 0), time.Unix(2, 0)
	return w, nil
}

// Who keeps recordings holds them, with a reason; who administers erases them,
// with a reason; both are on record, and whoever may hear recordings sees it.
func TestCustodyOfARecording(t *testing.T) { synctest.Test(t, custodyOfARecording) }

func custodyOfARecording(t *testing.T) {
	s := safe{map[queue.CallID]recording.Mark{}, map[queue.CallID]recording.Mark{}}
	log := &memoryAudit{}
	c := newCentre(t, func(o *Options) { o.Custody, o.Audit = s, log })
	c.conversation("c1", "1001")
	boss, root, scorer := c.signedIn(t, "supervisor"), c.signedIn(t, "administrator"), c.signedIn(t, "qa")
	boss.refused("reason_missing", "POST /api/v1/recordings/c1/hold", "")
	scorer.want(403, "POST /api/v1/recordings/c1/hold?why=x")
	boss.want(204, "POST /api/v1/recordings/c1/hold?why=%E8%AF%89%E8%AE%BC")
	if w := scorer.body("GET /api/v1/recordings/c1/where", ""); w["held"].(map[string]any)["why"] != "诉讼" || w["erased"] != nil || len(w["steps"].([]any)) != 3 {
		t.Errorf("held: %v", w)
	}
	boss.want(403, "DELETE /api/v1/calls/c1/recording?why=x")
	root.refused("recording_held", "DELETE /api/v1/calls/c1/recording?why=x", "")
	boss.want(204, "DELETE /api/v1/recordings/c1/hold?why=over")
	boss.refused("no_hold", "DELETE /api/v1/recordings/c1/hold?why=over", "")
	root.refused("reason_missing", "DELETE /api/v1/calls/c1/recording", "")
	root.want(204, "DELETE /api/v1/calls/c1/recording?why=asked+by+the+customer")
	root.refused("recording_erased", "DELETE /api/v1/calls/c1/recording?why=again", "")
	boss.refused("no_recording", "POST /api/v1/recordings/c1/hold?why=x", "")
	if w := scorer.body("GET /api/v1/recordings/c1/where", ""); w["erased"].(map[string]any)["by"] != "administrator" {
		t.Errorf("erased: %v", w)
	}
	synctest.Wait()
	text := strings.Join(log.said(), "\n")
	for _, want := range []string{"supervisor recording.hold c1 诉讼 done", "qa recording.hold c1 x forbidden", "supervisor recording.release c1 over done",
		"supervisor recording.erase c1 x forbidden", "administrator recording.erase c1 asked by the customer done"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on record:\n%s", want, text)
		}
	}
}
