package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/threerings/threerings/queue"
)

// Standby folds a pool's log as another node writes it, so that a takeover has
// only the last second of it to fold. Give it to OpenJournal.
type Standby struct {
	db   *DB
	pool string

	mu  sync.Mutex
	acd *queue.ACD // nil: nothing is folded yet, or it was handed over
}

// NewStandby prepares a standby of a pool; Run does the work.
func (db *DB) NewStandby(pool string) *Standby { return &Standby{db: db, pool: pool} }

// foldEvery is the pause between looks at the log: what comes meanwhile is all
// that a takeover must fold.
const foldEvery = time.Second

// Run folds what is new, again and again, until ctx ends. While idle says so,
// as this node leads, it does nothing and holds nothing.
func (s *Standby) Run(ctx context.Context, idle func() bool) {
	tick := time.NewTicker(foldEvery)
	defer tick.Stop()
	var told time.Time
	for {
		switch err := s.look(ctx, idle); {
		case err == nil:
			told = time.Time{}
		case ctx.Err() == nil && time.Since(told) > complainEvery:
			told = time.Now()
			slog.Warn("standing by without the ledger's end; a takeover would fold more of it", "pool", s.pool, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// CatchUp folds now what is new, the first time all of it.
func (s *Standby) CatchUp(ctx context.Context) error {
	if err := s.look(ctx, func() bool { return false }); err != nil {
		return fmt.Errorf("fold the ledger of pool %s: %w", s.pool, err)
	}
	return nil
}

func (s *Standby) look(ctx context.Context, idle func() bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if idle() {
		s.acd = nil
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	return s.catchUp(ctx)
}

// catchUp folds what was committed since. A log that does not continue what is
// folded (a record was refused, and a checkpoint stands behind it) is loaded
// anew.
func (s *Standby) catchUp(ctx context.Context) (err error) {
	if s.acd != nil {
		err = s.db.foldTail(ctx, s.pool, s.acd)
		if !errors.Is(err, errBadLog) {
			return err // away: what is folded stays good
		}
		s.acd = nil
	}
	acd, err := s.db.Load(ctx, s.pool)
	if err == nil {
		s.acd = acd
	}
	return err
}

// take hands over the state with all that is committed. It is called after the
// epoch was taken, so nobody else writes any more.
func (s *Standby) take(ctx context.Context) (*queue.ACD, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	acd := s.acd
	s.acd = nil
	var last uint64
	err := s.db.conns.QueryRow(ctx, "SELECT coalesce(max(seq), 0) FROM events WHERE pool = $1", s.pool).Scan(&last)
	if err != nil || last != acd.Seq() {
		// A database that was put back to an earlier state while this node stood
		// by knows nothing of what is folded here.
		return s.db.Load(ctx, s.pool)
	}
	return acd, nil
}
