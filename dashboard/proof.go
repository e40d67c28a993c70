package dashboard

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// Proofs is what was found in the audio of conversations (R9.1).
type Proofs interface {
	// Marks tells what happened when in a call's recording; ErrNotFound if there
	// is none.
	Marks(ctx context.Context, call queue.CallID) (recording.Timeline, error)
	// Speech tells how people spoke in a call, the whole conversation first;
	// none when that was not measured.
	Speech(ctx context.Context, call queue.CallID) ([]recording.Speech, error)
	// Peaks is the wave form of a call's recording; ErrNotFound if there is none.
	Peaks(ctx context.Context, call queue.CallID) (recording.Peaks, error)
	// Gaps lists gaps, those found last first; of one call in their order.
	Gaps(ctx context.Context, f GapFilter) ([]FoundGap, error)
}

// GapFilter selects gaps. Zero values do not restrict.
type GapFilter struct {
	Call   queue.CallID
	Reason recording.GapReason
	Agents []queue.AgentID // gaps of calls that one of them, or nobody, had; nil: all
	Limit  int
	After  *FoundGap // gaps behind this one; nil starts
}

// FoundGap is a gap in the recording of a call.
type FoundGap struct {
	Call    queue.CallID
	N       int // in the call, from 1
	FoundAt time.Time
	Gap     recording.Gap
}

type wirePartOf struct {
	N      int           `json:"n"`
	Agent  queue.AgentID `json:"agent"`
	FromMS int64         `json:"from_ms"`
	ToMS   int64         `json:"to_ms"`
	End    string        `json:"end"`
}

type wireStretch struct {
	FromMS int64         `json:"from_ms"`
	ToMS   int64         `json:"to_ms"`
	Kind   string        `json:"kind"`
	Agent  queue.AgentID `json:"agent"`
}

type wireMark struct {
	AtMS     int64         `json:"at_ms"`
	LengthMS int64         `json:"length_ms"`
	Kind     string        `json:"kind"`
	Agent    queue.AgentID `json:"agent"`
	To       string        `json:"to"`
	Number   string        `json:"number"`
	By       string        `json:"by"`
}

func stretchesOf(list []recording.Stretch) []wireStretch {
	out := make([]wireStretch, 0, len(list))
	for _, s := range list {
		out = append(out, wireStretch{ms(s.From), ms(s.To), string(s.Kind), s.Agent})
	}
	return out
}

// showMarks is GET /api/v1/calls/{id}/recording/marks. Numbers outside are
// masked for everybody: the call itself shows them to whom they are shown.
func (s *Server) showMarks(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := s.provedCall(r, id)
	if err != nil {
		return err
	}
	t, err := s.opts.Proofs.Marks(r.Context(), call)
	if err != nil {
		return s.proofProblem(r, err)
	}
	blind, err := s.blind(r, id)
	if err != nil {
		return err
	}
	if blind[call] {
		t = nameless(t)
	}
	out := struct {
		LengthMS  int64         `json:"length_ms"`
		Parts     []wirePartOf  `json:"parts"`
		Stretches []wireStretch `json:"stretches"`
		Marks     []wireMark    `json:"marks"`
		Muted     []wireStretch `json:"muted"`
		Private   []wireStretch `json:"private"`
	}{ms(t.Length), make([]wirePartOf, 0, len(t.Parts)), stretchesOf(t.Stretches), make([]wireMark, 0, len(t.Marks)), stretchesOf(t.Muted), stretchesOf(t.Private)}
	for _, p := range t.Parts {
		out.Parts = append(out.Parts, wirePartOf{p.N, p.Agent, ms(p.From), ms(p.To), p.End})
	}
	for _, m := range t.Marks {
		out.Marks = append(out.Marks, wireMark{ms(m.At), ms(m.Length), m.Kind, m.Agent, m.To, mask(m.Number), m.By})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// nameless is a timeline that names nobody.
func nameless(t recording.Timeline) recording.Timeline {
	strip := func(all []recording.Stretch) []recording.Stretch {
		out := slices.Clone(all)
		for i := range out {
			out[i].Agent = ""
		}
		return out
	}
	t.Parts, t.Marks = slices.Clone(t.Parts), slices.Clone(t.Marks)
	for i := range t.Parts {
		t.Parts[i].Agent = ""
	}
	for i := range t.Marks {
		t.Marks[i].Agent, t.Marks[i].To, t.Marks[i].By = "", "", ""
	}
	t.Stretches, t.Muted, t.Private = strip(t.Stretches), strip(t.Muted), strip(t.Private)
	return t
}

type wireSpeech struct {
	Agent              queue.AgentID `json:"agent"` // empty: the whole conversation
	LengthMS           int64         `json:"length_ms"`
	AgentTalkMS        int64         `json:"agent_talk_ms"`
	CallerTalkMS       int64         `json:"caller_talk_ms"`
	CrosstalkMS        int64         `json:"crosstalk_ms"`
	DeadAirMS          int64         `json:"dead_air_ms"`
	LongestDeadAirMS   int64         `json:"longest_dead_air_ms"`
	LongestMonologueMS int64         `json:"longest_monologue_ms"`
	FirstWordMS        *int64        `json:"first_word_ms"`
	AgentDBFS          *int          `json:"agent_dbfs"`
	CallerDBFS         *int          `json:"caller_dbfs"`
	Interruptions      int           `json:"interruptions"`
}

// showSpeech is GET /api/v1/calls/{id}/speech.
func (s *Server) showSpeech(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := s.provedCall(r, id)
	if err == nil {
		err = s.seen(r, id, call)
	}
	if err != nil {
		return err
	}
	list, err := s.opts.Proofs.Speech(r.Context(), call)
	if err != nil {
		return s.proofProblem(r, err)
	}
	out := struct {
		Speech []wireSpeech `json:"speech"`
	}{make([]wireSpeech, 0, len(list))}
	for _, v := range list {
		w := wireSpeech{Agent: v.Agent, LengthMS: ms(v.Length), AgentTalkMS: ms(v.AgentTalk), CallerTalkMS: ms(v.CallerTalk), CrosstalkMS: ms(v.Crosstalk), DeadAirMS: ms(v.DeadAir),
			LongestDeadAirMS: ms(v.LongestDeadAir), LongestMonologueMS: ms(v.LongestMonologue), Interruptions: v.Interruptions}
		if v.FirstWord >= 0 {
			first := ms(v.FirstWord)
			w.FirstWordMS = &first
		}
		if v.AgentDBFS != recording.NotHeard {
			w.AgentDBFS = &v.AgentDBFS
		}
		if v.CallerDBFS != recording.NotHeard {
			w.CallerDBFS = &v.CallerDBFS
		}
		out.Speech = append(out.Speech, w)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// showPeaks is GET /api/v1/calls/{id}/recording/peaks.
func (s *Server) showPeaks(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := s.provedCall(r, id)
	if err != nil {
		return err
	}
	p, err := s.opts.Proofs.Peaks(r.Context(), call)
	if err != nil {
		return s.proofProblem(r, err)
	}
	// Written by hand: hundreds of thousands of numbers, which JSON encoders
	// take for a text in base64, or take long for.
	out := make([]byte, 0, 64+8*len(p.Left))
	out = append(out, `{"rate":`...)
	out = strconv.AppendInt(out, int64(p.Rate), 10)
	for _, side := range []struct {
		name   string
		values []byte
	}{{`,"left":[`, p.Left}, {`],"right":[`, p.Right}} {
		out = append(out, side.name...)
		for i, v := range side.values {
			if i > 0 {
				out = append(out, ',')
			}
			out = strconv.AppendUint(out, uint64(v), 10)
		}
	}
	out = append(out, "]}\n"...)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, no-store")
	_, _ = w.Write(out) // who is gone needs no answer
	return nil
}

type wireGap struct {
	Call     queue.CallID        `json:"call"`
	N        int                 `json:"n"`
	FoundAt  stamp               `json:"found_at"`
	Channel  recording.Side      `json:"channel"`
	AtMS     int64               `json:"at_ms"`
	LengthMS int64               `json:"length_ms"`
	Reason   recording.GapReason `json:"reason"`
	Detail   string              `json:"detail"`
}

// listGaps is GET /api/v1/recordings/gaps.
func (s *Server) listGaps(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, "call", "reason", "limit", "cursor")
	f := GapFilter{Call: queue.CallID(q.text("call")), Reason: q.gapReason(), Limit: q.limit()}
	if !id.reach.everybody {
		f.Agents = append([]queue.AgentID{}, id.reach.agents...)
	}
	if v := q.text("cursor"); v != "" {
		after, err := parseGapCursor(v)
		if err != nil {
			q.fail("cursor: %v; use next_cursor of the page before, unchanged", err)
		}
		f.After = &after
	}
	if q.err != nil {
		return q.err
	}
	if s.opts.Proofs == nil {
		return s.proofProblem(r, ErrNotFound)
	}
	limit := f.Limit
	f.Limit++
	list, err := s.opts.Proofs.Gaps(r.Context(), f)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	blind, err := s.blind(r, id)
	if err != nil {
		return err
	}
	out := struct {
		Gaps       []wireGap `json:"gaps"`
		NextCursor *string   `json:"next_cursor"`
	}{Gaps: make([]wireGap, 0, min(len(list), limit))}
	for i, g := range list {
		if i == limit {
			next := gapCursor(list[limit-1])
			out.NextCursor = &next
			break
		}
		if blind[g.Call] {
			continue // its words may name the agent
		}
		out.Gaps = append(out.Gaps, wireGap{g.Call, g.N, stamp(g.FoundAt), g.Gap.Side, ms(g.Gap.At), ms(g.Gap.Length), g.Gap.Reason, g.Gap.Detail})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (q *query) gapReason() recording.GapReason {
	v := recording.GapReason(q.text("reason"))
	if v == "" {
		return v
	}
	for _, known := range recording.GapReasons() {
		if v == known {
			return v
		}
	}
	q.fail("reason %q: known are %v", cut(string(v)), recording.GapReasons())
	return ""
}

func gapCursor(g FoundGap) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(g.FoundAt.UnixMicro(), 10) + " " + strconv.Itoa(g.N) + " " + string(g.Call)))
}

func parseGapCursor(s string) (FoundGap, error) {
	data, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.SplitN(string(data), " ", 3)
	if err != nil || len(parts) < 3 {
		return FoundGap{}, errors.New("not a cursor")
	}
	at, err := strconv.ParseInt(parts[0], 10, 64)
	n, noN := strconv.Atoi(parts[1])
	found := time.UnixMicro(at).UTC()
	if err != nil || noN != nil || n < 0 || n > 1<<30 || !plausible(found) || strings.ContainsFunc(parts[2], func(r rune) bool { return r < ' ' || r == '\uFFFD' }) {
		return FoundGap{}, errors.New("not a cursor")
	}
	return FoundGap{Call: queue.CallID(parts[2]), N: n, FoundAt: found}, nil
}

// provedCall is the call of a path, whose agent is open to this user, in a house
// where audio is looked into.
func (s *Server) provedCall(r *http.Request, id identity) (queue.CallID, error) {
	if q := s.query(r); q.err != nil {
		return "", q.err
	}
	call, err := callID(r)
	if err == nil && s.opts.Proofs == nil {
		err = s.proofProblem(r, ErrNotFound)
	}
	if err == nil {
		err = s.handled(r, id, call)
	}
	return call, err
}

func (s *Server) proofProblem(r *http.Request, err error) error {
	if errors.Is(err, ErrNotFound) {
		return newProblem(http.StatusNotFound, codeNoRecording, "nothing is kept of this call")
	}
	return s.ledgerProblem(r, err)
}
