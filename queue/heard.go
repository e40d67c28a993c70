package queue

import (
	"strings"
	"time"
)

// What a caller hears beside ringing and a person, and presses keys for: menus,
// announcements, voicemail, the survey. None of it may become silence: whatever
// plays or is waited for has a deadline, in case its end is never told.

// longestSound is when a playback is taken for over whose end was not told.
const longestSound = 2 * time.Minute

// Beep is the sound after which a message is spoken.
const Beep = "threerings/beep"

// playback tells whether it is something that comes to an end, or is stopped.
func (m Media) playback() bool {
	switch m {
	case MediaGreeting, MediaAnnouncement, MediaPrompt, MediaTone:
		return true
	}
	return false
}

// hear notes what the caller hears from now on, and until when at the latest.
func (c *Call) hear(m Media, until time.Time) {
	if m.playback() {
		c.Plays++
	}
	c.Media, c.DueAt = m, until
}

// prompted tells whether the caller is spoken to by the house and by nobody in it.
func (c *Call) prompted() bool {
	switch c.State {
	case CallMenu, CallAnnounced, CallVoicemail, CallSurvey:
		return true
	}
	return false
}

// waits tells whether the call is in a queue and no agent has answered it.
func (c *Call) waits() bool { return c.State == CallWaiting || c.State == CallOffered }

// heardAt is when what the caller hears must change; zero: it need not.
func (a *ACD) heardAt(c *Call) time.Time {
	switch {
	case c.prompted():
		return c.DueAt
	case c.waits() && (c.leaving() || c.Media == MediaGreeting || c.Media == MediaAnnouncement):
		return c.DueAt
	}
	return time.Time{}
}

// heardDue changes it.
func (a *ACD) heardDue(c *Call) {
	switch {
	case c.State == CallMenu:
		a.menuDue(c)
	case c.leaving():
		a.soundOver(c)
	case c.State == CallVoicemail && c.MessageAt.IsZero():
		a.soundOver(c)
	case c.State == CallVoicemail:
		a.messageOver(c, ReleaseSystem)
		a.letGo(c, HangUpNormal)
	case c.State == CallSurvey:
		a.surveyDue(c)
	default:
		a.soundOver(c)
	}
}

// soundOver: what was played to a caller has come to its end.
func (a *ACD) soundOver(c *Call) {
	switch {
	case c.leaving(): // the goodbye to who will be called back
		a.emit(PromptEnded{Call: c.ID})
		a.do(HangUp{Leg: c.Leg, Reason: HangUpNormal})
	case c.waits() && c.Media.playback():
		a.emit(GreetingEnded{Call: c.ID})
		a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
	case !c.prompted() || c.Media != MediaPrompt:
	case c.State == CallMenu:
		a.emit(PromptEnded{Call: c.ID})
	case c.State == CallAnnounced:
		a.emit(AnnouncementEnded{Call: c.ID, Release: ReleaseSystem, Cause: CauseNormal})
		a.letGo(c, HangUpNormal)
	case c.State == CallVoicemail:
		a.emit(MessageBegan{Call: c.ID})
	case c.State == CallSurvey:
		a.surveyHeard(c)
	}
}

// letGo hangs up a caller to whom the house has nothing more to say.
func (a *ACD) letGo(c *Call, reason HangUpReason) {
	a.do(HangUp{Leg: c.Leg, Reason: reason})
	a.dropBridge(c)
}

// digit: a key was pressed on some leg. Only a caller's means something here.
func (a *ACD) digit(in Digit) {
	c, part := a.find(in.Leg)
	if part != customerPart || len(in.Key) != 1 || !strings.Contains("0123456789*#ABCD", in.Key) {
		return
	}
	switch {
	case c.State == CallMenu:
		a.menuKey(c, in.Key)
	case c.State == CallVoicemail:
		a.voicemailKey(c, in.Key)
	case c.State == CallSurvey:
		a.surveyKey(c, in.Key)
	case c.waits() && c.Callback == nil:
		a.waitKey(c, in.Key)
	}
}

// leftAlone: the caller hung up on what the house was saying.
func (a *ACD) leftAlone(c *Call, cause Cause) {
	switch c.State {
	case CallMenu:
		a.emit(MenuLeft{Call: c.ID, Menu: c.menu(), Release: releaseBy(ReleaseCaller, cause), Cause: cause})
	case CallAnnounced:
		a.emit(AnnouncementEnded{Call: c.ID, Release: releaseBy(ReleaseCaller, cause), Cause: cause})
	case CallVoicemail:
		a.messageOver(c, releaseBy(ReleaseCaller, cause))
	case CallSurvey:
		a.surveyLeft(c)
	}
}

// lineAnswered answers the caller's line for something that is not a person.
func (a *ACD) lineAnswered(c *Call, by LineAnsweredBy) {
	if c.LineAnsweredAt.IsZero() {
		a.emit(LineAnswered{Call: c.ID, By: by})
		a.do(Answer{Leg: c.Leg})
	}
}

// announcement answers a call with an announcement that ends it.
func (a *ACD) announcement(c *Call, sound, reason string) {
	a.emit(AnnouncementBegan{Call: c.ID, From: c.Queue, Sound: sound, Reason: reason, Wait: a.waitIn(c), Rings: a.ringsIn(c)})
	a.lineAnswered(c, AnsweredByAnnouncement)
	a.do(Play{Leg: c.Leg, Sounds: SplitSounds(sound)})
}

// waitIn is how long the call has waited in queues, ringsIn what rings were
// heard; none before it came to one.
func (a *ACD) waitIn(c *Call) time.Duration {
	if c.QueuedAt.IsZero() {
		return 0
	}
	return a.now.Sub(c.waitedSince())
}

func (a *ACD) ringsIn(c *Call) Rings {
	if c.QueuedAt.IsZero() {
		return Rings{}
	}
	return a.callerRings(c)
}

// Recorded tells whether calls to a dialled number are recorded (R9.1). The
// switch decides when a call comes; a menu that can lead to a queue that keeps
// none is not recorded.
func (c *Config) Recorded(number string) bool {
	if q, ok := c.Numbers[number]; ok {
		return c.records(q)
	}
	all := true
	c.reach(Target{Menu: c.Entrances[number]}, func(t Target) {
		if t.Queue != "" && !c.records(t.Queue) {
			all = false
		}
	})
	return all
}
