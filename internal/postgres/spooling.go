package postgres

import "time"

const (
	syncEvery = 100 * time.Millisecond // at most, while Postgres is away
	awayAfter = 300 * time.Millisecond // a record not in Postgres by then needs the disk
	// spoolLimit is the number of records in one write: what a full disk
	// refuses is encoded again at each try, however many wait behind it.
	spoolLimit = 500
	// spoolAgainAfter is the pause before a refused write is tried again.
	spoolAgainAfter = time.Second
)

// unspooled is what the disk has refused: records that are in memory alone
// until Postgres has them or there is room.
type unspooled struct {
	entries []entry
	failing bool      // since the last write that worked
	told    time.Time // the last complaint
	again   time.Time // not tried before
}

// spoolAll writes what is appended to the spool and hands it on.
func (j *Journal) spoolAll() {
	defer close(j.spooling)
	var left unspooled
	var syncTold time.Time
	var tick <-chan time.Time
	for {
		closing := false
		select {
		case <-j.wake:
		case <-tick:
			tick = nil
		case <-j.quit:
			closing = true
			left.again = time.Time{}
		}
		j.spoolIncoming(&left)
		if _, age := j.Lag(); age > awayAfter && j.spool.unsynced() {
			if err := j.spool.sync(); err != nil && time.Since(syncTold) > complainEvery {
				syncTold = time.Now()
				j.log.Error("the spool cannot be synced to disk", "err", err)
			}
		}
		if closing {
			return
		}
		if tick == nil && (j.spool.unsynced() || len(left.entries) > 0) {
			tick = time.After(syncEvery)
		}
	}
}

// spoolIncoming takes what was appended, spools it, and hands it on to be
// committed whether or not the disk took it.
func (j *Journal) spoolIncoming(left *unspooled) {
	j.mu.Lock()
	taken := j.incoming
	stored := j.committed
	j.mu.Unlock()
	for len(left.entries) > 0 && left.entries[0].record.Seq <= stored {
		left.entries = left.entries[1:]
	}
	ready := make([]timed, 0, len(taken))
	for _, t := range taken {
		if e, err := newEntry(t.record); err == nil {
			t.entry = e
			left.entries = append(left.entries, e)
		} // else it cannot be written anywhere; store refuses it in its turn
		ready = append(ready, t)
	}
	j.spoolLeft(left)
	j.mu.Lock()
	j.unsaved = len(left.entries)
	j.incoming = j.incoming[len(taken):]
	if len(j.incoming) == 0 {
		j.incoming = nil // give the memory back
	}
	j.pending = append(j.pending, ready...)
	j.mu.Unlock()
	if len(ready) > 0 {
		signal(j.work)
	}
}

// spoolLeft writes what it can. The log hears of a disk that refuses, and of
// its end, not of each try: a full disk refuses each record for hours.
func (j *Journal) spoolLeft(left *unspooled) {
	if left.failing && time.Now().Before(left.again) {
		return
	}
	for len(left.entries) > 0 {
		n := min(len(left.entries), spoolLimit)
		if err := j.spool.write(left.entries[:n]); err != nil {
			left.failing, left.again = true, time.Now().Add(spoolAgainAfter)
			if time.Since(left.told) > complainEvery {
				left.told = time.Now()
				j.log.Error("the spool cannot be written: records are only in memory until Postgres has them; make room (is the disk full?) before you restart", "err", err)
			}
			return
		}
		left.entries = left.entries[n:]
		if left.failing {
			left.failing, left.told = false, time.Time{}
			j.log.Info("the spool can be written again")
		}
	}
	left.entries = nil // give the memory back
}
