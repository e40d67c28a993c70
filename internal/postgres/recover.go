package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/threerings/threerings/queue"
)

// recover brings what an earlier run left in the spool to Postgres. What cannot
// continue the log, since another leader has written meanwhile, is testimony
// (testimony.go); what does not otherwise (the database is another one) is set
// aside and not lost.
func (j *Journal) recover(ctx context.Context, left []queue.Record, damage error) error {
	var known, fresh []entry
	for _, r := range left {
		e, err := newEntry(r)
		if err != nil {
			return err
		}
		if r.Seq <= j.replica.Seq() {
			known = append(known, e)
		} else {
			fresh = append(fresh, e)
		}
	}
	misfit, err := j.misfit(ctx, fresh)
	if err != nil {
		return err
	}
	if misfit == nil {
		misfit = j.persistSpool(ctx, known, fresh)
		if misfit != nil && !errors.Is(misfit, ErrConflict) {
			return misfit
		}
	}
	if misfit != nil && damage == nil {
		overtaken, err := j.db.testify(ctx, j.cfg.Pool, append(known, fresh...))
		if err != nil {
			return err
		}
		if overtaken {
			j.log.Warn("an earlier run of this node did more as leader than it could tell; what is on record of its calls is corrected", "records", len(left))
			return j.spool.drop(j.replica.Seq())
		}
	}
	if misfit = errors.Join(misfit, damage); misfit != nil {
		aside, err := j.spool.setAside()
		if err != nil {
			return fmt.Errorf("set the spool aside: %w", err)
		}
		j.log.Error("the spool of an earlier run does not fit the log and was set aside; look at it before you delete it", "file", aside, "err", misfit)
		return nil
	}
	if len(fresh) > 0 {
		j.log.Info("records of an earlier run were delivered from the spool", "records", len(fresh))
	}
	return j.spool.drop(j.replica.Seq())
}

func (j *Journal) persistSpool(ctx context.Context, known, fresh []entry) error {
	// In pieces like the rest: the spool of a long outage, all of it in one
	// transaction, would never be through within attemptLimit.
	for len(known) > 0 {
		group := known[:min(len(known), groupLimit)]
		if err := j.persist(ctx, group, false); err != nil { // only compared: they are there
			return err
		}
		known = known[len(group):]
	}
	for len(fresh) > 0 {
		group := fresh[:min(len(fresh), groupLimit)]
		for i := range group {
			j.foldEntry(&group[i])
		}
		if err := j.deliver(ctx, group, true); err != nil {
			return err
		}
		j.checkpoint += len(group)
		fresh = fresh[len(group):]
	}
	return nil
}

// misfit tells why records cannot follow the log, or nil.
func (j *Journal) misfit(ctx context.Context, fresh []entry) (misfit, err error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	for i, e := range fresh {
		if want := j.replica.Seq() + 1 + uint64(i); e.record.Seq != want {
			return fmt.Errorf("record %d follows where %d is expected", e.record.Seq, want), nil
		}
	}
	var epoch uint64
	err = j.db.conns.QueryRow(ctx, "SELECT coalesce((SELECT epoch FROM events WHERE pool = $1 ORDER BY seq DESC LIMIT 1), 0)", j.cfg.Pool).Scan(&epoch)
	if err == nil && fresh[0].record.Epoch < epoch {
		misfit = fmt.Errorf("record %d was written under epoch %d, the log has come to %d", fresh[0].record.Seq, fresh[0].record.Epoch, epoch)
	}
	return misfit, err
}
