// Package chaos proves what reliability.md says: it plays real calls on a real
// Asterisk, Postgres and Redis with `threerings serve` in a process of its own,
// breaks one part after the other in a way that comes from a seed, and then
// compares call by call what the robots lived through with the ledger and the
// recordings.
//
// # The world
//
// One folder holds everything (world.go). threerings reaches Asterisk's ARI,
// Postgres and Redis only through proxies of ours (proxy.go), which can cut,
// swallow, slow down and stall; SIP and audio go straight, since they are not
// threerings' business. Callers and agents are robots with tones of their own
// (people.go), so that who hears whom, and for how long not, is measured where
// it matters: at the telephones.
//
// # What is compared
//
// A caller's number is used once, so a call of a robot and a row of the ledger
// are the same or they are not (judge.go). Order is judged by first offers: at
// the instant a telephone rings for a caller, nobody who came earlier may be
// waiting without one (order.go). A conversation is dropped when it ended and
// neither robot ended it. Recorded is what has both tones in the kept file
// (recorded.go).
//
// # What is not known here
//
// Real time is not replayed: a seed gives the same callers, talks and instants
// of faults, but the machine's own hesitations are its own. A seed that found a
// fault finds it again more often than not, not always.
package chaos
