package e2e

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// The house of TestVIPs: who calls, in order of arrival, v for a VIP and o for
// anybody else. The first of them wait before an agent is there; from then on
// one more comes whenever a phone rings, so that there is always a choice.
const (
	vipArrivals = "oooovvvoovovvvoooovovvoo"
	vipWaiting  = 9 // of these, before the agents
	vipMost     = 2 // how often a call may be overtaken
)

// waited is one caller of TestVIPs as the ledger and the agent's phone have it.
type waited struct {
	*visit
	vip   bool
	row   queue.Call
	phone robot.Times // of the agent
}

// TestVIPs: with more callers than agents VIPs go first, and no call is
// overtaken more often than the house allows (R4.1): by the ledger's reasons
// for each offer, and by the phones that really rang and talked.
func TestVIPs(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	var numbers []string
	for i := range vipArrivals {
		numbers = append(numbers, fmt.Sprintf("%q", vipNumber(i)))
	}
	f.first = fmt.Sprintf("priority: {overtaking: {calls: %d, wait: 1h}, levels: {vip: {priority: 10, customers: [%s]}}}\n", vipMost, strings.Join(numbers, ", "))
	by := robot.Behaviour{Answer: 200 * time.Millisecond, Talk: 100 * time.Millisecond}
	d := f.prepare(t, "wrap_up: 0", by, by)
	all := map[string]*waited{}
	arrive := func(i int) *waited {
		phone, from := d.customer(t)
		vip := vipArrivals[i] == 'v'
		if vip {
			from = vipNumber(i)
		}
		w := &waited{visit: d.callFrom(t, phone, from), vip: vip}
		all[from] = w
		return w
	}
	for i := range vipWaiting {
		arrive(i).is(t, queue.CallWaiting)
	}
	for _, a := range d.agents {
		d.set(t, a.id, queue.Ready)
	}
	var rang []*robot.Call // at the agents' phones
	for i := range vipArrivals {
		var in *robot.Call
		select {
		case in = <-d.agents[0].in:
		case in = <-d.agents[1].in:
		case <-inTime(t).Done():
			t.Fatalf("no phone rings; %d of %d calls came", len(rang), len(vipArrivals))
		}
		rang = append(rang, in)
		if i+vipWaiting < len(vipArrivals) {
			arrive(i + vipWaiting)
		}
	}
	for _, in := range rang {
		over(t, in)
		w := all[in.From()]
		if w == nil {
			t.Fatalf("a call of %q rang, who did not call", in.From())
		}
		w.phone = in.Times()
	}
	slices.SortFunc(rang, func(x, y *robot.Call) int { return x.Times().Invited.Compare(y.Times().Invited) })
	for _, in := range rang[:len(d.agents)] {
		if !all[in.From()].vip {
			t.Errorf("the call of %s rang first, who is no VIP, while VIPs waited", in.From())
		}
	}
	overtook := overtakings(t, all)
	reallyPassed(t, all, overtook)
	for _, a := range d.agents {
		if n := a.phone.Counters(); n.InvitesWhileBusy+n.Missed+n.Rejected != 0 {
			t.Errorf("agent %s: %+v", a.id, n)
		}
	}
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}

func vipNumber(i int) string { return fmt.Sprintf("139%08d", i+1) }

// overtakings goes through the ledger, event by event, and checks each offer
// against who waited: VIPs go before others, in order of arrival each, unless
// one has been overtaken as often as may be. It returns who overtook whom.
func overtakings(t *testing.T, all map[string]*waited) map[[2]queue.CallID]bool {
	t.Helper()
	type moment struct {
		seq   uint64
		event queue.Event
	}
	var log []moment
	byID := map[queue.CallID]*waited{}
	for _, w := range all {
		r := w.record(t)
		ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
		if len(r.Offers) != 1 {
			t.Errorf("call %s was offered %d times", r.Call.ID, len(r.Offers))
		}
		w.row, byID[r.Call.ID] = r.Call, w
		for _, e := range r.Events {
			event, err := queue.DecodeEvent(e.Type, e.Data)
			must(t, err)
			log = append(log, moment{e.Seq, event})
		}
	}
	slices.SortFunc(log, func(a, b moment) int { return cmp.Compare(a.seq, b.seq) })
	var waiting []*waited // in order of arrival
	times := map[queue.CallID]int{}
	pairs := map[[2]queue.CallID]bool{}
	passed, held := 0, 0 // by VIPs who went first; offers that a VIP had to wait for
	for _, m := range log {
		switch e := m.event.(type) {
		case queue.CallQueued:
			waiting = append(waiting, byID[e.Call])
		case queue.OfferMade:
			c := byID[e.Call]
			enough := func(w *waited) bool { return times[w.row.ID] >= vipMost }
			next := slices.MinFunc(waiting, func(x, y *waited) int {
				if enough(x) != enough(y) {
					return before(enough(x))
				}
				if !enough(x) && x.vip != y.vip {
					return before(x.vip)
				}
				return cmp.Compare(x.row.Order, y.row.Order)
			})
			if next != c {
				t.Errorf("offer %s: it was the turn of call %s", e.Offer, next.row.ID)
			}
			if !c.vip && slices.ContainsFunc(waiting, func(w *waited) bool { return w.vip }) {
				held++
			}
			var want []queue.CallID
			for _, w := range waiting {
				if w.row.Order < c.row.Order {
					want = append(want, w.row.ID)
					times[w.row.ID]++
					pairs[[2]queue.CallID{c.row.ID, w.row.ID}] = true
					passed++
				}
			}
			if !slices.Equal(e.Overtook, want) {
				t.Errorf("offer %s overtook %v on record, %v waited and came before", e.Offer, e.Overtook, want)
			}
			waiting = slices.DeleteFunc(waiting, func(w *waited) bool { return w == c })
		}
	}
	for id, w := range byID {
		if w.row.Overtaken != times[id] || times[id] > vipMost {
			t.Errorf("call %s was overtaken %d times, on record %d, the most is %d", id, times[id], w.row.Overtaken, vipMost)
		}
		if wants := map[bool]string{true: "vip"}[w.vip]; w.row.Level != wants {
			t.Errorf("call %s has level %q, want %q", id, w.row.Level, wants)
		}
	}
	t.Logf("%d calls: %d overtakings; %d times others went before a VIP who waited", len(all), passed, held)
	if passed == 0 || held == 0 {
		t.Error("both should have come about: VIPs who overtake, and VIPs who must not")
	}
	return pairs
}

func before(first bool) int {
	if first {
		return -1
	}
	return 1
}

// reallyPassed compares what the agents' phones saw with the ledger. A call has
// certainly passed another when it was answered before the other's phone rang;
// it has not when it rang only after the other was answered.
func reallyPassed(t *testing.T, all map[string]*waited, overtook map[[2]queue.CallID]bool) {
	t.Helper()
	seen := 0
	for _, c := range all {
		passed := 0
		for _, x := range all {
			if x.row.Order <= c.row.Order {
				continue
			}
			known := overtook[[2]queue.CallID{x.row.ID, c.row.ID}]
			if x.phone.Answered.Before(c.phone.Invited) {
				passed++
				if !known || !x.vip || c.vip {
					t.Errorf("call %s (VIP: %v) talked before the phone rang for %s (VIP: %v), which came earlier; on record as overtaking: %v",
						x.row.ID, x.vip, c.row.ID, c.vip, known)
				}
			}
			if known && !x.phone.Invited.Before(c.phone.Answered) {
				t.Errorf("call %s is on record as overtaking %s, and rang only after that was answered", x.row.ID, c.row.ID)
			}
		}
		if seen += passed; passed > vipMost {
			t.Errorf("%d calls that came later than %s talked before it, the most is %d", passed, c.row.ID, vipMost)
		}
	}
	t.Logf("the phones saw %d of the %d overtakings", seen, len(overtook))
	if seen == 0 {
		t.Error("the phones saw nobody pass")
	}
}
