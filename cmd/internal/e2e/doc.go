// Package e2e holds the tests of the whole: a real Asterisk, a real Postgres,
// robot phones with real SIP and audio, and the node as it is deployed. What
// is checked is what people would notice: who hears whom, whose phone rings
// and for how long, what stands in the ledger afterwards.
//
// Most tests share one centre, the floor. Each opens a queue of its own there,
// with a number, agents and callers that no other test knows, so they run side
// by side and mostly wait for phones to ring. Tests that end, kill or crowd a
// node have a centre of their own. When all is done nothing may be left: no
// channel and no bridge in Asterisk, no process, no folder.
//
//	go test -race ./cmd/internal/e2e
package e2e
