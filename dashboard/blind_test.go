package dashboard

import (
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/recording/qa"
)

// TestWhoJudgesBlindIsToldNothingElse: until the task is done, nothing that this
// scorer can read tells whose call it is; to hear it is all there is. Others
// are shown it as ever.
func TestWhoJudgesBlindIsToldNothingElse(t *testing.T) {
	store := &memorySampling{tasks: []qa.Task{{ID: "s1", Call: "c1", Agent: "1001", Scorer: "qa", Blind: true}}}
	c := newCentre(t, func(o *Options) { o.Proofs, o.Search, o.Sampling = memoryProofs{}, &memorySearch{}, store })
	c.conversation("c1", "1001")
	c.conversation("c2", "1002")
	c.sounds["c1"] = testSound
	scorer, boss := c.signedIn(t, "qa"), c.signedIn(t, "supervisor")
	alone := []string{"GET /api/v1/calls/c1", "GET /api/v1/calls/c1/speech"}
	lists := []string{"GET /api/v1/calls", "GET /api/v1/recordings", "GET /api/v1/recordings?agent=1001", "GET /api/v1/recordings/gaps", "GET /api/v1/calls/c1/recording/marks"}
	for _, target := range alone {
		scorer.refused("judged_blind", target, "")
		if got := boss.do(target, ""); got.Code != 200 {
			t.Errorf("%s for a supervisor: %d", target, got.Code)
		}
	}
	for _, target := range lists {
		got := scorer.do(target, "")
		if got.Code != 200 || strings.Contains(got.Body.String(), "1001") || strings.Contains(got.Body.String(), `"c1"`) {
			t.Errorf("%s: %d %s", target, got.Code, got.Body)
		}
	}
	if got := scorer.do("GET /api/v1/recordings", "").Body.String(); !strings.Contains(got, `"c2"`) {
		t.Errorf("another call is not listed: %s", got)
	}
	if got := boss.do("GET /api/v1/recordings", "").Body.String(); !strings.Contains(got, `"c1"`) {
		t.Errorf("not listed for a supervisor: %s", got)
	}
	scorer.want(200, "GET /api/v1/calls/c1/recording?why=quality")
	scorer.want(200, "GET /api/v1/calls/c1/recording/peaks")

	// Done, or dropped, it is a call as any other.
	store.tasks[0].Dropped = time.Now()
	for _, target := range alone {
		scorer.want(200, target)
	}
	if got := scorer.do(lists[4], "").Body.String(); !strings.Contains(got, "1001") {
		t.Errorf("marks afterwards: %s", got)
	}
}
