package queue

import "time"

// Output is what a step brought about.
type Output struct {
	Records  []Record  // what is now true, to be stored in this order
	Commands []Command // what the switch must do, in this order
}

// ACD is the state of one pool. It is not safe for concurrent use: one
// goroutine owns it.
type ACD struct {
	now time.Time
}
