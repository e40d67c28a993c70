package dashboard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Noted is a line of the audit log: who did or saw what, from where, and why.
// Lines are never changed or removed.
type Noted struct {
	ID      int64 // set by the store, growing
	At      time.Time
	User    string // as signed in, or as tried
	Role    Role
	Address string
	Action  string // one of actions
	Subject string // the record: a call, a user, a number …
	Detail  string // what it was made to be
	Why     string // as the user said it
	Outcome string // "done", or the code of the problem
}

// NotedFilter selects lines. Zero values do not restrict.
type NotedFilter struct {
	User, Action, Subject string
	Since                 time.Time // inclusive
	Until                 time.Time // exclusive
	Before                int64     // lines with a smaller id
	Limit                 int
}

// done is the outcome of what was not refused.
const done = "done"

// looks are the operations that show what is seen by role only (R14.1). They
// are noted before anything is shown: what cannot be noted is not shown.
var looks = map[string]string{
	"GET /api/v1/calls":                "calls.list",
	"GET /api/v1/calls/{id}":           "call.look",
	"GET /api/v1/calls/{id}/recording": "recording.play",
	"GET /api/v1/recordings":           "recordings.list",
	"GET /api/v1/calls/{id}/comments":  "comments.look",
	"GET /api/v1/cases":                "cases.list",
	"GET /api/v1/users":                "users.list",
	"GET /api/v1/tokens":               "tokens.list",
	"GET /api/v1/audit":                "audit.list",
	"GET /api/v1/config":               "config.look",
	"GET /api/v1/limits":               "limits.look",
	"GET /api/v1/qa/evaluations":       "evaluations.list",
	"GET /api/v1/qa/evaluations/{id}":  "evaluation.look",
	"GET /api/v1/qa/coaching":          "coaching.list",
	"GET /api/v1/qa/scores":            "scores.look",
	"GET /api/v1/qa/tasks":             "tasks.list",
	"GET /api/v1/qa/draws/{id}":        "draw.look",
	"GET /api/v1/qa/draws/{id}/file":   "draw.export",
	"GET /api/v1/qa/scores/export":     "scores.export",
}

// deeds are the operations that change something, and are noted afterwards,
// whether done or refused. What a caller lives through is in the ledger
// besides, with who asked for it.
var deeds = map[string]string{
	"DELETE /api/v1/session":                    "session.end",
	"DELETE /api/v1/sessions":                   "session.end_all",
	"POST /api/v1/password":                     "password.change",
	"POST /api/v1/second-factor":                "factor.begin",
	"POST /api/v1/second-factor/confirm":        "factor.confirm",
	"POST /api/v1/second-factor/recovery":       "factor.recovery",
	"POST /api/v1/second-factor/end":            "factor.end",
	"DELETE /api/v1/users/{name}/second-factor": "user.factor_reset",
	"DELETE /api/v1/lockouts":                   "user.unlock",
	"POST /api/v1/users":                        "user.add",
	"PATCH /api/v1/users/{name}":                "user.change",
	"POST /api/v1/users/{name}/password":        "user.password",
	"DELETE /api/v1/users/{name}/sessions":      "user.sign_out",
	"POST /api/v1/tokens":                       "token.add",
	"DELETE /api/v1/tokens/{name}":              "token.revoke",
	"POST /api/v1/agents/{id}/state":            "agent.state",
	"POST /api/v1/agents/{id}/conversation":     "agent.conversation",
	"POST /api/v1/agents/{id}/calls":            "agent.call",
	"POST /api/v1/agents/{id}/wrap-up":          "agent.wrap_up",
	"POST /api/v1/queues/{id}/state":            "queue.state",
	"POST /api/v1/calls/{id}/registration":      "call.register",
	"POST /api/v1/calls/{id}/callback":          "call.call_back",
	"POST /api/v1/alerts/{id}/ack":              "alert.ack",
	"POST /api/v1/recordings/{id}/hold":         "recording.hold",
	"DELETE /api/v1/recordings/{id}/hold":       "recording.release",
	"DELETE /api/v1/calls/{id}/recording":       "recording.erase",
	"POST /api/v1/bans":                         "ban.add",
	"DELETE /api/v1/bans/{number}":              "ban.lift",
	"POST /api/v1/cases/{id}/close":             "case.close",
	"POST /api/v1/emergency":                    "emergency.declare",
	"DELETE /api/v1/emergency":                  "emergency.end",

	"POST /api/v1/qa/forms":                     "form.save",
	"POST /api/v1/qa/forms/{id}/publish":        "form.publish",
	"POST /api/v1/qa/evaluations":               "evaluation.begin",
	"POST /api/v1/qa/evaluations/{id}/submit":   "evaluation.submit",
	"POST /api/v1/qa/evaluations/{id}/revise":   "evaluation.revise",
	"POST /api/v1/qa/evaluations/{id}/read":     "evaluation.read",
	"POST /api/v1/qa/evaluations/{id}/sign":     "evaluation.sign",
	"POST /api/v1/qa/evaluations/{id}/appeal":   "evaluation.appeal",
	"POST /api/v1/qa/evaluations/{id}/second":   "evaluation.second",
	"POST /api/v1/qa/evaluations/{id}/decide":   "evaluation.decide",
	"POST /api/v1/qa/coaching":                  "coaching.add",
	"POST /api/v1/qa/coaching/{id}/notes":       "coaching.follow",
	"POST /api/v1/qa/calibrations":              "calibration.add",
	"POST /api/v1/qa/plans":                     "plan.add",
	"PUT /api/v1/qa/plans/{id}":                 "plan.change",
	"POST /api/v1/qa/draws/{id}/draw":           "draw.make",
	"POST /api/v1/qa/tasks/{id}/scorer":         "task.hand",
	"POST /api/v1/qa/tasks/{id}/drop":           "task.drop",
	"POST /api/v1/qa/calibrations/{id}/answers": "calibration.answer",
	"POST /api/v1/qa/calibrations/{id}/close":   "calibration.close",

	"POST /api/v1/calls/{id}/comments":             "comment.add",
	"DELETE /api/v1/calls/{id}/comments/{comment}": "comment.remove",
}

// signInAction is noted by the operation itself, which knows who was tried.
const signInAction = "session.begin"

const (
	noteLimit   = 2 * time.Second
	maxUnnoted  = 10_000
	sameLook    = 10 * time.Minute // the same look again is the same look: a player asks many times
	maxLooks    = 20_000           // remembered
	noteAgain   = 10 * time.Second
	reasonParam = "why" // any operation takes it
)

// auditor writes the audit log. A store that is away delays no deed: its line
// waits in memory and is written when the store is back.
type auditor struct {
	store Audit // nil: none
	fail  func(err error, lost int)

	mu     sync.Mutex
	behind []Noted // oldest first
	busy   bool    // somebody writes them
	seen   map[string]time.Time
	wg     sync.WaitGroup
}

func newAuditor(store Audit, fail func(error, int)) *auditor {
	return &auditor{store: store, fail: fail, seen: map[string]time.Time{}}
}

// look notes a look at once, unless it was noted a moment ago.
func (a *auditor) look(ctx context.Context, n Noted) error {
	if a.store == nil {
		return nil
	}
	key := strings.Join([]string{n.User, n.Address, n.Action, n.Subject, n.Why}, "\x00")
	a.mu.Lock()
	again := n.At.Before(a.seen[key].Add(sameLook))
	a.mu.Unlock()
	if again {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, noteLimit)
	defer cancel()
	if err := a.store.Note(ctx, n); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.seen) >= maxLooks {
		clear(a.seen) // a few are noted twice
	}
	a.seen[key] = n.At
	return nil
}

// deed notes what was done, without anybody waiting for it.
func (a *auditor) deed(n Noted) {
	if a.store == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.behind) >= maxUnnoted {
		a.behind = a.behind[1:]
		a.fail(errors.New("too many lines wait"), 1)
	}
	a.behind = append(a.behind, n)
	if !a.busy {
		a.busy = true
		a.wg.Go(a.write)
	}
}

// write writes what waits. When the store is away, another turn comes later.
func (a *auditor) write() {
	for {
		a.mu.Lock()
		if len(a.behind) == 0 {
			a.busy = false
			a.mu.Unlock()
			return
		}
		n := a.behind[0]
		a.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), noteLimit)
		err := a.store.Note(ctx, n)
		cancel()
		a.mu.Lock()
		if err != nil {
			a.busy = false
			a.mu.Unlock()
			a.fail(err, 0)
			time.AfterFunc(noteAgain, a.again)
			return
		}
		a.behind = a.behind[1:]
		a.mu.Unlock()
	}
}

func (a *auditor) again() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.busy && len(a.behind) > 0 {
		a.busy = true
		a.wg.Go(a.write)
	}
}

// finish waits for lines under way; what the store does not take then is lost,
// and said so.
func (a *auditor) finish() {
	a.wg.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.behind); n > 0 {
		a.fail(errors.New("the store is away at the end"), n)
	}
}

// shown tells whether a look shows this user more than the masked numbers that
// everybody sees.
func (i identity) shown(action string) bool {
	return i.signedIn() && (i.user.Role == Supervisor || slices.Contains(i.user.Scopes, ScopeNumbers) || action != "calls.list" && action != "call.look" && action != "recordings.list")
}

// noteSubject names what an operation was about, where the path does not, and
// what was asked for.
func noteSubject(w http.ResponseWriter, subject string, asked ...string) {
	if seen, ok := w.(*statusWriter); ok {
		asked = slices.DeleteFunc(asked, func(s string) bool { return s == "" })
		seen.subject, seen.detail = cut(subject), cut(strings.Join(asked, " "))
	}
}

// notice is the line about a request.
func notice(r *http.Request, id identity, action string) Noted {
	n := Noted{At: time.Now().UTC(), User: id.user.Name, Role: id.user.Role, Address: addressKey(r.RemoteAddr), Action: action,
		Why: cut(r.URL.Query().Get(reasonParam)), Outcome: done}
	if action == "recording.play" && downloads(r) {
		n.Action = "recording.download"
	}
	for _, key := range []string{"id", "name", "number"} {
		if v := r.PathValue(key); v != "" {
			n.Subject = cut(v)
			return n
		}
	}
	n.Subject = cut(r.URL.RawQuery)
	return n
}

// outcomeOf is how a request ended, in a word.
func outcomeOf(err error) string {
	var p *problem
	switch {
	case err == nil:
		return done
	case errors.As(err, &p):
		return string(p.Code)
	}
	return string(codeInternal)
}

type wireNoted struct {
	ID      int64  `json:"id"`
	At      stamp  `json:"at"`
	User    string `json:"user"`
	Role    Role   `json:"role"`
	Address string `json:"address"`
	Action  string `json:"action"`
	Subject string `json:"subject"`
	Detail  string `json:"detail"`
	Why     string `json:"why"`
	Outcome string `json:"outcome"`
}

// listAudit is GET /api/v1/audit, newest first.
func (s *Server) listAudit(w http.ResponseWriter, r *http.Request, _ identity) error {
	q := s.query(r, "user", "action", "subject", "since", "until", "limit", "cursor")
	f := NotedFilter{User: q.text("user"), Action: q.text("action"), Subject: q.text("subject"),
		Since: q.time("since", time.Time{}), Until: q.time("until", time.Time{}), Limit: q.limit()}
	if v := q.text("cursor"); v != "" {
		var err error
		if f.Before, err = strconv.ParseInt(v, 10, 64); err != nil || f.Before < 1 {
			q.fail("cursor: use next_cursor of the page before, unchanged")
		}
	}
	if q.err != nil {
		return q.err
	}
	out := struct {
		Entries    []wireNoted `json:"entries"`
		NextCursor *string     `json:"next_cursor"`
	}{Entries: []wireNoted{}}
	if s.opts.Audit == nil {
		writeJSON(w, http.StatusOK, out)
		return nil
	}
	limit := f.Limit
	f.Limit++
	lines, err := s.opts.Audit.Noted(r.Context(), f)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	for i, n := range lines {
		if i == limit {
			next := strconv.FormatInt(lines[i-1].ID, 10)
			out.NextCursor = &next
			break
		}
		out.Entries = append(out.Entries, wireNoted{n.ID, stamp(n.At), n.User, n.Role, n.Address, n.Action, n.Subject, n.Detail, n.Why, n.Outcome})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}
