package e2e

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// The crowd of TestCrowd. A call costs an agent about two seconds with ringing
// and wrap-up, so ten agents are just too few for five calls a second: the
// queue is never empty for long, and order shows.
const (
	crowdCalls  = 200
	crowdAgents = 10
	crowdEvery  = 200 * time.Millisecond
	crowdTalk   = 800 * time.Millisecond
)

// TestCrowd: 200 calls at five a second through ten agents. Every call is on
// record exactly once, nobody is offered two calls, who came first is served
// first, and all who count come to the same numbers.
func TestCrowd(t *testing.T) {
	f := theFloor(t)
	staff := make([]robot.Behaviour, crowdAgents)
	for i := range staff {
		staff[i] = robot.Behaviour{Answer: 300 * time.Millisecond}
	}
	d := f.open(t, "wrap_up: 1s", staff...)
	d.talksShortly(t)
	began := time.Now()
	visits := make([]*visit, crowdCalls)
	tick := time.NewTicker(crowdEvery)
	defer tick.Stop()
	for i := range visits {
		visits[i] = d.call(t)
		<-tick.C // the pace is what is tested
	}
	for _, v := range visits {
		over(t, v.Call)
	}
	for _, a := range d.agents {
		f.agentIs(t, a.id, "free", isFree)
	}
	ctx := inTime(t)
	must(t, f.box.Node.Flush(ctx))
	db := f.box.Node.Ledger()
	calls, err := db.Calls(ctx, postgres.Filter{Queue: d.queue, Limit: 10 * crowdCalls})
	must(t, err)
	offers, err := db.Offers(ctx, postgres.Filter{Queue: d.queue, Limit: 10 * crowdCalls})
	must(t, err)
	onceEach(t, visits, calls)
	inOrder(t, calls, offers)
	sameNumbers(t, d, calls, offers)
	waits := make([]time.Duration, 0, len(calls))
	for _, c := range calls {
		waits = append(waits, c.Wait)
	}
	slices.Sort(waits)
	t.Logf("%d calls in %s; waits p50 %s, p95 %s, longest %s", len(calls), time.Since(began).Round(time.Millisecond),
		waits[len(waits)/2], waits[len(waits)*95/100], waits[len(waits)-1])
	gaps := map[string]time.Duration{}
	for _, v := range visits {
		gaps[v.caller] = v.Audio().Gaps
	}
	for _, c := range calls {
		var r postgres.Recording
		until(t, "the recording of "+string(c.ID), func() (kept bool) {
			r, err = db.Recording(ctx, c.ID)
			return err == nil
		})
		// A machine that stood still made no audio to record: then the caller's
		// phone heard gaps that account for what is short, and the ledger says so.
		short := c.EndedAt.Sub(c.LineAnsweredAt) - r.Length
		if r.State != "kept" && !(r.State == "incomplete" && gaps[c.Caller]+hitch > short) {
			t.Errorf("recording of %s: %s (%s), %s short; its caller heard gaps of %s", c.ID, r.State, r.GapReason, short, gaps[c.Caller])
		}
	}
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}

// talksShortly has the desk's agents end each call so long after they hear their
// caller. Counted from the answer it could be over before both are connected,
// where the machine is slow: the agent would have dropped the call, and rightly
// be offered no more.
func (d *desk) talksShortly(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var shifts sync.WaitGroup
	t.Cleanup(func() { cancel(); shifts.Wait() })
	for _, a := range d.agents {
		shifts.Go(func() {
			for {
				select {
				case in := <-a.in:
					if _, err := in.WaitTone(ctx, callerTone); err == nil {
						time.AfterFunc(crowdTalk, in.Hangup)
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
}

// hitch is how much of a recording's shortness no gap has to account for: its
// ends are cut to whole packets and blocks.
const hitch = 100 * time.Millisecond

// onceEach: each caller has one row, answered, released by the agent.
func onceEach(t *testing.T, visits []*visit, calls []queue.Call) {
	t.Helper()
	rows := map[string]int{}
	for _, c := range calls {
		rows[c.Caller]++
		if c.Outcome != queue.OutcomeAnswered || c.Release != queue.ReleaseAgent || c.Agent == "" {
			t.Errorf("call of %s: %s, released by %s, agent %q", c.Caller, c.Outcome, c.Release, c.Agent)
		}
	}
	for _, v := range visits {
		if rows[v.caller] != 1 || v.Ending() != robot.Remote {
			t.Errorf("caller %s: %d rows, call ended %s", v.caller, rows[v.caller], v.Ending())
		}
	}
	if len(calls) != len(visits) {
		t.Errorf("%d rows for %d calls", len(calls), len(visits))
	}
}

// inOrder: no call is first offered while one that came earlier waits for its
// first offer, and no agent has two offers or calls at a time.
func inOrder(t *testing.T, calls []queue.Call, offers []queue.Offer) {
	t.Helper()
	calls, offers = slices.Clone(calls), slices.Clone(offers)
	slices.SortFunc(calls, func(a, b queue.Call) int { return cmp.Compare(a.Order, b.Order) })
	first := map[queue.CallID]time.Time{}
	busy := map[queue.AgentID][]queue.Offer{}
	ends := map[queue.CallID]time.Time{}
	for _, o := range offers {
		if at, there := first[o.Call]; !there || o.MadeAt.Before(at) {
			first[o.Call] = o.MadeAt
		}
		busy[o.Agent] = append(busy[o.Agent], o)
	}
	for i, c := range calls {
		ends[c.ID] = c.EndedAt
		if first[c.ID].IsZero() {
			t.Errorf("call %s was never offered", c.ID)
		}
		if i > 0 && first[c.ID].Before(first[calls[i-1].ID]) {
			t.Errorf("call %d was offered at %s, before call %d at %s", i, first[c.ID], i-1, first[calls[i-1].ID])
		}
	}
	for agent, list := range busy {
		slices.SortFunc(list, func(a, b queue.Offer) int { return a.MadeAt.Compare(b.MadeAt) })
		for i := 1; i < len(list); i++ {
			was, is := list[i-1], list[i]
			until := was.ClosedAt
			if was.State == queue.OfferTaken {
				until = ends[was.Call]
			}
			if is.MadeAt.Before(until) {
				t.Errorf("agent %s was offered %s at %s while busy with %s until %s", agent, is.Call, is.MadeAt, was.Call, until)
			}
		}
	}
}

// sameNumbers: the wallboard, the ledger's own tally, a tally made from the
// rows here, and the robots' counts agree.
func sameNumbers(t *testing.T, d *desk, calls []queue.Call, offers []queue.Offer) {
	t.Helper()
	s := d.box.Node.Snapshot()
	i := slices.IndexFunc(s.Queues, func(q queue.QueueNow) bool { return q.Queue == d.queue })
	k := slices.IndexFunc(s.Config.Queues, func(q queue.QueueConfig) bool { return q.ID == d.queue })
	wall := s.Queues[i].Today
	stored, err := d.box.Node.Ledger().Tallies(inTime(t), "main", s.Day)
	must(t, err)
	var rows queue.Tally
	for i := range calls {
		rows.Add(&s.Config.Queues[k], &calls[i])
	}
	for i := range offers {
		rows.AddOffer(&offers[i])
	}
	if wall != stored[d.queue] || wall != rows {
		t.Errorf("the wallboard says\n%+v\nthe ledger\n%+v\nthe rows\n%+v", wall, stored[d.queue], rows)
	}
	onTheWall(t, d, rows)
	answered, invites := 0, 0
	for _, a := range d.agents {
		n := a.phone.Counters()
		answered, invites = answered+n.Answered, invites+n.Invites
		if n.InvitesWhileBusy != 0 || n.Rejected+n.Missed != 0 || n.PeakLive > 1 {
			t.Errorf("agent %s: %+v", a.id, n)
		}
		for _, g := range s.Agents {
			if g.ID == a.id && (g.Today.Answered != n.Answered || g.Today.Offers != n.Invites) {
				t.Errorf("agent %s: on the wall %+v, by the robot %+v", a.id, g.Today, n)
			}
		}
	}
	if fmt.Sprint(answered, invites) != fmt.Sprint(wall.Answered, len(offers)) || wall.Offered != crowdCalls || wall.Completed != crowdCalls {
		t.Errorf("robots answered %d of %d calls; on the wall %+v, offers on record %d", answered, invites, wall, len(offers))
	}
}

// onTheWall: what browsers are shown is the tally.
func onTheWall(t *testing.T, d *desk, tally queue.Tally) {
	t.Helper()
	type share struct{ Part, Whole int }
	type shown struct {
		ID            queue.QueueID `json:"id"`
		Offered       int           `json:"offered"`
		Answered      int           `json:"answered"`
		Abandoned     int           `json:"abandoned"`
		Violations    int           `json:"violations"`
		LongestWaitMS int64         `json:"longest_wait_ms"`
		RingsAgents   share         `json:"rings_agents"`
		RingsCallers  share         `json:"rings_callers"`
		ServiceLevel  share         `json:"service_level"`
	}
	want := shown{d.queue, tally.Offered, tally.Answered, tally.Abandoned, tally.Violations, tally.LongestWait.Milliseconds(),
		share(tally.AgentsWithin()), share(tally.CallersWithinRings()), share(tally.ServiceLevel(queue.FormulaStrict))}
	var frame struct{ Queues []shown }
	web(t, "GET", d.box.URL+"/api/v1/wallboard", "", "", http.StatusOK, &frame)
	for _, q := range frame.Queues {
		if q.ID == d.queue {
			if q != want {
				t.Errorf("browsers are shown\n%+v, want\n%+v", q, want)
			}
			return
		}
	}
	t.Errorf("browsers are not shown queue %s", d.queue)
}
