package dashboard

import (
	"net/http"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

type wireLimits struct {
	PerSecond       int            `json:"per_second"`
	PerTrunk        int            `json:"per_trunk"`
	Trunks          map[string]int `json:"trunks"`
	PerCaller       int            `json:"per_caller"`
	CallerPerMinute int            `json:"caller_per_minute"`
	Waiting         int            `json:"waiting"`
	Ban             wireBanRule    `json:"ban"`
}

type wireBanRule struct {
	After    int   `json:"after"`
	WithinMS int64 `json:"within_ms"`
	ForMS    int64 `json:"for_ms"`
}

func limitsOf(l queue.Limits) wireLimits {
	return wireLimits{l.PerSecond, l.PerTrunk, orEmpty(l.Trunks), l.PerCaller, l.CallerPerMinute, l.Waiting, wireBanRule{l.Ban.After, ms(l.Ban.Within), ms(l.Ban.For)}}
}

// wireBan is a number whose calls are not let in.
type wireBan struct {
	Number  string `json:"number"`
	Since   stamp  `json:"since"`
	Until   stamp  `json:"until"`   // null: until it is lifted
	Refused int    `json:"refused"` // before the ban; 0: banned by hand
	Turned  int    `json:"turned"`  // since
	By      string `json:"by"`
	Note    string `json:"note"`
}

// listBans is GET /api/v1/bans: the numbers whose calls are not let in.
func (s *Server) listBans(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	return s.writeBans(w)
}

func (s *Server) writeBans(w http.ResponseWriter) error {
	snap := s.opts.Core.Snapshot()
	bans := make([]wireBan, 0, len(snap.Bans))
	for _, b := range snap.Bans {
		bans = append(bans, wireBan{b.Number, stamp(b.Since), stamp(b.Until), b.Refused, b.Turned, b.By, b.Note})
	}
	writeJSON(w, http.StatusOK, map[string]any{"bans": bans, "turned_away": turnedAway(snap)})
	return nil
}

func turnedAway(snap *queue.Snapshot) map[string]uint64 {
	turned := map[string]uint64{}
	for _, why := range queue.TurnedReasons() {
		turned[why] = snap.TurnedAway[why]
	}
	return turned
}

// banNumber is POST /api/v1/bans: a number is banned by hand.
func (s *Server) banNumber(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Number string `json:"number"`
		ForMS  int64  `json:"for_ms"`
		Note   string `json:"note"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, in.Number)
	if err := overlong(in.Number); err != nil {
		return err
	}
	if in.ForMS < 0 || in.ForMS > queue.MostBan.Milliseconds() {
		return newProblem(http.StatusBadRequest, codeBadTime, "for_ms must be up to 2592000000, thirty days; without it the ban lasts until it is lifted")
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.BanNumber{Number: in.Number, For: time.Duration(in.ForMS) * time.Millisecond, Note: strings.TrimSpace(in.Note), Asked: by}
	}); err != nil {
		return err
	}
	return s.writeBans(w)
}

// liftBan is DELETE /api/v1/bans/{number}.
func (s *Server) liftBan(w http.ResponseWriter, r *http.Request, id identity) error {
	number := r.PathValue("number")
	if err := overlong(number); err != nil {
		return err
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input { return queue.LiftBan{Number: number, Asked: by} }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
