package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

type wireCall struct {
	ID             queue.CallID         `json:"id"`
	Day            string               `json:"day"`
	Queue          queue.QueueID        `json:"queue"`
	Number         string               `json:"number"`
	Caller         string               `json:"caller"`
	Name           string               `json:"name"`
	Endpoint       string               `json:"endpoint"`
	Addr           string               `json:"addr"`
	State          queue.CallState      `json:"state"`
	ArrivedAt      stamp                `json:"arrived_at"`
	LineAnsweredAt stamp                `json:"line_answered_at"`
	LineAnsweredBy queue.LineAnsweredBy `json:"line_answered_by"`
	AcceptedAt     stamp                `json:"accepted_at"`
	ConnectedAt    stamp                `json:"connected_at"`
	EndedAt        stamp                `json:"ended_at"`
	BudgetSpentAt  stamp                `json:"budget_spent_at"`
	Offers         int                  `json:"offers"`
	Agent          queue.AgentID        `json:"agent"`
	Outcome        queue.Outcome        `json:"outcome"`
	Release        queue.Release        `json:"release"`
	Cause          queue.Cause          `json:"cause"`
	CutAt          stamp                `json:"cut_at"`   // when the switch was heard last that took it with it
	Restored       queue.CallID         `json:"restored"` // the call that was cut off and whose place it has
	Short          bool                 `json:"short"`
	WaitMS         int64                `json:"wait_ms"`
	Rings          wireRings            `json:"rings"`
	TalkMS         int64                `json:"talk_ms"`
	Overflow       queue.OverflowCause  `json:"overflow"` // why it left a queue by policy, the last time
	Level          string               `json:"level"`    // of the customer
	Overtaken      int                  `json:"overtaken"`
	Category       string               `json:"category"` // what it was about (R3.1)
	RegisteredBy   queue.AgentID        `json:"registered_by"`
	RegisteredAt   stamp                `json:"registered_at"`
	Note           string               `json:"note"`
	Direction      queue.Direction      `json:"direction"` // out: placed by an agent
	Transfers      int                  `json:"transfers"`
	HoldMS         int64                `json:"hold_ms"`
	Held           bool                 `json:"held"`     // now
	Callback       bool                 `json:"callback"` // the customer is, or was to be, called back
	Home           queue.QueueID        `json:"home"`     // in whose figures it is
	Outside        string               `json:"outside"`  // number that it was given to
	Consult        queue.ConsultState   `json:"consult"`  // now; empty: none
	Score          int                  `json:"score"`    // the caller's mark, 1 to 5; 0: none
}

// callOf shows a call; hide masks who called (R14.1).
func callOf(c *queue.Call, hide bool) wireCall {
	w := wireCall{ID: c.ID, Day: c.Day, Queue: c.Queue, Number: c.Number, Caller: c.Caller, Name: c.Name,
		Endpoint: c.Endpoint, Addr: c.Addr, State: c.State, ArrivedAt: stamp(c.ArrivedAt),
		LineAnsweredAt: stamp(c.LineAnsweredAt), LineAnsweredBy: c.LineAnsweredBy, AcceptedAt: stamp(c.AcceptedAt),
		ConnectedAt: stamp(c.ConnectedAt), EndedAt: stamp(c.EndedAt), BudgetSpentAt: stamp(c.BudgetSpentAt),
		Offers: c.Offers, Agent: c.Agent, Outcome: c.Outcome, Release: c.Release, Cause: c.Cause, CutAt: stamp(c.CutAt), Restored: c.Restored, Short: c.Short,
		WaitMS: ms(c.Wait), Rings: ringsOf(c.Rings), TalkMS: ms(c.Talk), Overflow: c.Overflow, Level: c.Level, Overtaken: c.Overtaken,
		Category: c.Category, RegisteredBy: c.RegisteredBy, RegisteredAt: stamp(c.RegisteredAt), Note: c.Note,
		Direction: c.Direction, Transfers: c.Transfers, HoldMS: ms(c.Hold), Held: !c.HeldAt.IsZero(), Callback: c.Callback != nil, Home: c.Home, Score: c.Score}
	if c.Outside != nil {
		w.Outside = c.Outside.Number
	}
	if c.Consult != nil {
		w.Consult = c.Consult.State
	}
	if hide {
		if c.Direction == queue.Outbound {
			w.Number = mask(c.Number)
		}
		w.Outside = mask(w.Outside)
		w.Caller, w.Name, w.Endpoint, w.Addr, w.Note = mask(c.Caller), "", "", "", ""
	}
	return w
}

type wireOffer struct {
	ID         queue.OfferID    `json:"id"`
	Agent      queue.AgentID    `json:"agent"`
	Kind       queue.OfferKind  `json:"kind"`
	Queue      queue.QueueID    `json:"queue"`
	State      queue.OfferState `json:"state"`
	MadeAt     stamp            `json:"made_at"`
	AlertingAt stamp            `json:"alerting_at"`
	ClosedAt   stamp            `json:"closed_at"`
	Reason     string           `json:"reason"`
	Rings      wireRings        `json:"rings"`
	Fine       int64            `json:"fine"`
	Why        wireWhy          `json:"why"`
}

type wireWhy struct {
	Strategy   string          `json:"strategy"`
	Candidates []wireCandidate `json:"candidates"`
	Of         int             `json:"of"`
	Kept       bool            `json:"kept"`       // the call was kept for this agent
	LastAgent  bool            `json:"last_agent"` // the caller spoke to this agent before
	Backup     bool            `json:"backup"`     // rung beside another phone
	Chance     float64         `json:"chance"`     // of an answer in time without it
}

type wireCandidate struct {
	Agent     queue.AgentID `json:"agent"`
	IdleForMS int64         `json:"idle_for_ms"`
	Rank      int           `json:"rank"`
}

func offerOf(o *queue.Offer) wireOffer {
	why := wireWhy{Strategy: string(o.Why.Strategy), Of: o.Why.Of, Kept: o.Why.Kept, LastAgent: o.Why.LastAgent, Backup: o.Why.Backup, Chance: o.Why.Chance, Candidates: []wireCandidate{}}
	for _, c := range o.Why.Candidates {
		why.Candidates = append(why.Candidates, wireCandidate{c.Agent, ms(c.IdleFor), max(c.Rank, 1)})
	}
	return wireOffer{ID: o.ID, Agent: o.Agent, Kind: o.Kind, Queue: o.Queue, State: o.State, MadeAt: stamp(o.MadeAt),
		AlertingAt: stamp(o.AlertingAt), ClosedAt: stamp(o.ClosedAt), Reason: o.Reason, Rings: ringsOf(o.Rings),
		Fine: o.Fine, Why: why}
}

// wirePart is one agent's part of a call: talk belongs to who talked.
type wirePart struct {
	N      int             `json:"n"`
	Agent  queue.AgentID   `json:"agent"`
	Queue  queue.QueueID   `json:"queue"`
	Kind   queue.OfferKind `json:"kind"` // why this agent was in it; empty: from the queue
	From   stamp           `json:"from"`
	To     stamp           `json:"to"`
	TalkMS int64           `json:"talk_ms"`
	HoldMS int64           `json:"hold_ms"`
	End    string          `json:"end"` // completed, transferred, consulted, left, lost
}

func partOf(p *queue.Part, offers []queue.Offer) wirePart {
	var kind queue.OfferKind
	if i := slices.IndexFunc(offers, func(o queue.Offer) bool { return o.ID == p.Offer }); i >= 0 {
		kind = offers[i].Kind
	}
	return wirePart{N: p.N, Agent: p.Agent, Queue: p.Queue, Kind: kind, From: stamp(p.From), To: stamp(p.To), TalkMS: ms(p.Talk), HoldMS: ms(p.Hold), End: p.End}
}

type wireRecord struct {
	Seq  uint64         `json:"seq"`
	At   stamp          `json:"at"`
	Type string         `json:"type"`
	Data map[string]any `json:"data"`
}

type wireRecording struct {
	State      string `json:"state"`
	DurationMS int64  `json:"duration_ms"`
	Bytes      int64  `json:"bytes"`
}

type wireFile struct {
	Call      wireCall       `json:"call"`
	Offers    []wireOffer    `json:"offers"`
	Parts     []wirePart     `json:"parts"` // those that are over
	Events    []wireRecord   `json:"events"`
	Recording *wireRecording `json:"recording"`
}

// listCalls is GET /api/v1/calls.
func (s *Server) listCalls(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, "queue", "agent", "outcome", "since", "until", "limit", "cursor")
	f := q.calls()
	if q.err != nil {
		return q.err
	}
	limit := f.Limit
	f.Limit++ // one more tells whether there is a next page
	calls, err := s.opts.Ledger.Calls(r.Context(), f)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	blind, err := s.blind(r, id)
	if err != nil {
		return err
	}
	out := struct {
		Calls      []wireCall `json:"calls"`
		NextCursor *string    `json:"next_cursor"`
	}{Calls: make([]wireCall, 0, min(len(calls), limit))}
	for i := range calls {
		if i == limit {
			next := cursor(&calls[limit-1])
			out.NextCursor = &next
			break
		}
		if !blind[calls[i].ID] {
			out.Calls = append(out.Calls, callOf(&calls[i], !id.sees(calls[i].Agent)))
		}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// showCall is GET /api/v1/calls/{id}: the call with its whole timeline.
func (s *Server) showCall(w http.ResponseWriter, r *http.Request, id identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	call, err := callID(r)
	if err != nil {
		return err
	}
	if err := s.seen(r, id, call); err != nil {
		return err
	}
	file, err := s.opts.Ledger.Call(r.Context(), call)
	if errors.Is(err, ErrNotFound) {
		return unknownCall(call)
	}
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	hide := !id.sees(file.Call.Agent) && !(id.user.Role == Supervisor && id.had(file))
	out := wireFile{Call: callOf(&file.Call, hide), Offers: make([]wireOffer, 0, len(file.Offers)), Parts: make([]wirePart, 0, len(file.Parts)),
		Events: make([]wireRecord, 0, len(file.Records))}
	for i := range file.Offers {
		out.Offers = append(out.Offers, offerOf(&file.Offers[i]))
	}
	for i := range file.Parts {
		out.Parts = append(out.Parts, partOf(&file.Parts[i], file.Offers))
	}
	for _, rec := range file.Records {
		out.Events = append(out.Events, wireRecord{rec.Seq, stamp(rec.At), queue.TypeOf(rec.Event), wireEvent(rec.Event, hide)})
	}
	if k := file.Recording; k != nil {
		out.Recording = &wireRecording{k.State, ms(k.Duration), k.Bytes}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// callID reads the id of a path. What no store can hold is not asked for.
func callID(r *http.Request) (queue.CallID, error) {
	q := parseQuery("", nil, time.Time{})
	q.values.Set("id", r.PathValue("id"))
	id := queue.CallID(q.text("id"))
	if q.err != nil || len(id) > maxParameter {
		return "", unknownCall(id)
	}
	return id, nil
}

func unknownCall(id queue.CallID) error {
	return newProblem(http.StatusNotFound, codeUnknownCall,
		fmt.Sprintf("there is no call %q; a call is on record a moment after it arrived", cut(string(id))))
}
