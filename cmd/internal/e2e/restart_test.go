package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// longestGap is how long a conversation may fall silent while a node goes and
// comes back: nothing anybody notices. What the machine itself does to a call
// through this Asterisk that the node has no part in comes on top.
const longestGap = 100 * time.Millisecond

// colleagues are two agents who talk with each other, outside the queues.
func (d *desk) colleagues(t *testing.T) *robot.Call {
	t.Helper()
	d.account(t, "1005")
	d.account(t, "1006")
	one := d.signsOn(t, "1005", callerTone, robot.Behaviour{})
	d.signsOn(t, "1006", 700, robot.Behaviour{})
	c, err := one.phone.Call(inTime(t), robot.CallOptions{To: "sip:1006@" + d.box.SIP})
	must(t, err)
	must(t, c.WaitAnswered(inTime(t)))
	return c
}

// scene is a centre in the middle of everything: one talks, one is rung, one
// waits, and one whose agent is about to hang up.
type scene struct {
	*desk
	yardstick                     *robot.Call
	talking, ringing, left        *visit
	waiting                       []*visit
	talkingIn, ringingIn, leftIn  *robot.Call
	talker, rung, leaver, standby *agent
}

func setScene(t *testing.T, f *floor) *scene {
	t.Helper()
	s := &scene{}
	s.desk = f.open(t, "ring: {agent: 10, budget: 20}, wrap_up: 0", robot.Behaviour{}, robot.Behaviour{}, robot.Behaviour{NeverAnswer: true}, robot.Behaviour{})
	s.yardstick = s.colleagues(t)
	s.talker, s.leaver, s.rung, s.standby = s.agents[0], s.agents[1], s.agents[2], s.agents[3]
	s.set(t, s.standby.id, queue.NotReady)
	begin := func(a *agent) (*visit, *robot.Call) {
		v := s.call(t)
		in := a.next(t)
		talk(t, v, in, a.tone)
		return v, in
	}
	s.talking, s.talkingIn = begin(s.talker)
	s.left, s.leftIn = begin(s.leaver)
	s.ringing = s.call(t)
	s.ringingIn = s.rung.next(t)
	until(t, "the phone to ring", func() bool { return !s.ringingIn.Times().Ringing.IsZero() })
	for _, a := range []*agent{s.leaver, s.rung} {
		s.set(t, a.id, queue.NotReady) // after this call: who waits is for the standby
	}
	for range 2 {
		v := s.call(t)
		v.is(t, queue.CallWaiting)
		s.waiting = append(s.waiting, v)
	}
	return s
}

// afterwards is what must hold when a node is back.
func (s *scene) afterwards(t *testing.T) {
	t.Helper()
	// The conversation was never interrupted.
	heard := s.talking.Audio().Packets
	until(t, "a second of talk", func() bool { return s.talking.Audio().Packets > heard+50 })
	talk(t, s.talking, s.talkingIn, s.talker.tone)
	machine := s.yardstick.Audio().LongestGap
	for who, c := range map[string]*robot.Call{"caller": s.talking.Call, "agent": s.talkingIn} {
		heard := c.Audio()
		t.Logf("%s: %d packets, lost %d, longest gap %s; of a call without the node %s", who, heard.Packets, heard.Lost, heard.LongestGap, machine)
		if heard.LongestGap > longestGap+machine || heard.Lost > 0 {
			t.Errorf("%s: %d packets lost, %s without a sound", who, heard.Lost, heard.LongestGap)
		}
	}
	// Who hung up meanwhile does not leave the other in an empty room.
	over(t, s.left.Call)
	r := s.left.record(t)
	if r.Call.Outcome != queue.OutcomeAnswered || r.Call.Agent != s.leaver.id || count(r, "CallCompleted") != 1 {
		t.Errorf("the call whose agent left: %+v", r.Call)
	}
	// The phone that rang rings still, for the same offer, and is answered.
	if s.ringingIn.Ending() != robot.NotEnded || s.ringing.Ending() != robot.NotEnded || s.rung.phone.Counters().Invites != 1 {
		t.Fatalf("the ringing phone: %s, its caller: %s, calls to it: %d", s.ringingIn.Ending(), s.ringing.Ending(), s.rung.phone.Counters().Invites)
	}
	must(t, s.ringingIn.Answer())
	talk(t, s.ringing, s.ringingIn, s.rung.tone)
	s.ringingIn.Hangup()
	over(t, s.ringing.Call, s.ringingIn)
	r = s.ringing.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
	offered(t, r, offer{s.rung.id, queue.OfferTaken, ""})
	times := s.ringingIn.Times()
	if rang := times.Answered.Sub(times.Ringing); (r.Offers[0].Rings.For - rang).Abs() > 300*time.Millisecond {
		t.Errorf("the phone rang %s, on record %s", rang, r.Offers[0].Rings.For)
	}
	// Those who waited are served in their order, after somebody was free.
	for i, v := range s.waiting {
		if v.Ending() != robot.NotEnded {
			t.Fatalf("waiting caller %d: %s", i, v.Ending())
		}
	}
	var accepted []time.Time
	s.set(t, s.standby.id, queue.Ready)
	for _, v := range s.waiting {
		must(t, v.WaitAnswered(inTime(t)))
		v.is(t, queue.CallTalking)
		v.Hangup()
		over(t, v.Call)
		r := v.record(t)
		ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
		accepted = append(accepted, r.Call.AcceptedAt)
		offered(t, r, offer{s.standby.id, queue.OfferTaken, ""})
	}
	if !slices.IsSortedFunc(accepted, time.Time.Compare) {
		t.Errorf("answered at %v, not in order of arrival", accepted)
	}
	// The conversation ends as any, once, and its recording is whole.
	s.talking.Hangup()
	over(t, s.talking.Call, s.talkingIn)
	r = s.talking.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	offered(t, r, offer{s.talker.id, queue.OfferTaken, ""})
	if n := count(r, "CallCompleted"); n != 1 || count(r, "CallConnected") != 1 {
		t.Errorf("completed %d times: %+v", n, r.Events)
	}
	stereo, rec := s.kept(t, r.Call.ID)
	sides(t, stereo, rec, s.talker.tone)
	s.agentIs(t, s.talker.id, "free", isFree)
	if s.yardstick.Ending() != robot.NotEnded {
		t.Errorf("a call between colleagues: %s", s.yardstick.Ending())
	}
	s.yardstick.Hangup()
	over(t, s.yardstick)
	if err := leftovers(s.box); err != nil {
		t.Error(err)
	}
}

// TestRestart ends a node in order in the middle of everything and starts it
// again. It has the machine for itself, since it measures gaps in audio.
func TestRestart(t *testing.T) {
	f := own(t, box.Options{})
	s := setScene(t, f)
	began := time.Now()
	must(t, f.box.StopNode())
	s.leftIn.Hangup() // nobody hears of it
	over(t, s.leftIn)
	must(t, f.box.StartNode(inTime(t)))
	t.Logf("the node was away for %s", time.Since(began).Round(time.Millisecond))
	s.afterwards(t)
}

// TestKilled is TestRestart with the program itself, as it is deployed, ended
// by SIGKILL. One more call comes and is answered while it runs.
func TestKilled(t *testing.T) {
	_, err := all.binary() // before anybody calls: it takes a while
	must(t, err)
	f := own(t, box.Options{})
	s := setScene(t, f)
	must(t, f.box.StopNode())
	p := serve(t, f.box)
	extra := newPhone(t, robot.PhoneOptions{User: "13999999999", Sound: robot.Tone(callerTone)})
	p.setAgent(t, s.standby.id, queue.Ready) // takes who has waited longest
	in := s.standby.next(t)
	talk(t, s.waiting[0], in, s.standby.tone)
	last := s.callFrom(t, extra, "13999999999")
	must(t, last.WaitRinging(inTime(t)))
	began := time.Now()
	p.kill(t)
	s.leftIn.Hangup()
	over(t, s.leftIn)
	must(t, f.box.StartNode(inTime(t)))
	t.Logf("after SIGKILL the node was away for %s", time.Since(began).Round(time.Millisecond))
	talk(t, s.waiting[0], in, s.standby.tone) // answered just before the end
	first := s.waiting[0]
	first.Hangup()
	over(t, first.Call, in)
	r := first.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	offered(t, r, offer{s.standby.id, queue.OfferTaken, ""})
	s.waiting = append(s.waiting[1:], last)
	s.afterwards(t)
}
