// Package node is one running process of a centre: it puts the parts together
// and takes them apart again. Everything else knows nothing of each other;
// only this package knows all.
//
//	node.go    Start: ledger, pages, control socket; Close in reverse order
//	lead.go    leading the pool: journal, loop, switch, recordings
//	share.go   several nodes over Redis: lease, views, requests
//	core.go    what the pages see, whoever leads
//	house.go   the centre.yaml in force, from the ledger or a file
//	apply.go   a new one: into the core, the ledger, the switch
//	staff.go   what it changes of who may sign in
//	salvage.go what can be had of one that this version refuses
//	glue.go    the ledger and the recordings in the pages' words
//	control.go the socket that `threerings apply` and `export` talk to
//	figures.go gauges of the parts
//	disk.go    room for the ledger before the start, a sentence when it runs out
package node
