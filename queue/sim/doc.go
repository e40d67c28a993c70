// Package sim runs the ACD on a virtual clock with virtual callers, agents and
// a virtual switch, all drawn from one seed: the same seed gives the same log,
// to the byte. It answers staffing questions, and it is the ACD's hardest
// test: whole days with events doubled, late, lost, commands that fail, a
// switch that goes away, and leaders that take over from the log.
//
//	sim.go     settings and the run
//	world.go   the switch: legs, bridges, what commands do, with what delays
//	people.go  callers who lose patience, agents who pick up, refuse, forget
//	faults.go  what goes wrong
//	result.go  what came out
package sim
