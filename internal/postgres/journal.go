package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/threerings/threerings/queue"
)

// JournalConfig says what a journal writes and where.
type JournalConfig struct {
	Pool  string
	Epoch uint64 // from TakeEpoch
	Spool string // folder of the local spool, made if need be
	// CheckpointEvery is the number of records between checkpoints, 20,000 if
	// zero.
	CheckpointEvery int
	// Standby has folded the log so far; nil: the last checkpoint has.
	Standby *Standby
}

// Journal brings records to Postgres behind the loop's back: Append takes them
// at once, one goroutine writes them to the spool, another commits them in
// groups.
type Journal struct {
	db    *DB
	cfg   JournalConfig
	spool *spool
	log   *slog.Logger

	wake chan struct{} // something was appended
	work chan struct{} // something is pending
	quit chan struct{} // closed by Close

	mu        sync.Mutex
	closed    bool
	incoming  []timed // appended, not in the spool yet
	pending   []timed // being or to be committed
	appended  uint64  // last number appended
	committed uint64  // last number in Postgres
	progress  chan struct{}
	unsaved   int // in memory alone: the disk refuses them, Postgres has not taken them
	rejected  int
	stale     int // records whose projections could not be written
	err       error
	failed    chan struct{}

	spooling, committing chan struct{} // closed when the goroutine has ended
	cut                  context.CancelFunc

	// Owned by the committing goroutine.
	replica    *queue.ACD
	broken     bool // the replica could not fold a record: no checkpoints of it
	checkpoint int  // records since the last one
	hole       bool // a record was refused, and no checkpoint stands behind it yet
}

// timed is an entry with the moment it was appended.
type timed struct {
	entry
	since time.Time
}

// OpenJournal brings to Postgres what an earlier run left in the spool, loads
// the pool's state, and starts the journal. The ACD it returns is the loop's:
// the journal folds a copy of its own. While Postgres is away it waits until
// ctx ends.
func (db *DB) OpenJournal(ctx context.Context, cfg JournalConfig) (*Journal, *queue.ACD, error) {
	if cfg.CheckpointEvery == 0 {
		cfg.CheckpointEvery = 20_000
	}
	j := &Journal{
		db: db, cfg: cfg, log: slog.With("pool", cfg.Pool),
		wake: make(chan struct{}, 1), work: make(chan struct{}, 1), quit: make(chan struct{}),
		progress: make(chan struct{}), failed: make(chan struct{}),
		spooling: make(chan struct{}), committing: make(chan struct{}),
	}
	live, err := j.open(ctx)
	if err != nil {
		if j.spool != nil {
			j.spool.close()
		}
		return nil, nil, fmt.Errorf("open journal of pool %s: %w", cfg.Pool, err)
	}
	var life context.Context
	life, j.cut = context.WithCancel(context.Background())
	go j.spoolAll()
	go j.commitAll(life)
	return j, live, nil
}

func (j *Journal) open(ctx context.Context) (*queue.ACD, error) {
	var left []queue.Record
	var damage, err error
	j.spool, left, damage, err = openSpool(j.cfg.Spool, j.cfg.Pool)
	if err != nil {
		return nil, err
	}
	var told time.Time
	for wait := (backOff{}); ; wait.pause(ctx) {
		if j.replica, err = j.load(ctx); err == nil {
			break
		}
		if !isAway(err) || ctx.Err() != nil {
			return nil, err
		}
		if time.Since(told) > complainEvery {
			told = time.Now()
			j.log.Warn("waiting for Postgres to load the state", "err", err)
		}
	}
	if err := j.recover(ctx, left, damage); err != nil {
		return nil, err
	}
	j.appended, j.committed = j.replica.Seq(), j.replica.Seq()
	state, err := j.replica.Checkpoint()
	if err != nil {
		return nil, err
	}
	live, err := queue.Restore(state)
	if err != nil {
		return nil, err
	}
	live.SetEpoch(j.cfg.Epoch)
	return live, nil
}

func (j *Journal) load(ctx context.Context) (*queue.ACD, error) {
	if j.cfg.Standby != nil {
		return j.cfg.Standby.take(ctx)
	}
	return j.db.Load(ctx, j.cfg.Pool)
}

// Append takes records to be stored, in the order of their numbers. It never
// blocks and does no I/O.
func (j *Journal) Append(records []queue.Record) {
	if len(records) == 0 {
		return
	}
	now := time.Now()
	j.mu.Lock()
	if j.closed || j.err != nil {
		j.mu.Unlock()
		j.log.Error("records after the journal's end are not stored", "records", len(records), "first", records[0].Seq, "err", j.Err())
		return
	}
	for _, r := range records {
		j.incoming = append(j.incoming, timed{entry{record: r}, now})
	}
	j.appended = records[len(records)-1].Seq
	j.mu.Unlock()
	signal(j.wake)
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Flush waits until all that was appended before is durable in Postgres.
func (j *Journal) Flush(ctx context.Context) error {
	j.mu.Lock()
	target := j.appended
	j.mu.Unlock()
	for {
		j.mu.Lock()
		done, progress, err := j.committed >= target, j.progress, j.err
		j.mu.Unlock()
		if done || err != nil {
			return err
		}
		select {
		case <-progress:
		case <-j.committing:
			return fmt.Errorf("flush journal of pool %s: it is closed", j.cfg.Pool)
		case <-ctx.Done():
			records, age := j.Lag()
			return fmt.Errorf("flush journal of pool %s: %d records are not in Postgres yet, the oldest for %s: %w", j.cfg.Pool, records, age.Round(time.Millisecond), ctx.Err())
		}
	}
}

// Lag is how many records are not in Postgres yet, and for how long the oldest
// of them has waited.
func (j *Journal) Lag() (records int, age time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	records = len(j.pending) + len(j.incoming)
	switch {
	case len(j.pending) > 0:
		age = time.Since(j.pending[0].since)
	case len(j.incoming) > 0:
		age = time.Since(j.incoming[0].since)
	}
	return records, age
}

// JournalStats are the journal's figures for metrics.
type JournalStats struct {
	Appended   uint64 // number of the last record taken
	Spooled    uint64 // of the last record in the local spool
	Committed  uint64 // of the last record in Postgres
	Lag        int    // records not in Postgres yet
	LagAge     time.Duration
	SpoolBytes int64
	Unsaved    int // of these, records in memory alone, as the spool cannot be written: lost with the process
	Rejected   int // records that Postgres refused for good, kept beside the spool
	Stale      int // records whose projections were refused: rebuild
}

// Stats returns the journal's figures.
func (j *Journal) Stats() JournalStats {
	records, age := j.Lag()
	s := JournalStats{Lag: records, LagAge: age, SpoolBytes: j.spool.bytes()}
	j.spool.mu.Lock()
	s.Spooled = j.spool.last
	j.spool.mu.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	s.Appended, s.Committed, s.Rejected, s.Stale = j.appended, j.committed, j.rejected, j.stale
	s.Unsaved = min(j.unsaved, s.Lag) // those that Postgres took since are counted out at the next look
	return s
}

// Failed is closed when the journal can never write again, as Err tells: a
// newer leader has taken over. The program must then stop leading the pool.
func (j *Journal) Failed() <-chan struct{} { return j.failed }

// Err is why Failed is closed, or nil.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

func (j *Journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = fmt.Errorf("journal of pool %s: %w", j.cfg.Pool, err)
		close(j.failed)
	}
}

// Close stores what was appended and a checkpoint, and ends the journal. If
// ctx ends first, what is left stays in the spool for the next start, and the
// error says how much.
func (j *Journal) Close(ctx context.Context) error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		<-j.committing
		return nil
	}
	j.closed = true
	j.mu.Unlock()
	close(j.quit)
	stop := context.AfterFunc(ctx, j.cut)
	defer stop()
	<-j.spooling
	<-j.committing
	j.cut()
	left, _ := j.Lag()
	err := j.Err()
	switch unsaved := j.Stats().Unsaved; {
	case err != nil || left == 0:
	case unsaved > 0:
		err = fmt.Errorf("close journal of pool %s: %d records are not in Postgres, and the last %d of them are lost, as %s could not be written (is the disk full?)", j.cfg.Pool, left, unsaved, j.spool.path)
	default:
		err = fmt.Errorf("close journal of pool %s: %d records are not in Postgres; they wait in %s and are delivered at the next start", j.cfg.Pool, left, j.spool.path)
	}
	if closeErr := j.spool.close(); err == nil && closeErr != nil {
		err = fmt.Errorf("close journal of pool %s: %w", j.cfg.Pool, closeErr)
	}
	return err
}
