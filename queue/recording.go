package queue

import "time"

// RecordingMute is a stretch of a call that is not to be recorded: card data is
// spoken (R14.1). The recording goes on and is silent, so that its clock does.
type RecordingMute struct {
	Agent AgentID   `json:"agent"` // whose conversation it is
	By    string    `json:"by,omitempty"`
	Since time.Time `json:"since"`
	// Until is when it ends by itself, so that nobody can forget it.
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
	// Failed: the switch did not do it (yet), and records what is said. The kept
	// recording is silenced in any case.
	Failed bool `json:"failed,omitempty"`
}

// RecordingMuted: from here on the call's recording is to be silent.
type RecordingMuted struct {
	Call   CallID    `json:"call"`
	Agent  AgentID   `json:"agent"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
	Asked
}

// MuteEnd is why a recording is not silent any more.
type MuteEnd string

// Ends of a muted stretch.
const (
	MuteEndedByAgent   MuteEnd = "agent"      // by the agent, or who may act for them
	MuteEndedLimit     MuteEnd = "limit"      // it lasted for as long as the queue allows
	MuteEndedPart      MuteEnd = "part_ended" // the agent is out of the call
	MuteEndedCall      MuteEnd = "call_ended"
	MuteEndedUnwritten MuteEnd = "unwritten" // the switch had it muted, and why is on record nowhere
)

// RecordingUnmuted: the call is recorded again.
type RecordingUnmuted struct {
	Call  CallID  `json:"call"`
	Agent AgentID `json:"agent,omitempty"`
	Why   MuteEnd `json:"why"`
	// For is how long it was muted; zero if that is not known.
	For time.Duration `json:"for,omitempty"`
	Asked
}

// RecordingMuteFailed: the switch did not mute or (On is false) unmute a
// recording. It tries on.
type RecordingMuteFailed struct {
	Call    CallID  `json:"call"`
	Agent   AgentID `json:"agent,omitempty"`
	On      bool    `json:"on"`
	Message string  `json:"message,omitempty"`
}

// RecordingMuteTook: what had failed was done at last.
type RecordingMuteTook struct {
	Call  CallID  `json:"call"`
	Agent AgentID `json:"agent,omitempty"`
	On    bool    `json:"on"`
}

// RecordingSwitched tells that the switch has muted or unmuted a recording: at
// once, or when it could at last.
type RecordingSwitched struct {
	Leg LegID `json:"leg"`
	On  bool  `json:"on"` // muted
}

// MuteRecording lets the recording on a leg go on in silence, in both
// directions; who speaks hears nothing of it.
type MuteRecording struct{ Leg LegID }

// UnmuteRecording is the inverse of MuteRecording.
type UnmuteRecording struct{ Leg LegID }

func (RecordingMuted) event()      {}
func (RecordingUnmuted) event()    {}
func (RecordingMuteFailed) event() {}
func (RecordingMuteTook) event()   {}
func (RecordingSwitched) input()   {}
func (MuteRecording) command()     {}
func (UnmuteRecording) command()   {}

// defaultMuteLimit is enough to read a card's number and date twice.
const defaultMuteLimit = 2 * time.Minute

func (t Talking) muteLimit() time.Duration { return orDefault(t.MuteLimit, defaultMuteLimit) }

// muteRecording begins or ends a stretch that is not recorded.
func (a *ACD) muteRecording(c *Call, in Act) {
	on := in.Deed == DeedMuteRecording
	switch {
	case c.Unrecorded:
		a.refused(in.Asked, in.Agent, "not_recorded", "the call is not recorded")
	case on == (c.RecordingMute != nil):
		a.refused(in.Asked, in.Agent, "not_now", "it is so already")
	case on:
		until := a.now.Add(a.queues[c.Queue].cfg.Talking.muteLimit())
		a.emit(RecordingMuted{Call: c.ID, Agent: in.Agent, Until: until, Reason: in.Reason, Asked: in.Asked})
		a.do(MuteRecording{Leg: c.Leg})
	default:
		a.unmuteRecording(c, MuteEndedByAgent, in.Asked)
	}
}

// unmuteRecording ends a muted stretch, if there is one.
func (a *ACD) unmuteRecording(c *Call, why MuteEnd, by Asked) {
	m := c.RecordingMute
	if m == nil {
		return
	}
	a.emit(RecordingUnmuted{Call: c.ID, Agent: m.Agent, Why: why, For: a.since(m.Since), Asked: by})
	if why != MuteEndedCall { // else nothing is recorded any more
		a.do(UnmuteRecording{Leg: c.Leg})
	}
}

// muteDue is when a muted recording goes on by itself; zero: it is not muted.
func (c *Call) muteDue() time.Time {
	if c.RecordingMute == nil {
		return time.Time{}
	}
	return c.RecordingMute.Until
}

// recordingFailed: the agent must know that what is said now is recorded.
func (a *ACD) recordingFailed(in CommandFailed) {
	c, part := a.find(in.Leg)
	on := in.Command == Name(MuteRecording{})
	if part != customerPart || on != (c.RecordingMute != nil) || c.muteFailed() {
		return // it is not wanted any more, or known
	}
	a.emit(RecordingMuteFailed{Call: c.ID, Agent: c.Agent, On: on, Message: in.Message})
}

// recordingSwitched: it has come to be at last.
func (a *ACD) recordingSwitched(in RecordingSwitched) {
	c, part := a.find(in.Leg)
	if part == customerPart && in.On == (c.RecordingMute != nil) && c.muteFailed() {
		a.emit(RecordingMuteTook{Call: c.ID, Agent: c.Agent, On: in.On})
	}
}

// muteFailed tells whether the switch has not done what was asked last.
func (c *Call) muteFailed() bool {
	return c.UnmuteFailed || (c.RecordingMute != nil && c.RecordingMute.Failed)
}

// reconcileMute brings the switch's recording of a call to what is on record: a
// command may have been lost with the leader that gave it, or its record.
func (a *ACD) reconcileMute(c *Call, f LegFact, wasUp bool) {
	muted := c.RecordingMute != nil
	switch {
	case wasUp || c.Unrecorded:
	case muted && f.Tape != TapeMuted:
		a.do(MuteRecording{Leg: c.Leg})
	case !muted && f.Tape != TapeRuns:
		if f.Tape == TapeMuted && !c.UnmuteFailed {
			a.emit(RecordingUnmuted{Call: c.ID, Agent: c.Agent, Why: MuteEndedUnwritten})
		}
		a.do(UnmuteRecording{Leg: c.Leg})
	default:
		a.recordingSwitched(RecordingSwitched{Leg: c.Leg, On: muted})
	}
}

func (a *ACD) applyRecording(at time.Time, e Event) {
	switch e := e.(type) {
	case RecordingMuted:
		c := a.calls[e.Call]
		c.RecordingMute = &RecordingMute{Agent: e.Agent, By: e.By, Since: at, Until: e.Until, Reason: e.Reason}
		c.UnmuteFailed = false
	case RecordingUnmuted:
		c := a.calls[e.Call]
		c.RecordingMute, c.UnmuteFailed = nil, false
	case RecordingMuteFailed:
		a.muteFails(e.Call, true)
	case RecordingMuteTook:
		a.muteFails(e.Call, false)
	}
}

func (a *ACD) muteFails(id CallID, fails bool) {
	c := a.calls[id]
	if c.RecordingMute == nil {
		c.UnmuteFailed = fails
		return
	}
	m := *c.RecordingMute // rows have a copy of the call
	m.Failed = fails
	c.RecordingMute = &m
}

// checkRecording: only the conversation of an agent is muted, and it ends.
func (c *Call) checkRecording(bad func(string, ...any)) {
	m := c.RecordingMute
	if m == nil {
		return
	}
	if c.State != CallTalking || m.Agent != c.Agent || c.Unrecorded || !m.Until.After(m.Since) || c.UnmuteFailed {
		bad("call %s is %s with agent %s; its recording is muted: %+v", c.ID, c.State, c.Agent, *m)
	}
}
