// Package recording turns what Asterisk wrote of a conversation into a kept
// recording (R9.1): a WAV file in the store, and a row that says what is in it.
//
// # From the switch to the store
//
// MixMonitor, started in the dialplan on the customer's leg, writes
// SPOOL/<call id>.raw: 16-bit samples, 8 kHz, left the caller, right what the
// caller hears (facts 3.2). A [Keeper] makes of it, in this order:
//
//  1. wait until the switch has written everything;
//  2. STORE/2026/11/22/<call id>.wav: under another name first, synced, renamed;
//  3. the row in the [Index];
//  4. remove the raw file.
//
// Each step may be the last one of a process. Doing all of them again gives
// the same result, and the raw file is there until the row is: a recording is
// never in no place. That is also how a full disk or a lost database mends
// itself: the error stays visible ([Keeper.Trouble]), the raw file stays where
// it is, and the sweep tries again each minute.
//
// # Nothing waits for it
//
// [Keeper.Run] takes ended calls as fast as they come; waiting costs a sleeping
// goroutine, and two calls at most are read and written at a time. A call that
// was never handed over, or was lost in a restart, is found by the sweep, which
// asks the index for ended calls without a row.
//
// # Coverage
//
// Every conversation gets a row, whether or not there is something to hear. Its
// [State] is kept when nothing speaks against it; incomplete when the file is
// shorter than the time between answer and hang-up, or one of the two cannot be
// heard; missing when there is no audio at all. Reason says it in a sentence. Of
// a call that ended while nobody looked the file is the better clock.
// coverage.go holds the rules, [Coverage] what was measured.
//
// Audio of callers who never spoke with anybody is not a conversation. It is
// removed once the call is on record without one. Audio of a call that is not on
// record may be one, made by the switch alone: after an hour it goes to
// STORE/unclaimed/2026-11-22/<call id>.wav, where it stays, and from where it is
// taken back should the call come on record.
package recording
