package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// Search finds recordings, and keeps remarks on them.
type Search interface {
	// SearchRecordings lists what is chosen, newest call first, at most f.Limit.
	SearchRecordings(ctx context.Context, f recording.Search) ([]recording.Found, error)
	// CountRecordings counts what is chosen, up to most.
	CountRecordings(ctx context.Context, f recording.Search, most int) (int, error)
	// Comments lists the remarks on a call's recording, by moment.
	Comments(ctx context.Context, call queue.CallID) ([]recording.Comment, error)
	// AddComment stores a remark and returns it as stored; ErrNotFound if there
	// is no recording of the call.
	AddComment(ctx context.Context, c recording.Comment) (recording.Comment, error)
	// RemoveComment takes a remark away from readers; false if there is none.
	RemoveComment(ctx context.Context, call queue.CallID, id int64, who string) (bool, error)
}

// countMost is how far results are counted: nobody reads more.
const countMost = 1000

type wireFound struct {
	Call        queue.CallID    `json:"call"`
	At          stamp           `json:"at"`
	Agents      []queue.AgentID `json:"agents"`
	Queue       queue.QueueID   `json:"queue"`
	Number      string          `json:"number"`
	TalkMS      int64           `json:"talk_ms"`
	OverRings   bool            `json:"over_rings"`
	Release     queue.Release   `json:"release"`
	Mark        int             `json:"mark"`
	Category    string          `json:"category"`
	State       recording.State `json:"state"`
	Reason      string          `json:"reason"`
	Held        bool            `json:"held"`
	Score       *float64        `json:"score"`
	DeadAirMS   *int64          `json:"dead_air_ms"`
	CrosstalkMS *int64          `json:"crosstalk_ms"`
	AgentShare  *int            `json:"agent_share"`
}

// searchParameters are those of GET /api/v1/recordings.
var searchParameters = []string{"agent", "team", "queue", "number", "since", "until", "talk_from", "talk_to", "over_rings", "release", "mark_from", "mark_to", "category",
	"score_from", "score_to", "state", "held", "dead_air_from", "crosstalk_from", "monologue_from", "first_word_from", "quiet_to", "share_from", "share_to", "text", "limit", "cursor"}

// listRecordings is GET /api/v1/recordings.
func (s *Server) listRecordings(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, searchParameters...)
	f := q.search()
	s.searchedAgents(q, &f, id)
	if f.Number+f.NumberStarts+f.NumberEnds != "" && !id.sees("") && q.err == nil {
		q.err = newProblem(http.StatusForbidden, codeForbidden, "numbers are masked for you, so they are not looked for either")
	}
	if q.err != nil {
		return q.err
	}
	if s.opts.Search == nil {
		return s.ledgerProblem(r, errors.New("no search"))
	}
	limit := f.Limit
	f.Limit++ // one more tells whether there is a next page
	found, err := s.opts.Search.SearchRecordings(r.Context(), f)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	blind, err := s.blind(r, id)
	if err != nil {
		return err
	}
	out := struct {
		Recordings []wireFound `json:"recordings"`
		Count      *int        `json:"count"` // on the first page
		More       bool        `json:"more"`  // than count
		NextCursor *string     `json:"next_cursor"`
	}{Recordings: make([]wireFound, 0, min(len(found), limit))}
	for i, x := range found {
		if i == limit {
			next := cursor(&queue.Call{ArrivedAt: found[i-1].At, ID: found[i-1].Call})
			out.NextCursor = &next
			break
		}
		if !blind[x.Call] {
			out.Recordings = append(out.Recordings, foundOf(x, id))
		}
	}
	if f.AfterCall == "" {
		n := len(found)
		if n > limit {
			if n, err = s.opts.Search.CountRecordings(r.Context(), f, countMost+1); err != nil {
				return s.ledgerProblem(r, err)
			}
		}
		out.More = n > countMost
		n = min(n, countMost)
		out.Count = &n
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func foundOf(x recording.Found, id identity) wireFound {
	w := wireFound{Call: x.Call, At: stamp(x.At), Agents: append([]queue.AgentID{}, x.Agents...), Queue: x.Queue, Number: x.Number, TalkMS: ms(x.Talk), OverRings: x.OverRings,
		Release: x.Release, Mark: x.Mark, Category: x.Category, State: x.State, Reason: x.Reason, Held: x.Held, Score: x.Score, AgentShare: x.AgentShare}
	if !id.sees("") && !slices.ContainsFunc(x.Agents, id.sees) {
		w.Number = mask(x.Number)
	}
	if x.DeadAir != nil {
		d := ms(*x.DeadAir)
		w.DeadAirMS = &d
	}
	if x.Crosstalk != nil {
		d := ms(*x.Crosstalk)
		w.CrosstalkMS = &d
	}
	return w
}

// searchedAgents limits a search to whom it asks for, and to whose affairs are
// open to this user.
func (s *Server) searchedAgents(q *query, f *recording.Search, id identity) {
	var wanted []queue.AgentID
	if a := q.text("agent"); a != "" {
		wanted = []queue.AgentID{queue.AgentID(a)}
	}
	if team := q.text("team"); team != "" {
		i := slices.IndexFunc(s.opts.Centre().Teams, func(t Team) bool { return t.ID == team })
		switch {
		case i < 0:
			q.fail("there is no team %q", cut(team))
		case wanted != nil:
			q.fail("give an agent or a team, not both")
		default:
			wanted = append([]queue.AgentID{}, s.opts.Centre().Teams[i].Agents...)
		}
	}
	switch {
	case id.reach.everybody:
		f.Agents = wanted
	case wanted == nil:
		f.Agents = append([]queue.AgentID{}, id.reach.agents...)
	default:
		f.Agents = slices.DeleteFunc(wanted, func(a queue.AgentID) bool { return !id.of(a) })
	}
}

func (q *query) search() recording.Search {
	f := recording.Search{Queue: queue.QueueID(q.text("queue")), Since: q.time("since", time.Time{}), Until: q.time("until", time.Time{}), Release: queue.Release(q.text("release")),
		Category: q.text("category"), Text: q.text("text"), TalkFrom: q.seconds("talk_from"), TalkTo: q.seconds("talk_to"), MarkFrom: q.number("mark_from", 5), MarkTo: q.number("mark_to", 5),
		OverRings: q.flag("over_rings"), Held: q.flag("held"), ScoreFrom: q.score("score_from"), ScoreTo: q.score("score_to"), DeadAirFrom: q.seconds("dead_air_from"),
		CrossFrom: q.seconds("crosstalk_from"), Monologue: q.seconds("monologue_from"), FirstWord: q.seconds("first_word_from"), QuietTo: -q.number("quiet_to", 100), ShareFrom: q.number("share_from", 100), ShareTo: q.number("share_to", 100), Limit: q.limit()}
	if f.Category == "none" {
		f.Category, f.Unregistered = "", true
	}
	switch state := q.text("state"); state {
	case "", string(recording.Kept), string(recording.Incomplete), string(recording.Missing), string(recording.ErasedState):
		f.State = recording.State(state)
	case "gaps":
		f.Gaps = true
	default:
		q.fail("state %q: known are kept, incomplete, missing, erased and gaps", cut(state))
	}
	switch f.Release {
	case "", queue.ReleaseCaller, queue.ReleaseAgent, queue.ReleaseSystem:
	default:
		q.fail("release %q: known are caller, agent and system", cut(string(f.Release)))
	}
	switch number := q.text("number"); {
	case strings.HasSuffix(number, "*"):
		f.NumberStarts = strings.TrimSuffix(number, "*")
	case strings.HasPrefix(number, "*"):
		f.NumberEnds = strings.TrimPrefix(number, "*")
	default:
		f.Number = number
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && f.Until.Before(f.Since) {
		q.fail("until is before since")
	}
	if v := q.text("cursor"); v != "" {
		var err error
		if f.AfterAt, f.AfterCall, err = parseCursor(v); err != nil {
			q.fail("cursor: %v; use next_cursor of the page before, unchanged", err)
		}
	}
	return f
}

// number reads a whole number up to most; 0 when it is not given.
func (q *query) number(name string, most int) int {
	v := q.text(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > most {
		q.fail("%s %q: give a number from 0 to %d", name, cut(v), most)
	}
	return n
}

// seconds reads a length of time in whole seconds.
func (q *query) seconds(name string) time.Duration {
	const most = 48 * 3600
	return time.Duration(q.number(name, most)) * time.Second
}

func (q *query) flag(name string) *bool {
	switch v := q.text(name); v {
	case "":
		return nil
	case "true", "false":
		yes := v == "true"
		return &yes
	default:
		q.fail("%s %q: give true or false", name, cut(v))
		return nil
	}
}

func (q *query) score(name string) *float64 {
	v := q.text(name)
	if v == "" {
		return nil
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || !(x >= 0 && x <= 100) {
		q.fail("%s %q: give a score from 0 to 100", name, cut(v))
		return nil
	}
	return &x
}

type wireComment struct {
	ID   int64  `json:"id"`
	AtMS int64  `json:"at_ms"`
	Text string `json:"text"`
	By   string `json:"by"`
	At   stamp  `json:"at"`
}

func commentOf(c recording.Comment) wireComment {
	return wireComment{c.ID, ms(c.At), c.Comment, c.Who, stamp(c.Written)}
}

// maxComment is the longest remark, in characters.
const maxComment = 1000

// listComments is GET /api/v1/calls/{id}/comments.
func (s *Server) listComments(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := s.remarked(r, id)
	if err != nil {
		return err
	}
	all, err := s.opts.Search.Comments(r.Context(), call)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	out := make([]wireComment, 0, len(all))
	for _, c := range all {
		out = append(out, commentOf(c))
	}
	writeJSON(w, http.StatusOK, map[string]any{"comments": out})
	return nil
}

// addComment is POST /api/v1/calls/{id}/comments.
func (s *Server) addComment(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		AtMS int64  `json:"at_ms"`
		Text string `json:"text"`
	}
	call, err := s.remarked(r, id)
	if err != nil {
		return err
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	in.Text = strings.TrimSpace(in.Text)
	const longest = 48 * int64(time.Hour/time.Millisecond)
	switch {
	case in.Text == "" || utf8.RuneCountInString(in.Text) > maxComment:
		return newProblem(http.StatusBadRequest, codeBadBody, fmt.Sprintf("text: give 1 to %d characters", maxComment))
	case in.AtMS < 0 || in.AtMS > longest:
		return newProblem(http.StatusBadRequest, codeBadBody, "at_ms: give milliseconds from the recording's first sample")
	}
	c, err := s.opts.Search.AddComment(r.Context(), recording.Comment{Call: call, At: time.Duration(in.AtMS) * time.Millisecond, Comment: in.Text, Who: id.user.Name})
	if errors.Is(err, ErrNotFound) {
		return newProblem(http.StatusNotFound, codeNoRecording, "nothing is kept of this call")
	}
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	writeJSON(w, http.StatusCreated, commentOf(c))
	return nil
}

// removeComment is DELETE /api/v1/calls/{id}/comments/{comment}: one's own.
func (s *Server) removeComment(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := s.remarked(r, id)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(r.PathValue("comment"), 10, 64)
	if err != nil {
		return newProblem(http.StatusNotFound, codeNotFound, "there is no such remark")
	}
	all, err := s.opts.Search.Comments(r.Context(), call)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	i := slices.IndexFunc(all, func(c recording.Comment) bool { return c.ID == n })
	switch {
	case i < 0:
		return newProblem(http.StatusNotFound, codeNotFound, "there is no such remark")
	case all[i].Who != id.user.Name:
		return newProblem(http.StatusForbidden, codeForbidden, "remarks are removed by who wrote them")
	}
	if _, err := s.opts.Search.RemoveComment(r.Context(), call, n, id.user.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// remarked is the call of a path, whose recording is open to this user.
func (s *Server) remarked(r *http.Request, id identity) (queue.CallID, error) {
	call, err := callID(r)
	if err != nil {
		return "", err
	}
	if err := s.handled(r, id, call); err != nil {
		return "", err
	}
	if s.opts.Search == nil {
		return "", newProblem(http.StatusNotFound, codeNoRecording, "nothing is kept of this call")
	}
	return call, nil
}
