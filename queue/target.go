package queue

// Target is where a call can be sent: exactly one field is given, and none
// means a busy answer.
type Target struct {
	Queue  QueueID `json:"queue,omitempty"`
	Agent  AgentID `json:"agent,omitempty"`  // in transfers only
	Number string  `json:"number,omitempty"` // outside, over the trunk
	Menu   MenuID  `json:"menu,omitempty"`
	// Voicemail is a sound that invites to leave a message.
	Voicemail string `json:"voicemail,omitempty"`
	// Announcement is a sound after which the call is ended.
	Announcement string `json:"announcement,omitempty"`
}

// MenuID names a menu, as in the configuration.
type MenuID string

// validNumber: a number that may be dialled outside: digits, with a + in front
// for the international form.
func validNumber(n string) bool {
	if len(n) > 0 && n[0] == '+' {
		n = n[1:]
	}
	for _, r := range n {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(n) >= 2 && len(n) <= 32
}
