package e2e

import (
	"fmt"
	"testing"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestMenuNoKey: who presses nothing is told so and asked again, as often as
// the house says, and then goes the other way.
func TestMenuNoKey(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "wrap_up: 0s")
	number := d.menu(t, `prompt: {sound: house/tell}, invalid: {sound: house/second}, wait: 1s, tries: 2, keys: {"1": busy}, otherwise: {announcement: {sound: house/ask}}`)
	v := d.callTo(t, number)
	hears(t, "the question", v.Call, tones{tellTone}, nil)
	hears(t, "that nothing was chosen", v.Call, tones{secondTone}, tones{tellTone})
	hears(t, "the question again", v.Call, tones{tellTone}, tones{secondTone})
	hears(t, "the other way", v.Call, tones{askTone}, tones{tellTone, secondTone})
	over(t, v.Call)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnnounced, queue.ReleaseSystem)
	if c := r.Call; len(c.Path) != 1 || c.Path[0].Keys != "" || c.Path[0].Why != queue.ChoiceOtherwise || count(r, "MenuMissed") != 2 {
		t.Errorf("on record: %+v, %d times nothing chosen", c.Path, count(r, "MenuMissed"))
	}
	v.clean(t)
}

// TestMenuBranches: a menu looks first who calls and whether a queue is closed.
// Who is sent on hears no question, and an agent's phone rings for them as if
// there were no menu.
func TestMenuBranches(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	gold, goldNumber := newPhone(t, robot.PhoneOptions{User: "gold", Sound: robot.Tone(callerTone)}), fmt.Sprintf("136%08d", callers.Add(1))
	f.first = fmt.Sprintf("priority: {levels: {gold: {priority: 10, customers: [%q]}}}\n", goldNumber)
	d := f.open(t, "wrap_up: 0s", quick)
	shut := f.prepare(t, "hours: never")
	number := f.menu(t, fmt.Sprintf(`prompt: {sound: house/ask}, when: [{level: gold, to: %s}, {closed: %s, to: {announcement: {sound: house/tell}}}], keys: {"1": %s}, otherwise: busy`,
		d.queue, shut.queue, d.queue))

	c, err := gold.Call(inTime(t), robot.CallOptions{To: "sip:" + number + "@" + f.box.SIP, From: goldNumber})
	must(t, err)
	v := &visit{c, d, goldNumber}
	in := d.agents[0].next(t)
	talk(t, v, in, d.agents[0].tone)
	realRinging(t, v, in)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if c := r.Call; len(c.Path) != 1 || c.Path[0].Why != queue.ChoiceBranch || c.LineAnsweredBy != queue.AnsweredByAgent || c.Level != "gold" {
		t.Errorf("the customer of a level: %+v, line answered by %s, level %q", c.Path, c.LineAnsweredBy, c.Level)
	}

	w := d.callTo(t, number)
	hears(t, "who calls while it is closed", w.Call, tones{tellTone}, tones{askTone})
	over(t, w.Call)
	ended(t, w.record(t), queue.OutcomeAnnounced, queue.ReleaseSystem)

	shut.byHand(t, "open")
	x := d.callTo(t, number)
	hears(t, "who calls while it is open", x.Call, tones{askTone}, nil)
	x.presses(t, "1")
	d.takes(t, x, d.agents[0])
	for _, v := range []*visit{v, w, x} {
		v.clean(t)
	}
}

// byHand opens or closes the desk's queue as a supervisor does; "hours" gives it
// back to its hours.
func (d *desk) byHand(t *testing.T, state string) {
	t.Helper()
	req := fmt.Sprintf("%s %s %d", t.Name(), state, callers.Add(1))
	e, err := d.box.Node.Ask(inTime(t), queue.SetQueue{Queue: d.queue, State: state, Asked: queue.Asked{By: "test", Req: req}}, req)
	must(t, err)
	if no, refused := e.(queue.Refused); refused {
		t.Fatalf("queue %s %s: %s", d.queue, state, no.Reason)
	}
}
