package dashboard

import (
	"net/http"

	"github.com/threerings/threerings/queue"
)

type wireQueue struct {
	ID            queue.QueueID            `json:"id"`
	Name          string                   `json:"name"`
	NameEN        string                   `json:"name_en"`
	Waiting       int                      `json:"waiting"`
	WaitingSince  stamp                    `json:"waiting_since"`
	Talking       int                      `json:"talking"`
	Callbacks     int                      `json:"callbacks"` // customers to be called back
	Agents        map[queue.AgentState]int `json:"agents"`
	Today         wireTally                `json:"today"`
	RingsAgents   wireShare                `json:"rings_agents"`
	RingsCallers  wireShare                `json:"rings_callers"`
	AbandonRate   wireShare                `json:"abandon_rate"`
	ASAMS         *int64                   `json:"asa_ms"`
	Closed        bool                     `json:"closed"`         // by its hours, by hand or by a plan
	ByHand        string                   `json:"by_hand"`        // open or closed; empty: neither
	HoursUntil    stamp                    `json:"hours_until"`    // when that changes
	ServiceLevels []wireLevel              `json:"service_levels"` // by every formula; the queue's own first
}

type wireTally struct {
	Offered          int   `json:"offered"`
	Answered         int   `json:"answered"`
	Abandoned        int   `json:"abandoned"`
	ShortAbandoned   int   `json:"short_abandoned"`
	Lost             int   `json:"lost"` // cut off while they waited
	Overflowed       int   `json:"overflowed"`
	Forwarded        int   `json:"forwarded"`   // of these, to a number outside
	Transferred      int   `json:"transferred"` // times that agents handed a call on
	Callbacks        int   `json:"callbacks"`   // callers who are, or were to be, called back
	CalledBack       int   `json:"called_back"` // of these, who spoke to an agent
	AnsweredWithin   int   `json:"answered_within"`
	AbandonedWithin  int   `json:"abandoned_within"`
	CallersWithin    int   `json:"callers_within"`
	CallersStrict    int   `json:"callers_strict"`
	Rung             int   `json:"rung"`
	RungWithin       int   `json:"rung_within"`
	RungStrict       int   `json:"rung_strict"`
	Violations       int   `json:"violations"`
	AgentRelease     int   `json:"agent_release"`
	Completed        int   `json:"completed"`
	Registered       int   `json:"registered"` // R3.1
	Unregistered     int   `json:"registration_missed"`
	Announced        int   `json:"announced"`         // of the overflowed, to an announcement
	Voicemails       int   `json:"voicemails"`        // messages left
	Estimates        int   `json:"estimates"`         // waits that were told and came to their proof
	EstimateWithin   int   `json:"estimate_within"`   // of these, that held
	EstimateErrorMS  int64 `json:"estimate_error_ms"` // sum of what they were off, either way
	SurveyOffered    int   `json:"survey_offered"`    // callers asked for a mark (R8.1)
	SurveyAnswered   int   `json:"survey_answered"`   // of these, who gave one
	SurveyDeclined   int   `json:"survey_declined"`
	SurveyUnanswered int   `json:"survey_unanswered"`
	SurveySum        int   `json:"survey_sum"` // of the marks
	Satisfied        int   `json:"satisfied"`  // marks of 4 and 5
	WaitAnsweredMS   int64 `json:"wait_answered_ms"`
	WaitAbandonedMS  int64 `json:"wait_abandoned_ms"`
	TalkMS           int64 `json:"talk_ms"`
	LongestWaitMS    int64 `json:"longest_wait_ms"`
}

func tallyOf(t queue.Tally) wireTally {
	return wireTally{Offered: t.Offered, Answered: t.Answered, Abandoned: t.Abandoned, ShortAbandoned: t.ShortAbandoned,
		Lost: t.Lost, Overflowed: t.Overflowed, Forwarded: t.Forwarded, Transferred: t.Transferred, Callbacks: t.Callbacks, CalledBack: t.CalledBack, AnsweredWithin: t.AnsweredWithin, AbandonedWithin: t.AbandonedWithin,
		CallersWithin: t.CallersWithin, CallersStrict: t.CallersStrict, Rung: t.Rung, RungWithin: t.RungWithin,
		RungStrict: t.RungStrict, Violations: t.Violations, AgentRelease: t.AgentRelease, Completed: t.Completed, Registered: t.Registered, Unregistered: t.RegistrationMissed,
		WaitAnsweredMS: ms(t.WaitAnswered), WaitAbandonedMS: ms(t.WaitAbandoned), TalkMS: ms(t.Talk),
		LongestWaitMS: ms(t.LongestWait),
		Announced:     t.Announced, Voicemails: t.Voicemails, Estimates: t.Estimates, EstimateWithin: t.EstimateWithin, EstimateErrorMS: ms(t.EstimateError), SurveyOffered: t.SurveyOffered, SurveyAnswered: t.SurveyAnswered, SurveyDeclined: t.SurveyDeclined, SurveyUnanswered: t.SurveyUnanswered, SurveySum: t.SurveySum, Satisfied: t.Satisfied}
}

func (p present) wireQueue(n *queue.QueueNow) wireQueue {
	c, t := p.queueConfig(n.Queue), n.Today
	own, within := c.ServiceLevel.Formula, c.ServiceLevel.Within
	levels := []wireLevel{levelOf(t, own, within)}
	for _, f := range queue.Formulas() {
		if f != own {
			levels = append(levels, levelOf(t, f, within))
		}
	}
	return wireQueue{ID: c.ID, Name: c.Name, NameEN: english(c.NameEN, c.Name), Waiting: n.Waiting,
		WaitingSince: stamp(n.WaitingSince), Talking: n.Talking, Callbacks: n.Callbacks, Agents: byState(n.Agents), Today: tallyOf(t),
		RingsAgents: shareOf(t.AgentsWithin()), RingsCallers: shareOf(t.CallersWithinRings()),
		AbandonRate: shareOf(t.AbandonRate()), ASAMS: asaOf(t), Closed: n.Closed, ByHand: n.ByHand, HoursUntil: stamp(n.HoursUntil),
		ServiceLevels: levels}
}

// listQueues is GET /api/v1/queues.
func (s *Server) listQueues(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	snap := s.opts.Core.Snapshot()
	p := look(snap)
	list := make([]wireQueue, 0, len(snap.Queues))
	for i := range snap.Queues {
		list = append(list, p.wireQueue(&snap.Queues[i]))
	}
	writeJSON(w, http.StatusOK, map[string]any{"day": snap.Day, "queues": list})
	return nil
}

// showWallboard is GET /api/v1/wallboard: one frame.
func (s *Server) showWallboard(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	f := s.hub.current()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(f.body)
	return nil
}
