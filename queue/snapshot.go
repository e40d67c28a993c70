package queue

import "time"

// Snapshot is the present of a pool, copied out of the ACD: safe to read
// anywhere, never changed. Slices are in the configuration's order (queues,
// agents) and in order of arrival (calls).
type Snapshot struct {
	Seq    uint64    `json:"seq"` // of the last record
	At     time.Time `json:"at"`
	Day    string    `json:"day"`
	Switch bool      `json:"switch"` // events of the switch reach us
	Config *Config   `json:"-"`      // shared, immutable
	Queues []QueueNow
	Agents []Agent
	Calls  []Call  // live calls
	Offers []Offer // open offers
}

// QueueNow is a queue's present and its day.
type QueueNow struct {
	Queue        QueueID            `json:"queue"`
	Waiting      int                `json:"waiting"` // waiting or offered: no agent has answered yet
	WaitingSince time.Time          `json:"waiting_since"`
	Talking      int                `json:"talking"`
	Agents       map[AgentState]int `json:"agents"` // of those who serve it
	Today        Tally              `json:"today"`
}
