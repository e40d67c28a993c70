package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/threerings/threerings/queue"
)

const (
	groupLimit    = 2000             // records in one transaction
	attemptLimit  = 15 * time.Second // for one transaction
	complainEvery = 5 * time.Minute  // about the same
)

// commitAll commits what is pending, in groups, until the journal is closed
// and nothing is left, or life ends, or a newer leader has taken over.
func (j *Journal) commitAll(life context.Context) {
	defer close(j.committing)
	for {
		j.mu.Lock()
		group := make([]entry, min(len(j.pending), groupLimit))
		for i := range group {
			group[i] = j.pending[i].entry
		}
		j.mu.Unlock()
		if len(group) == 0 {
			select {
			case <-j.work:
				continue
			case <-j.spooling:
			}
			if records, _ := j.Lag(); records > 0 {
				continue
			}
			if j.checkpoint > 0 {
				j.saveCheckpoint(life)
			}
			return
		}
		if err := j.store(life, group); err != nil {
			if life.Err() == nil {
				j.log.Error("the journal stops", "err", err)
				j.fail(err)
			}
			return
		}
	}
}

// store folds a group and brings it to Postgres.
func (j *Journal) store(ctx context.Context, group []entry) error {
	last := group[len(group)-1].record.Seq
	count := len(group)
	for i := range group {
		j.foldEntry(&group[i])
	}
	group = slices.DeleteFunc(group, func(e entry) bool {
		if e.kind == "" {
			j.refuse(e, errors.New("it has no stored form"))
		}
		return e.kind == ""
	})
	if len(group) > 0 {
		if err := j.deliver(ctx, group, true); err != nil {
			return err
		}
	}
	j.checkpoint += count
	if j.hole { // before anybody is told that all is stored
		j.saveCheckpoint(ctx)
	}
	j.mu.Lock()
	j.pending = j.pending[count:]
	if len(j.pending) == 0 {
		j.pending = nil
	}
	j.committed = last
	close(j.progress)
	j.progress = make(chan struct{})
	j.mu.Unlock()
	if err := j.spool.drop(last); err != nil {
		j.log.Warn("the spool cannot be emptied; it is delivered again at the next start, which is harmless", "err", err)
	}
	if j.checkpoint >= j.cfg.CheckpointEvery {
		j.saveCheckpoint(ctx)
	}
	return nil
}

// foldEntry folds an entry into the replica, once, however often it is tried.
func (j *Journal) foldEntry(e *entry) {
	if e.folded {
		return
	}
	e.folded = true
	rows, err := fold(j.replica, e.record)
	if err != nil {
		j.broken = true
		j.mu.Lock()
		j.stale++
		j.mu.Unlock()
		j.log.Error("a record cannot be folded into rows; it is stored, the projections are not complete", "err", err)
		return
	}
	e.rows = rows
}

// deliver commits entries and tries again for as long as Postgres is away. If
// Postgres refuses their content, the ones at fault are found by halving, so
// that one bad record cannot hold up the ledger: it is then stored without its
// projections, or, when even that is refused, kept in a file and counted.
func (j *Journal) deliver(ctx context.Context, entries []entry, project bool) error {
	err := j.persist(ctx, entries, project)
	if err == nil || !isBadData(err) {
		return err
	}
	if half := len(entries) / 2; half > 0 {
		if err := j.deliver(ctx, entries[:half], project); err != nil {
			return err
		}
		return j.deliver(ctx, entries[half:], project)
	}
	if project {
		j.log.Error("rows of a record were refused; it is stored without them, rebuild the projections after an update", "seq", entries[0].record.Seq, "err", err)
		j.mu.Lock()
		j.stale++
		j.mu.Unlock()
		return j.deliver(ctx, entries, false)
	}
	j.refuse(entries[0], err)
	return nil
}

// persist is one commit, repeated while Postgres is away.
func (j *Journal) persist(ctx context.Context, entries []entry, project bool) error {
	wait, complained := backOff{}, time.Time{}
	for {
		attempt, cancel := context.WithTimeout(ctx, attemptLimit)
		err := j.commit(attempt, entries, project)
		cancel()
		if err == nil {
			if !complained.IsZero() {
				j.log.Info("Postgres is back; records are being delivered")
			}
			return nil
		}
		if errors.Is(err, ErrFenced) || errors.Is(err, ErrConflict) || isBadData(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(complained) > complainEvery {
			s := j.Stats()
			j.log.Error("Postgres does not take records; they are kept until it does", "records", s.Lag, "only_in_memory", s.Unsaved, "err", err)
			complained = time.Now()
		}
		wait.pause(ctx)
	}
}

func (j *Journal) commit(ctx context.Context, entries []entry, project bool) error {
	return j.db.inTx(ctx, func(tx pgx.Tx) error {
		if err := fence(ctx, tx, j.cfg.Pool, j.cfg.Epoch); err != nil {
			return err
		}
		if err := insert(ctx, tx, j.cfg.Pool, entries); err != nil || !project {
			return err
		}
		changed, b := changes{}, &pgx.Batch{}
		for i := range entries {
			changed.add(entries[i].rows)
		}
		changed.queue(b, j.cfg.Pool)
		return send(ctx, tx, b)
	})
}

// isBadData reports whether the content of a record is at fault: only then is
// it of use to try the others alone.
func isBadData(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err != nil && strings.Contains(err.Error(), "failed to encode")
	}
	switch pg.Code[:2] {
	case "22", "23", "54": // data, constraint, limit (too long for an index)
		return true
	}
	return false
}

// refuse keeps a record that Postgres will never take. The log has a hole
// then, so a checkpoint behind it must follow at once.
func (j *Journal) refuse(e entry, cause error) {
	line, err := e.line()
	if e.kind == "" || err != nil {
		line = fmt.Appendf(nil, "%d %s %#v\n", e.record.Seq, e.record.At.Format(time.RFC3339Nano), e.record.Event)
	}
	err = j.spool.reject(line)
	j.log.Error("a record cannot be stored; it is kept in the file beside the spool", "seq", e.record.Seq, "type", queue.TypeOf(e.record.Event),
		"file", j.spool.path+".rejected", "err", errors.Join(cause, err))
	j.hole = true
	j.mu.Lock()
	j.rejected++
	j.mu.Unlock()
}

func (j *Journal) saveCheckpoint(ctx context.Context) {
	if j.broken {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	if err := j.db.SaveCheckpoint(ctx, j.cfg.Pool, j.cfg.Epoch, j.replica); err != nil {
		j.log.Warn("no checkpoint was stored; the next start folds more of the log", "err", err)
		return
	}
	j.checkpoint, j.hole = 0, false
}
