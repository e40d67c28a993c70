package queue

import (
	"fmt"
	"slices"
	"time"
)

// Survey asks callers for a mark after a conversation (R8.1).
type Survey struct {
	// When: after every conversation that the agent ends, or only when the agent
	// sends the caller there. Empty: no survey.
	When SurveyWhen `json:"when,omitempty"`
	// Question, Again (before the question is put once more) and Thanks are sounds.
	Question []string `json:"question,omitempty"`
	Again    []string `json:"again,omitempty"`
	Thanks   []string `json:"thanks,omitempty"`
	// Wait is how long a key is waited for, zero: 6 s; Tries how often it is
	// asked, zero: 2.
	Wait  time.Duration `json:"wait,omitempty"`
	Tries int           `json:"tries,omitempty"`
	// Low is the mark up to which the supervisor is called (R8.2); zero: 2,
	// negative: never.
	Low int `json:"low,omitempty"`
}

// SurveyWhen says when a survey is offered.
type SurveyWhen string

// When a survey is offered. Never when the caller hung up.
const (
	SurveyNever  SurveyWhen = ""
	SurveyAgent  SurveyWhen = "agent"
	SurveyAlways SurveyWhen = "always"
)

// SurveyState is what became of a call's survey.
type SurveyState string

// States of a survey.
const (
	SurveyNone       SurveyState = ""
	SurveyAsked      SurveyState = "asked" // and not answered yet
	SurveyScored     SurveyState = "answered"
	SurveyRefused    SurveyState = "declined"
	SurveyNotPressed SurveyState = "unanswered"
)

// SatisfiedFrom is the mark from which a caller counts as satisfied (R8.1).
const SatisfiedFrom = 4

func (s Survey) wait() time.Duration {
	return orDefault(s.Wait, 6*time.Second)
}

func (s Survey) tries() int {
	if s.Tries == 0 {
		return 2
	}
	return s.Tries
}

func (s Survey) low() int {
	if s.Low == 0 {
		return 2
	}
	return s.Low
}

func (s Survey) validate() error {
	switch {
	case !slices.Contains([]SurveyWhen{SurveyNever, SurveyAgent, SurveyAlways}, s.When):
		return fmt.Errorf("survey: when %q: must be %s or %s", s.When, SurveyAgent, SurveyAlways)
	case s.When != SurveyNever && len(s.Question) == 0:
		return fmt.Errorf("survey: has no question")
	case s.Wait < 0 || s.Tries < 0 || s.Tries > 20 || s.Low > 5:
		return fmt.Errorf("survey: wait %s and tries %d cannot be negative (tries at most 20), low %d is a mark of 1 to 5", s.Wait, s.Tries, s.Low)
	}
	return nil
}

// surveyAfter tells whether the caller is asked when the agent has hung up.
func (a *ACD) surveyAfter(c *Call) bool {
	return c.State == CallTalking && c.surveyable() && a.queues[c.Queue].cfg.Survey.When == SurveyAlways
}

// surveyable: who speaks to the agent is somebody who called us, once.
func (c *Call) surveyable() bool {
	return c.Direction == Inbound && c.Callback == nil && c.Consult == nil && c.Survey == SurveyNone && c.ByAgent == ""
}

// toSurvey leaves the caller to the survey, at the agent's wish; false if the
// queue has none.
func (a *ACD) toSurvey(c *Call, by Asked) bool {
	if c.State != CallTalking || !c.surveyable() || a.queues[c.Queue].cfg.Survey.When == SurveyNever {
		return false
	}
	agent := c.agentLeg()
	a.beginSurvey(c, by)
	a.do(HangUp{Leg: agent, Reason: HangUpNormal})
	return true
}

// beginSurvey ends the agent's part as the end of a call does, and asks the
// caller. The room goes; the caller's leg stays.
func (a *ACD) beginSurvey(c *Call, by Asked) {
	s, held := a.queues[c.Queue].cfg.Survey, !c.HeldAt.IsZero()
	a.unmuteRecording(c, MuteEndedPart, by)
	a.emit(SurveyBegan{Call: c.ID, Agent: c.Agent, Release: ReleaseAgent, Talk: a.partTalk(c), Asked: by})
	if held {
		a.do(StopMedia{Leg: c.Leg})
	} else {
		// Out of the room before the room goes: a sound that is asked for while
		// the switch empties a room may never begin.
		a.do(Unhook{Call: c.ID, Leg: c.Leg})
	}
	a.dropBridge(c)
	a.do(Play{Leg: c.Leg, Sounds: s.Question})
}

// surveyKey: 1 to 5 is the mark, * declines, anything else is asked again.
func (a *ACD) surveyKey(c *Call, key string) {
	if c.Survey != SurveyAsked {
		return // thanked already
	}
	if c.Media == MediaPrompt {
		a.do(StopMedia{Leg: c.Leg})
	}
	switch {
	case key >= "1" && key <= "5":
		score := int(key[0] - '0')
		a.emit(SurveyAnswered{Call: c.ID, Queue: c.Queue, Agent: c.Agent, Score: score})
		if score <= a.queues[c.Queue].cfg.Survey.low() {
			a.emit(AlertRaised{Kind: AlertLowScore, Call: c.ID, Agent: c.Agent, Queue: c.Queue, Count: score})
		}
		a.thank(c)
	case key == "*":
		a.emit(SurveyDeclined{Call: c.ID, Queue: c.Queue, Agent: c.Agent})
		a.thank(c)
	default:
		a.askAgain(c, key)
	}
}

func (a *ACD) askAgain(c *Call, keys string) {
	s := a.queues[c.Queue].cfg.Survey
	if c.SurveyTries+1 >= s.tries() || len(s.Question) == 0 { // the latter: taken away meanwhile
		a.emit(SurveyUnanswered{Call: c.ID, Queue: c.Queue, Agent: c.Agent})
		a.thank(c)
		return
	}
	a.emit(SurveyAgain{Call: c.ID, Keys: keys})
	a.do(Play{Leg: c.Leg, Sounds: slices.Concat(s.Again, s.Question)})
}

func (a *ACD) thank(c *Call) {
	if thanks := a.queues[c.Queue].cfg.Survey.Thanks; len(thanks) > 0 {
		a.do(Play{Leg: c.Leg, Sounds: thanks})
		return
	}
	a.surveyOver(c)
}

func (a *ACD) surveyOver(c *Call) {
	a.emit(SurveyEnded{Call: c.ID})
	a.letGo(c, HangUpNormal)
}

// surveyHeard: the question, or the thanks, came to the end.
func (a *ACD) surveyHeard(c *Call) {
	if c.Survey == SurveyAsked {
		a.emit(PromptEnded{Call: c.ID})
		return
	}
	a.surveyOver(c)
}

func (a *ACD) surveyDue(c *Call) {
	if c.Media == MediaPrompt {
		a.soundOver(c)
		return
	}
	a.askAgain(c, "")
}

// surveyLeft: the caller hung up, which is no mark.
func (a *ACD) surveyLeft(c *Call) {
	if c.Survey == SurveyAsked {
		a.emit(SurveyUnanswered{Call: c.ID, Queue: c.Queue, Agent: c.Agent})
	}
	a.emit(SurveyEnded{Call: c.ID})
}
