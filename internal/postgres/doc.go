// Package postgres is the memory of Threerings: every line of SQL is here.
//
// # What is kept
//
//   - The ledger (log.go): table events, append-only, numbered without holes
//     per pool. Everything else about calls can be rebuilt from it.
//   - Projections (columns.go, rows.go): calls, offers, agent intervals and
//     violations as rows, folded by the core's own code in the transaction
//     that stores the events. Lists, exports and sums read these.
//   - What the house decides: users, SIP accounts, the applied centre.yaml;
//     and the facts of each recording (house.go, recordings.go).
//
// # How it is written
//
// A call never waits for a disk. The [Journal] takes records without blocking,
// writes them to a local spool at once (they survive our sudden end), and
// commits them to Postgres in groups. While Postgres is away they stay in the
// spool, synced to disk ten times a second, and are delivered when it is back,
// also after a restart. Delivery is idempotent: a record is known by its
// number.
//
// Only the newest epoch of a pool may write: [DB.TakeEpoch] makes an earlier
// writer fail with [ErrFenced]. What that one did last, and could tell nobody,
// comes in as testimony, and corrects what is on record (testimony.go).
//
// Times are stored in UTC to the microsecond, which is what the core's clock
// counts in.
package postgres
