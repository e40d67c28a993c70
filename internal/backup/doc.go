// Package backup is the format of a centre's backup: one stream that is
// written and read from its beginning to its end, so that it fits a pipe.
//
// # What is in it
//
// A tar compressed by gzip; any tar opens it. Its entries, in this order:
//
//	head.json                     what it is: programme, schema, moment, tables
//	ledger/TABLE/000001.copy …    rows of a table in pieces, as COPY has them (text, UTF-8)
//	sounds/NAME.ulaw …            the house's own recordings for callers to hear
//	recordings/2026/11/22/CALL.wav
//	problems/000001.json …        what is not as the index has it, behind the file or in its place
//	seal.json                     counts, and the digest of all that comes before
//
// The seal is last: without it a stream was cut off. Each entry has its SHA-256
// in a PAX record, written before its content. A recording's
// is the one of the index, so a file that is no longer what the index says
// shows as such, and a problem entry right behind it tells; a difference that
// no problem tells of is damage.
//
// # Reading what a stranger wrote
//
// A [Reader] takes no entry that it does not expect at that place, no name
// that leads out of a folder, no sparse file, and keeps nothing in memory but
// the head, one problem and the seal, each limited to [MaxDocument].
package backup
