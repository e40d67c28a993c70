package ari

import (
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

const (
	thirdTone = 1000
	ringTone  = 450 // China's
	window    = 200 * time.Millisecond
)

// hears waits until a phone hears exactly these tones.
func hears(t *testing.T, who string, call *robot.Call, tones ...int) {
	t.Helper()
	var got []int
	until(t, who+" to hear its tones and no other", func() bool {
		got = nil
		for _, tone := range []int{callerTone, agentTone, thirdTone, ringTone} {
			if call.ToneLevel(float64(tone), window) > 500 {
				got = append(got, tone)
			}
		}
		return slices.Equal(got, tones) && (len(tones) > 0 || call.Silent())
	})
}

// music waits until a phone hears something that is none of the tones.
func music(t *testing.T, who string, call *robot.Call) {
	t.Helper()
	until(t, who+" to hear music", func() bool {
		for _, tone := range []int{callerTone, agentTone, thirdTone} {
			if call.ToneLevel(float64(tone), window) > 3000 {
				return false
			}
		}
		return !call.Silent()
	})
}

// TestConversationOnAsterisk: who hears what after each command of a
// conversation, by tones, on a real Asterisk.
func TestConversationOnAsterisk(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), housePlan(""))
	one := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	two := newRobot(t, robot.PhoneOptions{User: "1002", Password: "pw-1002", Sound: robot.Tone(thirdTone)})
	must(t, two.Register(limit(t), "sip:"+c.sip(), time.Minute))
	wait(t, c.told, "the second phone", func(p queue.PhoneChanged) bool { return p.Agent == "a2" && p.State == queue.PhoneIdle })
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	callersCall, leg := connect(t, c, caller, one, 1)
	agentsCall := newest(t, one)
	id, call := queue.LegID(callOfLeg(leg)), callOfLeg(leg)
	bridge := func(room queue.Room, legs ...queue.LegID) queue.Command {
		return queue.Bridge{Call: call, Room: room, Legs: legs}
	}
	told := func(what string, do func(), leg queue.LegID) {
		t.Helper()
		from := c.told.mark()
		do()
		waitFrom(t, c.told, from, what, func(b queue.LegBridged) bool { return b.Leg == leg })
	}

	// Hold and retrieve.
	c.do(queue.Unhook{Call: call, Leg: id}, queue.StartMusic{Leg: id, Class: "default"})
	music(t, "the caller on hold", callersCall)
	hears(t, "the agent meanwhile", agentsCall)
	c.do(queue.StopMedia{Leg: id})
	hears(t, "the caller after the music", callersCall)
	told("the caller back in the bridge", func() { c.do(bridge(queue.MainRoom, id, leg)) }, id)
	hears(t, "the caller", callersCall, agentTone)
	hears(t, "the agent", agentsCall, callerTone)

	// Consultation: ringing, side room, toggle, conference.
	c.do(queue.Unhook{Call: call, Leg: id}, queue.StartMusic{Leg: id, Class: "default"},
		queue.Unhook{Call: call, Leg: leg}, queue.Play{Leg: leg, Sounds: []string{queue.RingTone}})
	hears(t, "the agent while the colleague is rung", agentsCall, ringTone)
	two.SetBehaviour(robot.Behaviour{Answer: 100 * time.Millisecond})
	second := queue.LegID(string(call) + "~2")
	c.do(queue.DialAgent{Call: call, Leg: second, CallerLeg: leg, Agent: "a2", Phone: account("1002"), Caller: "1001", Limit: generousRing})
	wait(t, c.told, "the colleague's answer", func(a queue.LegAnswered) bool { return a.Leg == second })
	secondsCall := newest(t, two)
	from := c.told.mark()
	c.do(queue.StopMedia{Leg: leg}, bridge(queue.SideRoom, leg, second))
	hears(t, "the agent in the side room", agentsCall, thirdTone)
	hears(t, "the colleague in the side room", secondsCall, agentTone)
	music(t, "the caller meanwhile", callersCall)
	c.do(queue.StopMedia{Leg: id}, queue.Unhook{Call: call, Leg: second}, queue.StartMusic{Leg: second, Class: "default"}, bridge(queue.MainRoom, id, leg))
	hears(t, "the caller after the toggle", callersCall, agentTone)
	hears(t, "the agent after the toggle", agentsCall, callerTone)
	music(t, "the colleague meanwhile", secondsCall)
	c.do(queue.StopMedia{Leg: second}, bridge(queue.MainRoom, id, leg, second))
	hears(t, "the caller in the conference", callersCall, agentTone, thirdTone)
	hears(t, "the agent in the conference", agentsCall, callerTone, thirdTone)
	hears(t, "the colleague in the conference", secondsCall, callerTone, agentTone)
	for _, b := range c.told.since(from) {
		if in, ok := b.(queue.PlaybackFinished); ok {
			t.Errorf("the end of what we stopped is told: %+v", in)
		}
	}
	// Straight from one room to the other.
	c.do(bridge(queue.SideRoom, leg, second))
	hears(t, "the caller left alone", callersCall)
	hears(t, "the agent moved aside", agentsCall, thirdTone)
	c.do(bridge(queue.MainRoom, id, second))
	hears(t, "the caller with the colleague", callersCall, thirdTone)
	hears(t, "the agent left alone", agentsCall)
	healedNothing(t, c)
	c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: second, Reason: queue.HangUpNormal}, queue.HangUp{Leg: id, Reason: queue.HangUpNormal}, queue.Unbridge{Call: call})
	must(t, callersCall.WaitEnded(limit(t)))
	nothingLeft(t, c)
}

// TestSoundsGiveWay: one sound after the other, music to a sound and back, and
// silence after StopMedia.
func TestSoundsGiveWay(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), Plan{})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Sound: robot.Tone(callerTone)})
	call, arrived := c.arrive(t, caller, "4000")
	leg := arrived.Leg
	ends := func() int { return count(c.told, func(p queue.PlaybackFinished) bool { return p.Leg == leg }) }
	play := func(sounds ...string) queue.Command { return queue.Play{Leg: leg, Sounds: sounds} }
	c.do(queue.Answer{Leg: leg}, queue.StartMusic{Leg: leg, Class: "default"})
	must(t, call.WaitAnswered(limit(t)))
	music(t, "the caller", call)
	c.do(play(queue.RingTone))
	hears(t, "the caller, instead of music", call, ringTone)
	c.do(queue.StopMedia{Leg: leg})
	hears(t, "the caller after StopMedia", call)
	for range 3 { // a ring lasts a second, the pause four
		c.do(play(queue.RingTone))
		hears(t, "the caller", call, ringTone)
		c.do(play("tone:700/10000"), play("tone:1000/10000"))
		hears(t, "the caller, the last of two", call, thirdTone)
	}
	c.do(queue.StartMusic{Leg: leg, Class: "default"})
	music(t, "the caller instead of a tone", call)
	if n := ends(); n != 0 {
		t.Errorf("%d ends told of what we stopped", n)
	}
	c.do(play(queue.SoundReady, queue.SoundReady)) // over music, to its own end
	until(t, "the end of two sounds", func() bool { return ends() > 0 })
	hears(t, "the caller after them", call)
	c.do(play("no-such-sound", queue.SoundReady))
	until(t, "the end, although one is missing", func() bool { return ends() > 1 })
	c.do(play(queue.RingTone))
	hears(t, "the caller", call, ringTone)
	c.do(queue.StopMedia{Leg: leg})
	hears(t, "the caller at last", call)
	if n := ends(); n != 2 {
		t.Errorf("%d ends told, want 2", n)
	}
	healedNothing(t, c)
	c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal})
	must(t, call.WaitEnded(limit(t)))
}

// TestMuteOnAsterisk: the muted agent is not heard, hears, and packets go on
// reaching the caller, whose telephone would hang up without them (facts 4.5).
func TestMuteOnAsterisk(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	call, leg := connect(t, c, caller, agent, 1)
	other := newest(t, agent)
	c.do(queue.Mute{Leg: leg, On: true}, queue.Mute{Leg: leg, On: true})
	hears(t, "the caller of a muted agent", call)
	before := call.Audio()
	const packets = 250 // five seconds: more than twice the RTP timeout of this Asterisk
	until(t, "packets to reach the caller", func() bool { return call.Audio().Packets >= before.Packets+packets })
	after := call.Audio()
	t.Logf("muted: %d packets in %v, longest gap of the call %v", after.Packets-before.Packets, after.Last.Sub(before.Last), after.LongestGap)
	if took := after.Last.Sub(before.Last); took > 3*packets*20*time.Millisecond {
		t.Errorf("%d packets took %v: the caller's telephone may hang up", packets, took)
	}
	hears(t, "the caller of a muted agent", call)
	hears(t, "the muted agent", other, callerTone)
	c.do(queue.Mute{Leg: leg})
	hears(t, "the caller, unmuted", call, agentTone)
	c.do(queue.Mute{Leg: leg, On: true}, queue.Unhook{Call: callOfLeg(leg), Leg: leg}, queue.Bridge{Call: callOfLeg(leg), Legs: []queue.LegID{leg}})
	hears(t, "the caller, muted again and bridged anew", call)
	c.do(queue.Mute{Leg: leg})
	hears(t, "the caller, unmuted", call, agentTone)
	c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: queue.LegID(callOfLeg(leg)), Reason: queue.HangUpNormal}, queue.Unbridge{Call: callOfLeg(leg)})
	nothingLeft(t, c)
}

// TestKeysOnAsterisk: keys are heard wherever a leg is.
func TestKeysOnAsterisk(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	presses := func(where string, call *robot.Call, leg queue.LegID, keys string) {
		t.Helper()
		from := c.told.mark()
		must(t, call.SendDTMF(keys))
		var got string
		until(t, "keys "+where, func() bool {
			got = ""
			for _, in := range c.told.since(from) {
				if d, ok := in.(queue.Digit); ok && d.Leg == leg {
					got += d.Key
				}
			}
			return len(got) >= len(keys)
		})
		if got != keys {
			t.Errorf("%s: pressed %s, heard %s", where, keys, got)
		}
	}
	alone, arrived := c.arrive(t, caller, "4000")
	c.do(queue.Answer{Leg: arrived.Leg})
	must(t, alone.WaitAnswered(limit(t)))
	presses("in silence", alone, arrived.Leg, "159#")
	c.do(queue.StartMusic{Leg: arrived.Leg, Class: "default"})
	music(t, "the caller", alone)
	presses("with music", alone, arrived.Leg, "22*0")
	c.do(queue.Play{Leg: arrived.Leg, Sounds: []string{queue.RingTone}})
	hears(t, "the caller", alone, ringTone)
	presses("with a sound", alone, arrived.Leg, "11")
	c.do(queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpNormal})
	must(t, alone.WaitEnded(limit(t)))

	call, leg := connect(t, c, caller, agent, 1)
	presses("bridged, the caller", call, queue.LegID(callOfLeg(leg)), "0198")
	presses("bridged, the agent", newest(t, agent), leg, "*12#")
	c.do(queue.Mute{Leg: leg, On: true})
	presses("muted", newest(t, agent), leg, "7")
	c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: queue.LegID(callOfLeg(leg)), Reason: queue.HangUpNormal}, queue.Unbridge{Call: callOfLeg(leg)})
	nothingLeft(t, c)
}

// healedNothing: no check took what the core wanted for a fault.
func healedNothing(t *testing.T, c *centre) {
	t.Helper()
	for name, n := range c.sw.Stats().Healed {
		if name != "PhoneChanged" {
			t.Errorf("%d %s healed although nothing was lost", n, name)
		}
	}
}

func nothingLeft(t *testing.T, c *centre) {
	t.Helper()
	until(t, "all channels and bridges to be gone", func() bool {
		now, err := c.sw.look(t.Context())
		must(t, err)
		return len(now.channels) == 0 && len(now.bridges) == 0
	})
}
