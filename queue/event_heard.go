package queue

import "time"

// CallEntered: a call came to a number with a menu; it has no queue yet.
type CallEntered struct {
	Call     CallID `json:"call"`
	Menu     MenuID `json:"menu"`
	Number   string `json:"number"`
	Caller   string `json:"caller"`
	Name     string `json:"name,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
	Addr     string `json:"addr,omitempty"`
	// Unrecorded: the menu can lead to a queue that keeps no recordings (R9.1).
	Unrecorded bool    `json:"unrecorded,omitempty"`
	Level      string  `json:"level,omitempty"`
	Extra      int     `json:"extra,omitempty"`
	LastAgent  AgentID `json:"last_agent,omitempty"`
}

// MenuBegan: the caller hears a menu's prompt from its beginning.
type MenuBegan struct {
	Call CallID `json:"call"`
	Menu MenuID `json:"menu"`
}

// PromptEnded: what was played to the caller is over; a key is waited for.
type PromptEnded struct {
	Call CallID `json:"call"`
}

// KeysPressed: the caller pressed keys that may become a longer choice.
type KeysPressed struct {
	Call CallID `json:"call"`
	Keys string `json:"keys"` // all that count together
}

// MenuMissed: no key was pressed in time, or keys that mean nothing here.
type MenuMissed struct {
	Call CallID `json:"call"`
	Menu MenuID `json:"menu"`
	Keys string `json:"keys,omitempty"` // empty: none
	Try  int    `json:"try"`            // counts from 1
}

// Reasons why a menu sent a call on without a key.
const (
	ChoiceBranch    = "branch"    // hours or the customer's level decided on entry
	ChoiceOtherwise = "otherwise" // nothing was chosen
)

// MenuChosen: where a menu sends the call on. Keys is what the caller chose;
// Why is given if it was not the caller.
type MenuChosen struct {
	Call CallID `json:"call"`
	Menu MenuID `json:"menu"`
	Keys string `json:"keys,omitempty"`
	Why  string `json:"why,omitempty"`
	To   Target `json:"to"`
}

// CallRouted: a menu gave the call a place in a queue, by its arrival at the
// centre. The wait for a human voice counts from here (R1.3).
type CallRouted struct {
	Call  CallID  `json:"call"`
	Queue QueueID `json:"queue"`
}

// MenuLeft: the call ended in a menu: the caller hung up, or was sent away.
type MenuLeft struct {
	Call    CallID  `json:"call"`
	Menu    MenuID  `json:"menu"`
	Release Release `json:"release"`
	Cause   Cause   `json:"cause"`
}

// ReasonMenu is why a call has an announcement, voicemail or a number outside
// that a menu sent there.
const ReasonMenu = "menu"

// AnnouncementBegan: the call left its queue, or a menu, for an announcement
// that ends it.
type AnnouncementBegan struct {
	Call   CallID        `json:"call"`
	From   QueueID       `json:"from,omitempty"`
	Sound  string        `json:"sound"`
	Reason string        `json:"reason"` // an OverflowCause, or menu
	Wait   time.Duration `json:"wait"`
	Rings  Rings         `json:"rings"`
}

// AnnouncementEnded: and that was all; the call is over.
type AnnouncementEnded struct {
	Call    CallID  `json:"call"`
	Release Release `json:"release"`
	Cause   Cause   `json:"cause"`
}

// VoicemailBegan: the call left its queue, or a menu, for voicemail.
type VoicemailBegan struct {
	Call   CallID        `json:"call"`
	From   QueueID       `json:"from,omitempty"`
	Sound  string        `json:"sound"`  // invites to speak
	Reason string        `json:"reason"` // an OverflowCause, or menu
	Wait   time.Duration `json:"wait"`
	Rings  Rings         `json:"rings"`
}

// MessageBegan: the tone was heard; what the caller says from here on is the
// message. The recording of the call has it.
type MessageBegan struct {
	Call CallID `json:"call"`
}

// VoicemailLeft: a message was left, and the call is over. A case opens.
type VoicemailLeft struct {
	Call    CallID        `json:"call"`
	Queue   QueueID       `json:"queue,omitempty"`
	From    time.Time     `json:"from"`
	Length  time.Duration `json:"length"`
	Release Release       `json:"release"`
}

// VoicemailEmpty: the call is over with no message, or one too short to be one.
type VoicemailEmpty struct {
	Call   CallID        `json:"call"`
	Queue  QueueID       `json:"queue,omitempty"`
	Length time.Duration `json:"length"`
}

// CaseOpened: something came up that somebody must see to (R3.4).
type CaseOpened struct {
	Case   CallID   `json:"case"` // the call's id
	Kind   CaseKind `json:"kind"`
	Queue  QueueID  `json:"queue,omitempty"`
	Caller string   `json:"caller,omitempty"`
}

// CaseClosed: somebody has seen to it.
type CaseClosed struct {
	Case CallID `json:"case"`
	Note string `json:"note,omitempty"`
	Asked
}

// GreetingBegan: a caller whose line was answered before hears the greeting.
type GreetingBegan struct {
	Call CallID `json:"call"`
}

// WaitAnnounced: a waiting caller is told something; music follows.
type WaitAnnounced struct {
	Call   CallID   `json:"call"`
	Sounds []string `json:"sounds"`
}

// EstimateGiven: the caller was told a place and how long it will be.
type EstimateGiven struct {
	Call  CallID        `json:"call"`
	Place int           `json:"place"`
	Wait  time.Duration `json:"wait"` // from now
}

// SurveyBegan: the agent's part of the call is over and the caller is asked for
// a mark (R8.1).
type SurveyBegan struct {
	Call    CallID        `json:"call"`
	Agent   AgentID       `json:"agent"`
	Release Release       `json:"release"` // who ended the conversation
	Talk    time.Duration `json:"talk"`
	Asked
}

// SurveyAgain: the question is put once more.
type SurveyAgain struct {
	Call CallID `json:"call"`
	Keys string `json:"keys,omitempty"` // pressed, and no mark
}

// SurveyAnswered: the caller gave a mark.
type SurveyAnswered struct {
	Call  CallID  `json:"call"`
	Queue QueueID `json:"queue"`
	Agent AgentID `json:"agent"`
	Score int     `json:"score"` // 1 to 5
}

// SurveyDeclined: the caller would not say.
type SurveyDeclined struct {
	Call  CallID  `json:"call"`
	Queue QueueID `json:"queue"`
	Agent AgentID `json:"agent"`
}

// SurveyUnanswered: the caller pressed no key, or hung up.
type SurveyUnanswered struct {
	Call  CallID  `json:"call"`
	Queue QueueID `json:"queue"`
	Agent AgentID `json:"agent"`
}

// SurveyEnded: the call is over.
type SurveyEnded struct {
	Call CallID `json:"call"`
}

func (CallEntered) event()       {}
func (MenuBegan) event()         {}
func (PromptEnded) event()       {}
func (KeysPressed) event()       {}
func (MenuMissed) event()        {}
func (MenuChosen) event()        {}
func (CallRouted) event()        {}
func (MenuLeft) event()          {}
func (AnnouncementBegan) event() {}
func (AnnouncementEnded) event() {}
func (VoicemailBegan) event()    {}
func (MessageBegan) event()      {}
func (VoicemailLeft) event()     {}
func (VoicemailEmpty) event()    {}
func (CaseOpened) event()        {}
func (CaseClosed) event()        {}
func (GreetingBegan) event()     {}
func (WaitAnnounced) event()     {}
func (EstimateGiven) event()     {}
func (SurveyBegan) event()       {}
func (SurveyAgain) event()       {}
func (SurveyAnswered) event()    {}
func (SurveyDeclined) event()    {}
func (SurveyUnanswered) event()  {}
func (SurveyEnded) event()       {}
