package queue

import "time"

// CaseKind is what a case is about.
type CaseKind string

// Kinds of case.
const CaseVoicemail CaseKind = "voicemail"

// Case is a matter that somebody must see to: the row of the cases projection.
// Its id is that of the call from which it came.
type Case struct {
	ID       CallID    `json:"id"`
	Kind     CaseKind  `json:"kind"`
	Queue    QueueID   `json:"queue"`
	Caller   string    `json:"caller"`
	OpenedAt time.Time `json:"opened_at"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
	Note     string    `json:"note,omitempty"`
	By       string    `json:"by,omitempty"` // who closed it
}

// CloseCase says that a case is seen to.
type CloseCase struct {
	Case CallID `json:"case"`
	Note string `json:"note"`
	Asked
}

func (CloseCase) input() {}

const (
	// shortestMessage: what is shorter is no message.
	shortestMessage = 2 * time.Second
	// DefaultMessageLimit is the longest message where the house sets none.
	DefaultMessageLimit = 3 * time.Minute
)

func (c *Config) messageLimit() time.Duration {
	if c.MessageLimit == 0 {
		return DefaultMessageLimit
	}
	return c.MessageLimit
}

// voicemail invites a caller to speak. The recording of the call's own leg runs
// from its beginning: what is to be noted is only where in it the message is.
func (a *ACD) voicemail(c *Call, invitation, reason string) {
	a.emit(VoicemailBegan{Call: c.ID, From: c.Queue, Sound: invitation, Reason: reason, Wait: a.waitIn(c), Rings: a.ringsIn(c)})
	a.lineAnswered(c, AnsweredByVoicemail)
	a.do(Play{Leg: c.Leg, Sounds: append(SplitSounds(invitation), Beep)})
}

// voicemailKey: # ends the message, or cuts the invitation short.
func (a *ACD) voicemailKey(c *Call, key string) {
	switch {
	case key != "#":
	case c.MessageAt.IsZero():
		a.do(StopMedia{Leg: c.Leg})
		a.emit(MessageBegan{Call: c.ID})
	default:
		a.messageOver(c, ReleaseSystem)
		a.letGo(c, HangUpNormal)
	}
}

// messageOver ends the call with what was said until now.
func (a *ACD) messageOver(c *Call, by Release) {
	var length time.Duration
	if !c.MessageAt.IsZero() {
		length = a.since(c.MessageAt)
	}
	if length < shortestMessage {
		a.emit(VoicemailEmpty{Call: c.ID, Queue: c.Queue, Length: length})
		return
	}
	a.emit(VoicemailLeft{Call: c.ID, Queue: c.Queue, From: c.MessageAt, Length: length, Release: by})
	a.emit(CaseOpened{Case: c.ID, Kind: CaseVoicemail, Queue: c.Queue, Caller: c.Caller})
}

func (a *ACD) closeCase(in CloseCase) {
	if a.cases[in.Case] == nil {
		a.emit(Refused{Req: in.Req, Code: "unknown_case", Reason: "there is no open case " + string(in.Case), By: in.By})
		return
	}
	a.emit(CaseClosed(in))
}
