package e2e

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
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

// TestVIPs: with more callers than agents VIPs go first, but no call is overtaken
// more often than the house allows, or for longer (R4.1).
func TestVIPs(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	var numbers []string
	for i := range vipArrivals {
		numbers = append(numbers, fmt.Sprintf("%q", vipNumber(i)))
	}
	house := func(overtaking string) {
		f.first = fmt.Sprintf("priority: {overtaking: {%s}, levels: {vip: {priority: 10, customers: [%s]}}}\n", overtaking, strings.Join(numbers, ", "))
	}
	house(fmt.Sprintf("calls: %d, wait: 1h", vipMost))
	t.Run("often", func(t *testing.T) { overtakenOften(t, f) })
	house("calls: 100, wait: 1s")
	t.Run("long", func(t *testing.T) { overtakenLong(t, f) })
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}

// overtakenOften holds a crowd against the ledger's reasons for each offer, and
// against the phones that really rang and talked.
func overtakenOften(t *testing.T, f *floor) {
	t.Helper()
	by := robot.Behaviour{Answer: 200 * time.Millisecond}
	d := f.prepare(t, "wrap_up: 0", by, by)
	crowd := map[string]*waited{}
	arrive := func(i int) *waited {
		phone, from := d.customer(t)
		vip := vipArrivals[i] == 'v'
		if vip {
			from = vipNumber(i)
		}
		w := &waited{visit: d.callFrom(t, phone, from), vip: vip}
		crowd[from] = w
		return w
	}
	for i := range vipWaiting {
		arrive(i).is(t, queue.CallWaiting)
	}
	for _, a := range d.agents {
		d.set(t, a.id, queue.Ready)
	}
	var rang []*robot.Call // at the agents' phones
	var talks sync.WaitGroup
	defer talks.Wait()
	for i := range vipArrivals {
		var in *robot.Call
		a := d.agents[0]
		select {
		case in = <-a.in:
		case in = <-d.agents[1].in:
			a = d.agents[1]
		case <-inTime(t).Done():
			t.Fatalf("no phone rings; %d of %d calls came", len(rang), len(vipArrivals))
		}
		rang = append(rang, in)
		w, ctx := crowd[in.From()], inTime(t)
		if w == nil {
			t.Fatalf("a call of %q rang, who did not call", in.From())
		}
		talks.Go(func() { // nobody leaves before they have heard a voice
			if _, err := w.WaitTone(ctx, a.tone); err != nil {
				t.Errorf("caller %s does not hear agent %s: %v", w.caller, a.id, err)
			}
			w.Hangup()
		})
		if i+vipWaiting < len(vipArrivals) {
			arrive(i + vipWaiting)
		}
	}
	for _, in := range rang {
		over(t, in)
		crowd[in.From()].phone = in.Times()
	}
	talks.Wait()
	slices.SortFunc(rang, func(x, y *robot.Call) int { return x.Times().Invited.Compare(y.Times().Invited) })
	for _, in := range rang[:len(d.agents)] {
		if !crowd[in.From()].vip {
			t.Errorf("the call of %s rang first, who is no VIP, while VIPs waited", in.From())
		}
	}
	overtook := overtakings(t, crowd)
	reallyPassed(t, crowd, overtook)
	for _, a := range d.agents {
		if n := a.phone.Counters(); n.InvitesWhileBusy+n.Missed+n.Rejected != 0 {
			t.Errorf("agent %s: %+v", a.id, n)
		}
	}
}

// overtakenLong: one VIP goes first; when their conversation has taken longer
// than the house allows, the one who waits goes before the next VIP.
func overtakenLong(t *testing.T, f *floor) {
	t.Helper()
	d := f.open(t, "wrap_up: 0", robot.Behaviour{})
	a := d.agents[0]
	vip := func(i int) *visit {
		phone, _ := d.customer(t)
		return d.callFrom(t, phone, vipNumber(i))
	}
	first := d.call(t)
	d.talked(t, first, 0)
	waits := d.call(t)
	waits.is(t, queue.CallWaiting)
	one := vip(0)
	one.is(t, queue.CallWaiting)
	first.Hangup()
	in := a.next(t)
	if in.From() != one.caller {
		t.Fatalf("%s rang, the VIP is %s", in.From(), one.caller)
	}
	talk(t, one, in, a.tone)
	two := vip(1)
	two.is(t, queue.CallWaiting)
	until(t, "a second to pass since the VIP went first", func() bool {
		c, there := waits.live()
		return there && c.Overtaken == 1 && time.Since(c.OvertakenAt) > time.Second
	})
	one.Hangup()
	for _, v := range []*visit{waits, two} {
		if in = a.next(t); in.From() != v.caller {
			t.Fatalf("%s rang, it is the turn of %s", in.From(), v.caller)
		}
		talk(t, v, in, a.tone)
		v.Hangup()
		over(t, v.Call, in)
	}
}

func vipNumber(i int) string { return fmt.Sprintf("139%08d", i+1) }

// overtakings goes through the ledger, event by event, and checks each offer
// against who waited: VIPs go before others, in order of arrival each, unless
// one has been overtaken as often as may be. It returns who overtook whom.
func overtakings(t *testing.T, crowd map[string]*waited) map[[2]queue.CallID]bool {
	t.Helper()
	type moment struct {
		seq   uint64
		event queue.Event
	}
	var log []moment
	byID := map[queue.CallID]*waited{}
	for _, w := range crowd {
		r := w.record(t)
		ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
		if len(r.Offers) != 1 {
			t.Errorf("call %s was offered %d times: %+v", r.Call.ID, len(r.Offers), r.Offers)
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
	t.Logf("%d calls: %d overtakings; %d times others went before a VIP who waited", len(crowd), passed, held)
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
func reallyPassed(t *testing.T, crowd map[string]*waited, overtook map[[2]queue.CallID]bool) {
	t.Helper()
	seen := 0
	for _, c := range crowd {
		passed := 0
		for _, x := range crowd {
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
