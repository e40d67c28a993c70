package dashboard

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // 12:00 in Shanghai

func TestQuery(t *testing.T) {
	known := []string{"queue", "agent", "outcome", "since", "until", "limit", "cursor"}
	q := parseQuery("queue=support&outcome=abandoned&since=2026-11-22&until=2026-11-22T12%3A00%3A00%2B08%3A00&limit=7", houseZone, noon, known...)
	f := q.calls()
	if q.err != nil || f.Queue != "support" || f.Outcome != queue.OutcomeAbandoned || f.Limit != 7 ||
		!f.Since.Equal(time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC)) || !f.Until.Equal(noon) {
		t.Errorf("%+v %v", f, q.err)
	}
	for _, bad := range []string{"quue=support", "queue=a&queue=b", "outcome=won", "since=yesterday", "since=0000-01-01", "until=22.11.2026",
		"limit=0", "limit=501", "limit=x", "limit=-1", "cursor=!", "cursor=MQ", "queue=%00", "queue=%zz", "queue=%ff", "agent=" + strings.Repeat("x", 300),
		"since=2026-11-23&until=2026-11-22", "a;b"} {
		q := parseQuery(bad, houseZone, noon, known...)
		q.calls()
		var p *problem
		if !errors.As(q.err, &p) || p.Status != http.StatusBadRequest || p.Code != codeBadParameter {
			t.Errorf("%q was taken: %v", bad, q.err)
		}
	}
}

func TestPeriod(t *testing.T) {
	p := parseQuery("", houseZone, noon, "since", "until", "agent").period()
	if !p.Since.Equal(time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC)) || !p.Until.Equal(noon) {
		t.Errorf("today of the house is %v to %v", p.Since, p.Until)
	}
	for _, bad := range []string{"since=2020-01-01", "since=2026-12-01"} {
		if q := parseQuery(bad, houseZone, noon, "since", "until"); q.period().Agent != "" || q.err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestCursor(t *testing.T) {
	c := queue.Call{ID: "1700000000.12 ~x", ArrivedAt: noon.Add(123456 * time.Microsecond)}
	at, id, err := parseCursor(cursor(&c))
	if err != nil || !at.Equal(c.ArrivedAt) || id != c.ID {
		t.Errorf("%v %q %v", at, id, err)
	}
}

// Whatever is asked: an answer or a problem, never a crash, and what is let
// through is within its limits.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"", "queue=support&limit=10", "since=2026-11-22&until=2026-11-23T00:00:00Z", "cursor=" + cursor(&queue.Call{ID: "c1", ArrivedAt: noon}),
		"cursor=" + base64.RawURLEncoding.EncodeToString([]byte("9223372036854775807 x")), "since=9999-12-31T23:59:59-23:59", "a=%", "limit=99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q := parseQuery(raw, houseZone, noon, "queue", "agent", "outcome", "since", "until", "limit", "cursor")
		c := q.calls()
		if q.err != nil {
			var p *problem
			if !errors.As(q.err, &p) || p.Status != http.StatusBadRequest {
				t.Fatalf("%q: %v", raw, q.err)
			}
			return
		}
		if c.Limit < 1 || c.Limit > maxLimit || len(c.Queue) > maxParameter || strings.ContainsRune(string(c.Agent), 0) {
			t.Fatalf("%q: %+v", raw, c)
		}
		if !c.Since.IsZero() && !c.Until.IsZero() && c.Until.Before(c.Since) {
			t.Fatalf("%q: %v before %v", raw, c.Until, c.Since)
		}
		if c.AfterCall != "" { // a cursor means the place it was made from
			again := cursor(&queue.Call{ID: c.AfterCall, ArrivedAt: c.AfterArrival})
			at, id, err := parseCursor(again)
			if err != nil || id != c.AfterCall || !at.Equal(c.AfterArrival) {
				t.Fatalf("%q: %q leads elsewhere", raw, again)
			}
		}
		parsed, _ := url.ParseQuery(raw)
		p := parseQuery(raw, houseZone, noon, "queue", "agent", "outcome", "since", "until", "limit", "cursor")
		if got := p.period(); p.err == nil && got.Until.Sub(got.Since) > maxPeriod {
			t.Fatalf("%v: period of %s", parsed, got.Until.Sub(got.Since))
		}
	})
}

// A body is a request with known fields, or a problem.
func FuzzStateBody(f *testing.F) {
	for _, s := range []string{`{"state":"ready"}`, `{"state":"not_ready","reason":"meal"}`, `{"state":1}`, `{"state":"ready"} x`, `{`, `null`, `{"State":"ready"}`,
		`{"state":"ready","x":0}`, "\xff", strings.Repeat("[", 9000)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var in stateRequest
		err := decodeBody(strings.NewReader(string(body)), &in)
		if err == nil {
			err = in.check()
		}
		var p *problem
		switch {
		case err != nil && (!errors.As(err, &p) || p.Status != http.StatusBadRequest || len(p.Detail) > 300):
			t.Fatalf("%q: %v", body, err)
		case err == nil && (in.State == "" || len(in.State) > maxParameter || len(in.Reason) > maxParameter):
			t.Fatalf("%q: let through %+v", body, in)
		}
	})
}

// TestDaysOverSummerTime: a day of the house has 25 hours when clocks go back and
// 23 when they go forward, asked for by its date and as today.
func TestDaysOverSummerTime(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]struct {
		next, from string
		hours      time.Duration
	}{"2026-11-01": {"2026-11-02", "2026-11-01T04:00:00Z", 25}, "2026-03-08": {"2026-03-09", "2026-03-08T05:00:00Z", 23}} {
		q := parseQuery("since="+day+"&until="+want.next, newYork, noon.AddDate(1, 0, 0), "since", "until")
		f := q.calls()
		if q.err != nil || f.Since.Format(time.RFC3339) != want.from || f.Until.Sub(f.Since) != want.hours*time.Hour {
			t.Errorf("%s is %v to %v (%v), want %d h from %s", day, f.Since, f.Until, q.err, want.hours, want.from)
		}
		late := f.Until.Add(-time.Minute)
		if p := parseQuery("", newYork, late, "since", "until", "agent").period(); !p.Since.Equal(f.Since) || late.Sub(p.Since) != want.hours*time.Hour-time.Minute {
			t.Errorf("at %v today began at %v, want %v", late, p.Since, f.Since)
		}
	}
}
