package sim

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// audit keeps the books of a world with deeds, from the records and commands
// alone: what began ends once, and what the rows say is what the screens said.
type audit struct {
	w       *world
	replica *queue.ACD
	live    map[queue.CallID]bool // and false once it is over
	offers  map[queue.OfferID]string
	calls   map[queue.CallID]queue.Call
	rung    map[queue.OfferID]queue.Offer
	parts   []queue.Part
	refers  int // asked by phones, less those answered
	seen    map[string]int
	suspect map[queue.LegID]time.Time
	trail   map[queue.CallID][]told
}

func newAudit(w *world) *audit {
	return &audit{w: w, replica: queue.New(), live: map[queue.CallID]bool{}, offers: map[queue.OfferID]string{}, calls: map[queue.CallID]queue.Call{},
		rung: map[queue.OfferID]queue.Offer{}, seen: map[string]int{}, suspect: map[queue.LegID]time.Time{}, trail: map[queue.CallID][]told{}}
}

// told is a line of a call's story.
type told struct {
	at   time.Time
	kind string
	what any
}

// trailShown is how much of a call's story a failure tells.
const trailShown = 60

func (v *audit) storyOf(call queue.CallID) (text string) {
	trail := v.trail[call]
	for _, x := range trail[max(len(trail)-trailShown, 0):] {
		text += fmt.Sprintf("\n%s %s %T%+v", x.at.Format("15:04:05.000"), x.kind, x.what, x.what)
	}
	return text
}

func (v *audit) fail(call queue.CallID, format string, args ...any) {
	if v.w.err == nil {
		v.w.fail("%s%s", fmt.Sprintf(format, args...), v.storyOf(call))
	}
}

// story adds to an error what happened to the call that it names.
func (v *audit) story(err error) error {
	for _, word := range strings.Fields(err.Error()) {
		if text := v.storyOf(queue.CallID(strings.TrimSuffix(word, ":"))); text != "" {
			return fmt.Errorf("%w%s", err, text)
		}
	}
	return err
}

func (v *audit) note(call queue.CallID, kind string, what any) {
	if call != "" {
		v.trail[call] = append(v.trail[call], told{v.w.now, kind, what})
	}
}

func (v *audit) commanded(call queue.CallID, c queue.Command) {
	v.note(call, "   >", c)
	if _, ok := c.(queue.AnswerTransfer); ok {
		v.refers--
	}
}

// stepped sees what came of an input.
func (v *audit) stepped(in queue.Input, out queue.Output) {
	switch in := in.(type) {
	case queue.PhoneTransfer:
		v.refers++
		v.note(queue.CallOf(in.Leg), "<", in)
	case queue.LegBridged:
		v.note(queue.CallOf(in.Leg), "<", in)
	case queue.LegAnswered:
		v.note(queue.CallOf(in.Leg), "<", in)
	case queue.LegEnded:
		v.note(queue.CallOf(in.Leg), "<", in)
	case queue.HoldChanged:
		v.note(queue.CallOf(in.Leg), "<", in)
	case queue.PlaybackFinished:
		v.note(queue.CallOf(in.Leg), "<", in)
	case queue.RecordingSwitched:
		v.note(queue.CallOf(in.Leg), "<", in)
	case queue.CommandFailed:
		v.note(in.Call, "<", in)
	case queue.Act:
		for _, g := range v.w.acd.Snapshot().Agents {
			if g.ID == in.Agent {
				v.note(g.Call, "<", in)
			}
		}
	}
	for _, r := range out.Records {
		v.see(r)
	}
}

func (v *audit) see(r queue.Record) {
	v.seen[queue.TypeOf(r.Event)]++
	call, begins, ends := lifeOf(r.Event)
	v.note(call, " ", r.Event)
	switch lives, known := v.live[call]; {
	case call == "":
	case begins && known:
		v.fail(call, "call %s begins a second time", call)
	case begins:
		v.live[call] = true
	case ends && !lives:
		v.fail(call, "call %s ends and is not live (known: %t)", call, known)
	case ends:
		v.live[call] = false
	}
	v.offered(r.Event)
	rows := v.replica.Apply(r)
	for _, c := range rows.Calls {
		v.calls[c.ID] = c
	}
	for _, o := range rows.Offers {
		v.rung[o.ID] = o
	}
	if e, ok := r.Event.(queue.PlaceRestored); ok {
		v.restored(r.At, e)
	}
	v.parts = append(v.parts, rows.Parts...)
	for _, x := range rows.Registrations {
		c := v.calls[x.Call]
		c.Registration = x.Registration
		v.calls[x.Call] = c
	}
}

// lifeOf tells which call an event is of, and whether it begins or ends it.
func lifeOf(e queue.Event) (call queue.CallID, begins, ends bool) {
	switch e := e.(type) {
	case queue.CallQueued:
		return e.Call, true, false
	case queue.CallEntered:
		return e.Call, true, false
	case queue.CallPlaced:
		return e.Call, true, false
	case queue.CallbackQueued:
		return e.Call, true, false
	case queue.CallLost:
		return e.Call, false, true
	case queue.CallAbandoned:
		return e.Call, false, true
	case queue.CallCompleted:
		return e.Call, false, true
	case queue.CallClosed:
		return e.Call, false, true
	case queue.MenuLeft:
		return e.Call, false, true
	case queue.AnnouncementEnded:
		return e.Call, false, true
	case queue.VoicemailLeft:
		return e.Call, false, true
	case queue.VoicemailEmpty:
		return e.Call, false, true
	case queue.SurveyEnded:
		return e.Call, false, true
	case queue.CallOverflowed:
		return e.Call, false, e.To == ""
	}
	return queue.About(e).Call, false, false
}

// offered follows every ringing to its end: accepted, missed or withdrawn, once.
func (v *audit) offered(e queue.Event) {
	closes := func(id queue.OfferID, how string, from ...string) {
		if id == "" {
			return // of a number, not of an agent
		}
		if !slices.Contains(from, v.offers[id]) {
			v.fail(queue.CallOf(queue.LegID(id)), "offer %s is %s and was %q", id, how, v.offers[id])
		}
		v.offers[id] = how
	}
	switch e := e.(type) {
	case queue.OfferMade:
		closes(e.Offer, "open", "")
	case queue.OfferAccepted:
		closes(e.Offer, "accepted", "open")
	case queue.OfferMissed:
		if e.Reason == queue.MissedDropped {
			closes(e.Offer, "missed", "accepted")
			return
		}
		closes(e.Offer, "missed", "open")
	case queue.OfferWithdrawn:
		closes(e.Offer, "withdrawn", "open")
	case queue.ConsultBegan:
		closes(e.Offer, "consulted", "")
	case queue.ConsultAnswered:
		if id := queue.OfferID(e.Leg); v.offers[id] != "" {
			closes(id, "accepted", "consulted")
		}
	case queue.ConsultEnded:
		if id := queue.OfferID(e.Leg); v.offers[id] == "consulted" {
			v.offers[id] = "missed"
		}
	case queue.ConsultTook:
		if id := queue.OfferID(e.Leg); v.offers[id] == "consulted" {
			v.offers[id] = "open" // it rings on for the customer
		}
	}
}

// closeDay compares the day's figures on the screens with those that the rows
// make: of queues in all fields, of agents the talk time.
func (v *audit) closeDay() {
	snap := v.w.acd.Snapshot()
	if snap.Day == "" {
		return
	}
	for i, q := range snap.Queues {
		cfg := &snap.Config.Queues[i]
		var rows queue.Tally
		for _, c := range v.calls {
			if c.Day == snap.Day {
				rows.Add(cfg, &c)
			}
		}
		for _, o := range v.rung {
			if o.Day == snap.Day && o.Queue == q.Queue {
				rows.AddOffer(&o)
			}
		}
		if rows != q.Today {
			v.fail("", "day %s, queue %s: %s", snap.Day, q.Queue, differences(rows, q.Today))
		}
	}
	talk := map[queue.AgentID]time.Duration{}
	for _, p := range v.parts {
		if p.Day == snap.Day {
			talk[p.Agent] += p.Talk
		}
	}
	for _, g := range snap.Agents {
		if talk[g.ID] != g.Today.Talk {
			v.fail("", "day %s, agent %s: the parts sum to %s of talk, the day says %s", snap.Day, g.ID, talk[g.ID], g.Today.Talk)
		}
	}
}

// differences names the figures in which two tallies differ.
func differences(rows, live queue.Tally) (text string) {
	x, y := reflect.ValueOf(rows), reflect.ValueOf(live)
	for i := range x.NumField() {
		if !x.Field(i).Equal(y.Field(i)) {
			text += fmt.Sprintf("%s %v by the rows, %v live; ", x.Type().Field(i).Name, x.Field(i), y.Field(i))
		}
	}
	return text
}

const inventoryEvery = 20 * time.Second

// inventory: the core knows every leg that the switch has. News may be on its
// way, so a leg is looked at twice.
func (v *audit) inventory() {
	w := v.w
	if w.over() {
		return
	}
	w.after(inventoryEvery, v.inventory)
	if w.witness.deaf {
		clear(v.suspect)
		return
	}
	known := map[queue.LegID]bool{}
	snap := w.acd.Snapshot()
	for _, c := range snap.Calls {
		known[c.Leg], known[queue.LegID(c.Offer)] = true, true
		for _, id := range c.Open {
			known[queue.LegID(id)] = true
		}
		if c.Consult != nil {
			known[c.Consult.Leg] = true
		}
		if c.Outside != nil {
			known[c.Outside.Leg] = true
		}
	}
	strangers := map[queue.LegID]time.Time{}
	for id, l := range w.legs {
		if known[id] || l.kind == queue.LegFeature {
			continue
		}
		if _, again := v.suspect[id]; again {
			v.fail(l.call, "the switch has leg %s of call %s (live: %t) and the core knows nothing of it", id, l.call, v.live[l.call])
		}
		strangers[id] = w.now
	}
	v.suspect = strangers
}

// problems lists what must never be, once everything is over.
func (v *audit) problems() (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	w := v.w
	v.closeDay()
	if w.err != nil {
		bad("%v", w.err)
	}
	for id, lives := range v.live {
		if lives {
			bad("call %s never ended:%s", id, v.storyOf(id))
		}
	}
	for id, how := range v.offers {
		if how == "open" || how == "consulted" {
			bad("offer %s never ended", id)
		}
	}
	if v.refers != 0 {
		bad("%d transfers of phones were not answered", v.refers)
	}
	snap := w.acd.Snapshot()
	if len(snap.Calls)+len(snap.Offers)+len(w.legs) > 0 {
		bad("at the end there are %d calls, %d offers, %d legs: %s", len(snap.Calls), len(snap.Offers), len(w.legs), describeCalls(snap))
	}
	for _, g := range snap.Agents {
		if g.State == queue.Reserved || g.State == queue.OnCall || g.State == queue.WrapUp || g.Leg != "" || g.Offer != "" || g.Dialling != 0 || w.staff[g.ID].leg != "" {
			bad("agent %s is %s at the end, offer %q, leg %q, dialling %d; the phone has %q", g.ID, g.State, g.Offer, g.Leg, g.Dialling, w.staff[g.ID].leg)
		}
	}
	return append(out, v.overlaps()...)
}

// overlaps: nobody has two parts of one call at a time.
func (v *audit) overlaps() (out []string) {
	last := map[string]queue.Part{}
	parts := slices.Clone(v.parts)
	slices.SortStableFunc(parts, func(x, y queue.Part) int { return x.From.Compare(y.From) })
	for _, p := range parts {
		key := string(p.Call) + " " + string(p.Agent)
		if before, ok := last[key]; ok && p.From.Before(before.To) {
			out = append(out, fmt.Sprintf("parts of agent %s in call %s overlap: %+v and %+v%s", p.Agent, p.Call, before, p, v.storyOf(p.Call)))
		}
		if p.To.Before(p.From) || p.Talk+p.Hold > p.To.Sub(p.From)+time.Microsecond {
			out = append(out, fmt.Sprintf("part of agent %s in call %s is longer than it lasted: %+v", p.Agent, p.Call, p))
		}
		last[key] = p
	}
	return out
}
