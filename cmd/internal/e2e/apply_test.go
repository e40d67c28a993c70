package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// own starts a centre that belongs to one test, to be changed at will.
func own(t *testing.T, o box.Options) *floor {
	t.Helper()
	f := newFloor()
	o.Centre = f.yaml()
	f.box = newBox(t, o)
	return f
}

// TestApplyUnderLoad changes the house while people talk, wait and are rung:
// nobody notices, and the next call meets the new rules. What cannot work is
// refused as a whole.
func TestApplyUnderLoad(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	staff := slices.Repeat([]robot.Behaviour{{}}, 8)
	staff = append(staff, robot.Behaviour{NeverAnswer: true}) // idle shortest, so the last to be offered a call
	d := f.open(t, "ring: {country: cn}, wrap_up: 0", staff...)
	talking := make([]*visit, 8)
	partners := make([]*robot.Call, 8)
	for i := range talking {
		talking[i] = d.call(t)
		talking[i].is(t, queue.CallTalking)
	}
	for i, v := range talking {
		live, _ := v.live()
		k := slices.IndexFunc(d.agents, func(a *agent) bool { return a.id == live.Agent })
		partners[i] = d.agents[k].next(t)
		talk(t, v, partners[i], d.agents[k].tone)
	}
	rung := d.call(t)
	ringing := d.agents[8].next(t)
	until(t, "the ninth phone to ring", func() bool { return !ringing.Times().Ringing.IsZero() })
	waiting := d.call(t)
	waiting.is(t, queue.CallWaiting)

	db := f.box.Node.Ledger()
	was, err := db.Centre(inTime(t))
	must(t, err)
	refused := func(name, text, message string) {
		t.Helper()
		_, err := f.box.Node.Apply(inTime(t), "new.yaml", []byte(text), "test", false)
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: %v; want %q", name, err, message)
		}
		now, err := db.Centre(inTime(t))
		must(t, err)
		if now.Version != was.Version || now.Source != was.Source || f.box.Node.Snapshot().Config.Version != was.Version {
			t.Errorf("%s: refused, and in force all the same", name)
		}
	}
	good := string(f.yaml())
	refused("a key that does not exist", strings.Replace(good, "wrap_up: 0", "wrap_up: 3s, wrapup: 0", 1), "new.yaml:4: queues.q1.wrapup:")
	refused("a value that cannot be", strings.Replace(good, "country: cn", "country: atlantis", 1), "new.yaml:4: queues.q1.ring.country:")
	refused("a queue with calls taken away", strings.ReplaceAll(strings.Replace(good, "\n"+f.queues[1], "", 1), "queues: [q1]", "queues: [idle]"),
		"queue q1 has calls: take its numbers away first and remove it when they are done")
	lines := slices.DeleteFunc(strings.Split(good, "\n"), func(l string) bool { return strings.Contains(l, string(d.agents[0].id)) })
	refused("an agent with a call taken away", strings.Join(lines, "\n"), "agent "+string(d.agents[0].id)+" has a call")

	// The new house: longer wrap-up, another cadence, one more number, one more agent.
	f.mu.Lock()
	f.queues[1] = fmt.Sprintf("  %s: {numbers: [%q, \"4100\"], ring: {country: jp}, wrap_up: 2s}", d.queue, d.number)
	newcomer := d.hire(t, 12, robot.Behaviour{})
	f.apply(t)
	f.mu.Unlock()
	for i, v := range talking {
		if v.Ending() != robot.NotEnded || partners[i].Ending() != robot.NotEnded {
			t.Errorf("a conversation was cut: caller %s, agent %s", v.Ending(), partners[i].Ending())
		}
		if gap := v.Audio().LongestGap; gap > time.Second {
			t.Errorf("the caller heard nothing for %s", gap)
		}
	}
	if ringing.Ending() != robot.NotEnded || rung.Ending() != robot.NotEnded {
		t.Errorf("the ringing phone: %s, its caller: %s", ringing.Ending(), rung.Ending())
	}
	// The newcomer takes who waited; the phone that rang still can be taken.
	f.set(t, newcomer.id, queue.Ready)
	in := newcomer.next(t)
	talk(t, waiting, in, newcomer.tone)
	must(t, ringing.Answer())
	talk(t, rung, ringing, d.agents[8].tone)
	for _, v := range append(slices.Clone(talking), waiting, rung) {
		v.Hangup()
		over(t, v.Call)
	}
	f.agentIs(t, newcomer.id, "in wrap-up, by the new rule", inState(queue.WrapUp))
	for _, v := range append(slices.Clone(talking), waiting, rung) {
		r := v.record(t)
		ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
		if len(r.Offers) != 1 {
			t.Errorf("call %s was offered %d times", r.Call.ID, len(r.Offers))
		}
	}
	// The new number leads here.
	f.agentIs(t, newcomer.id, "ready after two seconds", isFree)
	d.number = "4100"
	v := d.call(t)
	until(t, "the call by the new number to be answered", func() bool { return !v.Times().Answered.IsZero() })
	v.Hangup()
	over(t, v.Call)
	if r := v.record(t); r.Call.Queue != d.queue || r.Call.Number != "4100" {
		t.Errorf("on record: %+v", r.Call)
	}
	found, err := db.Calls(inTime(t), postgres.Filter{})
	must(t, err)
	if len(found) != 11 {
		t.Errorf("%d calls on record, 11 were made", len(found))
	}
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}
