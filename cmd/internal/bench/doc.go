// Package bench measures the path of a call on a real Asterisk: robots place
// and take calls over real SIP with real audio, and every time is read at a
// robot's socket. So a figure is what a phone lives through, the program, its
// ledger, Asterisk and the robots sharing one machine.
//
//	bench.go      Run: a centre in a folder of its own, one measurement after the other
//	people.go     robot callers and agents, and which call of one is which of the other
//	path.go       route_idle, connect_audio and cancel
//	dispatch.go   dispatch
//	wallboard.go  wallboard
//	screens.go    the wallboard's clients
//	recorded.go   whether the conversations of a measurement were kept whole
//	figure.go     percentiles
//	report.go     the table and bench-path.json
//	machine.go    on what it was measured
//
// # What is measured
//
//	route_idle     caller's INVITE sent → INVITE received by an agent; agents wait
//	dispatch       agent free (own BYE sent, or the far side's BYE answered) → next
//	               INVITE received by that agent; callers wait all the time
//	cancel         caller's CANCEL sent → CANCEL received by the agent who rings
//	connect_audio  agent's 200 sent → each side hears the other's own tone, the later
//	               of both; the call is recorded, and kept whole
//	wallboard      a record made → the first frame that reflects it received by a
//	               screen, for every record and every screen
//
// A call that goes wrong is an error and no sample left out: the worst cases
// are what the figures are about.
package bench
