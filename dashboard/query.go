package dashboard

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

const (
	maxBody      = 64 << 10
	maxParameter = 256
	defaultLimit = 100
	maxLimit     = 500
	maxPeriod    = 400 * 24 * time.Hour
)

// query reads a request's parameters. Unknown, doubled and overlong ones are
// refused: a misspelt filter that is ignored shows wrong figures.
type query struct {
	values url.Values
	zone   *time.Location
	now    time.Time
	err    error // the first thing wrong
}

func parseQuery(raw string, zone *time.Location, now time.Time, known ...string) *query {
	q := &query{zone: zone, now: now}
	values, err := url.ParseQuery(raw)
	if err != nil {
		q.fail("the query string cannot be read: %v", err)
	}
	q.values = values
	for name, v := range values {
		switch {
		case name != reasonParam && !slices.Contains(known, name):
			q.fail("unknown parameter %q; known are %s", cut(name), strings.Join(known, ", "))
		case len(v) > 1:
			q.fail("parameter %q is given %d times; give it once", name, len(v))
		case len(v[0]) > maxParameter:
			q.fail("parameter %q is longer than %d bytes", name, maxParameter)
		}
	}
	return q
}

func (q *query) fail(format string, args ...any) {
	if q.err == nil {
		q.err = newProblem(http.StatusBadRequest, codeBadParameter, fmt.Sprintf(format, args...))
	}
}

func (q *query) text(name string) string {
	v := q.values.Get(name)
	if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		q.fail("parameter %q holds characters that no id has", name)
		return ""
	}
	return v
}

func (q *query) outcome() queue.Outcome {
	known := []queue.Outcome{queue.OutcomeNone, queue.OutcomeAnswered, queue.OutcomeAbandoned,
		queue.OutcomeOverflowed, queue.OutcomeTurnedAway, queue.OutcomeForwarded, queue.OutcomeCalledBack, queue.OutcomeNotReached,
		queue.OutcomeCancelled, queue.OutcomeLeftMenu, queue.OutcomeAnnounced, queue.OutcomeVoicemail, queue.OutcomeNoMessage, queue.OutcomeLost}
	o := queue.Outcome(q.text("outcome"))
	if !slices.Contains(known, o) {
		q.fail("outcome %q: known are %v", cut(string(o)), known[1:])
	}
	return o
}

// time reads an instant (RFC 3339) or a day of the house (2026-11-22), which
// means its beginning.
func (q *query) time(name string, absent time.Time) time.Time {
	v := q.text(name)
	if v == "" {
		return absent
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil && plausible(t) {
		return t.UTC()
	}
	if t, err := time.ParseInLocation(time.DateOnly, v, q.zone); err == nil && plausible(t) {
		return t.UTC()
	}
	q.fail("%s %q: give a time like 2026-11-22T08:00:00Z or a day like 2026-11-22", name, cut(v))
	return absent
}

// plausible keeps years out that no store or cursor can hold.
func plausible(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 10000 }

func (q *query) limit() int {
	v := q.text("limit")
	if v == "" {
		return defaultLimit
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxLimit {
		q.fail("limit %q: give a number from 1 to %d", cut(v), maxLimit)
		return defaultLimit
	}
	return n
}

// today is when the house's present day began.
func (q *query) today() time.Time {
	y, m, d := q.now.In(q.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, q.zone).UTC()
}

// period reads since and until; without them, today until now.
func (q *query) period() Period {
	p := Period{Agent: queue.AgentID(q.text("agent"))}
	p.Until = q.time("until", q.now.UTC())
	p.Since = q.time("since", q.today())
	switch {
	case q.err != nil:
	case p.Until.Before(p.Since):
		q.fail("until is before since")
	case p.Until.Sub(p.Since) > maxPeriod:
		q.fail("the period is longer than %d days", int(maxPeriod.Hours()/24))
	}
	return p
}

func (q *query) calls() CallFilter {
	f := CallFilter{Queue: queue.QueueID(q.text("queue")), Agent: queue.AgentID(q.text("agent")),
		Outcome: q.outcome(), Since: q.time("since", time.Time{}), Until: q.time("until", time.Time{}), Limit: q.limit()}
	if !f.Since.IsZero() && !f.Until.IsZero() && f.Until.Before(f.Since) {
		q.fail("until is before since")
	}
	if v := q.text("cursor"); v != "" {
		var err error
		if f.AfterArrival, f.AfterCall, err = parseCursor(v); err != nil {
			q.fail("cursor: %v; use next_cursor of the page before, unchanged", err)
		}
	}
	return f
}

// cursor names a place in the list of calls: the last one seen.
func cursor(c *queue.Call) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.ArrivedAt.UnixMicro(), 10) + " " + string(c.ID)))
}

func parseCursor(s string) (time.Time, queue.CallID, error) {
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return time.Time{}, "", errors.New("not a cursor")
	}
	micros, id, ok := strings.Cut(string(data), " ")
	n, err := strconv.ParseInt(micros, 10, 64)
	at := time.UnixMicro(n).UTC()
	if !ok || err != nil || id == "" || !plausible(at) {
		return time.Time{}, "", errors.New("not a cursor")
	}
	return at, queue.CallID(id), nil
}

// readBody reads a JSON object into v: declared as JSON, at most maxBody, no
// unknown fields, nothing after it.
func readBody(w http.ResponseWriter, r *http.Request, v any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return newProblem(http.StatusUnsupportedMediaType, codeWrongType, "send Content-Type: application/json")
	}
	return decodeBody(http.MaxBytesReader(w, r.Body, maxBody), v)
}

func decodeBody(body io.Reader, v any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && d.Decode(&struct{}{}) != io.EOF {
		err = errors.New("something follows the object")
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge,
			fmt.Sprintf("the body is larger than %d bytes", maxBody))
	case errors.Is(err, io.EOF):
		return newProblem(http.StatusBadRequest, codeBadBody, "the body is empty; send a JSON object")
	default:
		return newProblem(http.StatusBadRequest, codeBadBody, "the body is not what is asked for: "+cut(err.Error()))
	}
}

// cut shortens what others sent before it is shown back.
func cut(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
