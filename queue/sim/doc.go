// Package sim runs the ACD on a virtual clock with virtual callers, agents and
// a virtual switch, all drawn from one seed: the same seed gives the same log,
// to the byte. It answers staffing questions, and it is the ACD's hardest
// test: whole days with events doubled, late, lost, commands that fail, a
// switch that goes away, and leaders that take over from the log.
//
//	sim.go agenda.go           settings and the run; what happens next
//	house.go                   the configuration that is played, and who calls it
//	world.go                   the switch: legs, bridges, what commands do, with what delays
//	people.go shifts.go        callers who lose patience; agents who come, pick up, refuse, forget, go
//	faults.go guard.go         what goes wrong; what routing promises all the same
//	arrivals.go                who comes and when: at a steady rate, by the time of the day
//	dist.go distparse.go       how long things last
//	history.go trace.go ledger.go planfile.go   calls that really were, and where they are read from
//	fit.go ready.go            what they say of people, and who was on duty
//	intervals.go shiftfile.go  who was on duty as the ledger or a file says it
//	figures.go result.go       what came out, over all and by interval
//	stats.go erlang.go         how sure that is, and the formulas it is held against
//	runs.go staffing.go        several seeds, two settings compared, agents needed
//	draw.go picture.go         the picture
package sim
