package dashboard

import (
	"net/http"
	"time"
)

// wireLimitsNow is how much of the limits is taken up.
type wireLimitsNow struct {
	PerSecond int         `json:"per_second"`
	PerCaller int         `json:"per_caller"` // of the number that has the most calls
	Caller    string      `json:"caller"`     // that number
	Waiting   int         `json:"waiting"`
	Trunks    []wireTrunk `json:"trunks"`
}

type wireTrunk struct {
	Trunk string `json:"trunk"`
	Calls int    `json:"calls"`
	Limit int    `json:"limit"`
}

// wireTurned is a call that was not let in.
type wireTurned struct {
	At     stamp  `json:"at"`
	Number string `json:"number"`
	Caller string `json:"caller"`
	Reason string `json:"reason"`
}

// showLimits is GET /api/v1/limits: what the house takes in at most, how much of
// that is taken up, and who was turned away.
func (s *Server) showLimits(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	snap := s.opts.Core.Snapshot()
	n := snap.LimitsNow(time.Now())
	now := wireLimitsNow{n.PerSecond, n.PerCaller, n.Caller, n.Waiting, make([]wireTrunk, 0, len(n.Trunks))}
	for _, t := range n.Trunks {
		now.Trunks = append(now.Trunks, wireTrunk{t.Trunk, t.Calls, t.Limit})
	}
	last := make([]wireTurned, 0, len(snap.TurnedLast))
	for i := len(snap.TurnedLast) - 1; i >= 0; i-- {
		t := snap.TurnedLast[i]
		last = append(last, wireTurned{stamp(t.At), t.Number, t.Caller, t.Reason})
	}
	writeJSON(w, http.StatusOK, struct {
		Limits     wireLimits        `json:"limits"`
		Now        wireLimitsNow     `json:"now"`
		TurnedAway map[string]uint64 `json:"turned_away"`
		TurnedLast []wireTurned      `json:"turned_last"`
	}{limitsOf(snap.Config.Limits), now, turnedAway(snap), last})
	return nil
}
