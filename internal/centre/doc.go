// Package centre reads centre.yaml, the description of the house: its queues
// with their ring rules, its agents and their phones, the numbers callers
// dial, the reasons for not being ready, and who may look at the pages.
//
// A supervisor writes the file; examples/centre.yaml explains every key. The
// whole file is read and judged before any of it counts. Everything that is
// wrong comes back at once, one sentence per problem, with file, line and key:
//
//	centre.yaml:14: queues.support.ring.agent: must be 1 to 20, not 40
//
// The result has two parts. Config is what the core decides by; it holds no
// secrets, since it is kept in the event log for ever. Accounts and Users hold
// passwords, and go to the switch and to the pages' log-in alone. Text is the
// file as it was given, passwords included: keep it where those may be kept.
//
// Schema describes the same keys for editors; a key that the parser asks for and
// the schema does not name fails a test.
//
// Diff tells what a new file would change, before it is applied. Demo writes
// the file of the demonstration, so that it takes the same way in.
package centre
