package qa

import (
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Coaching is a talk that shall change something, and what came of it (R15.2).
type Coaching struct {
	ID         string        `json:"id"`
	Agent      queue.AgentID `json:"agent"`
	Evaluation string        `json:"evaluation"` // what gave rise to it; may be empty
	Owner      Scorer        `json:"owner"`      // who sees to it
	Text       string        `json:"text"`
	Due        string        `json:"due"` // a day, "2026-11-30"
	By         Scorer        `json:"by"`
	At         time.Time     `json:"at"`
	Notes      []FollowUp    `json:"notes"` // oldest first
	DoneAt     time.Time     `json:"done_at,omitzero"`
	DoneBy     Scorer        `json:"done_by"`
}

// FollowUp is a look at what a coaching has changed.
type FollowUp struct {
	At   time.Time `json:"at"`
	By   Scorer    `json:"by"`
	Text string    `json:"text"`
}

// Check says what is wrong with a coaching note.
func (c Coaching) Check() error {
	if _, err := time.Parse(time.DateOnly, c.Due); err != nil {
		return refuse(RefusedContent, "due: give a day like 2026-11-30")
	}
	if c.Agent == "" || c.Owner == "" {
		return refuse(RefusedContent, "say which agent, and who sees to it")
	}
	return text("text", c.Text, true)
}

// Follow adds what was seen of it; done ends it.
func (c Coaching) Follow(now time.Time, words string, done bool, by Person) (Coaching, error) {
	if !c.DoneAt.IsZero() {
		return c, refuse(RefusedState, "this coaching is done")
	}
	if err := text("text", words, true); err != nil {
		return c, err
	}
	c.Notes = append(slices.Clone(c.Notes), FollowUp{now, by.Name, words})
	if done {
		c.DoneAt, c.DoneBy = now, by.Name
	}
	return c, nil
}
