// Package queue is the automatic call distributor of Threerings as a pure
// machine: it decides who gets which call, how long a phone may ring, and what
// is written down about it. It does no I/O, starts no goroutine and reads no
// clock.
//
// # One way in, one way out
//
// Everything that reaches the ACD is an [Input]: a ringing phone, an agent's
// key press, a click on a page, an answer of the switch. [ACD.Step] takes one
// input and the time and returns
//
//   - [Record]s: events, what is now true, in past tense. They are stored and
//     are the only thing that changes state (see apply.go). Folding them gives
//     the same ACD back: that is how a restart or a second node takes over.
//   - [Command]s: what the switch must now do, in the imperative. Every
//     command is idempotent, since every id in it was chosen here.
//
// Time is an argument. Deadlines are fields of calls, offers and agents;
// [ACD.Next] is the earliest of them, so the owner needs a single timer and
// nothing can be forgotten when a call ends.
//
// # Where things are
//
//	config.go      queues, agents, numbers: what the house decided
//	input.go event.go command.go   the three closed vocabularies
//	acd.go         Step, Next, Replay
//	call.go offer.go agent.go      one concern each: facts and transitions
//	apply*.go      the fold: the only place where state changes
//	route.go       who gets which call
//	overflow.go    when a call may not wait on, and where it goes; hours.go when a queue is open
//	rings.go       cadences, rings heard, limits (R1)
//	measure.go     every figure, computed in one place
//	snapshot.go    the present, read-only, for screens
//	reconcile.go   after a gap: what the switch has now against what we believe
//	check.go       invariants, checked after each step in tests
//
// Rules of the house are cited as R1.3 and so on.
package queue
