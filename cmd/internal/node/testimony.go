package node

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
)

// A leader that can reach nobody goes on, and may be replaced meanwhile. What it
// did last is in its spool alone: it tells when it can, and whoever leads then
// puts the calls' records right.

// complainEvery is the pause between complaints about the same.
const complainEvery = 5 * time.Minute

func (n *Node) spoolFolder() string { return filepath.Join(n.set.Data, "spool", n.set.Pool) }

const (
	// hearEvery is the pause between looks for testimony, on both sides. The calls
	// are over, or go on in good order: nobody waits for it.
	hearEvery = 10 * time.Second
	// testifyWithin limits one try: who is to lead waits for the spool.
	testifyWithin = 2 * time.Second
)

// testify tells, while this node stands by, what it did last as leader. That the
// present one has written in its place, which makes it certain, may come later
// than its own end as leader; so it looks again and again.
func (n *Node) testify(ctx context.Context) {
	tick := time.NewTicker(hearEvery)
	defer tick.Stop()
	var told time.Time
	for {
		if n.spool.TryLock() { // else it leads, and the spool is in use
			within, cancel := context.WithTimeout(ctx, testifyWithin)
			err := n.db.Testify(within, n.set.Pool, n.spoolFolder())
			cancel()
			n.spool.Unlock()
			if err != nil && ctx.Err() == nil && time.Since(told) > complainEvery {
				told = time.Now()
				n.log.Warn("what this node did last as leader is in its spool still; it is told when the ledger is there", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// hear corrects what is on record of calls of which a former leader knew more.
func (n *Node) hear(ctx context.Context, leader dashboard.Core, journal *postgres.Journal) error {
	tick := time.NewTicker(hearEvery)
	defer tick.Stop()
	var told time.Time
	for {
		if err := n.hearAll(ctx, leader, journal); err != nil && ctx.Err() == nil && time.Since(told) > complainEvery {
			told = time.Now()
			n.log.Warn("what former leaders knew of calls is not on record yet; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (n *Node) hearAll(ctx context.Context, leader dashboard.Core, journal *postgres.Journal) error {
	found, err := n.db.Testimonies(ctx, n.set.Pool)
	if err != nil {
		return err
	}
	var failed error
	for _, in := range found {
		in.By, in.Req = "ledger", "correct-"+string(in.Call)
		e, err := leader.Ask(ctx, in, in.Req)
		if err == nil {
			if r, ok := e.(queue.Refused); ok {
				err = errors.New(r.Reason)
			} else if err = journal.Flush(ctx); err == nil {
				err = n.db.Settle(ctx, n.set.Pool, in.Call)
			}
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("call %s: %w", in.Call, err))
			continue
		}
		n.log.Info("the record of a call was corrected by what a former leader knew", "call", in.Call, "agent", in.Agent, "outcome", in.After.Outcome)
	}
	return failed
}

// endedEarlier puts right what is on record of a call that ended while nobody
// looked: its talk time would be too long by that.
func (n *Node) endedEarlier(ctx context.Context, call queue.CallID, end time.Time) {
	leader := n.core.leader()
	if leader == nil {
		return
	}
	known, err := n.db.Call(ctx, call)
	if err == nil {
		in, wrong := queue.EndedEarlier(known.Call, known.Parts, end)
		if !wrong {
			return
		}
		in.By, in.Req = "recording", "ended-"+string(call)
		_, err = leader.Ask(ctx, in, in.Req)
	}
	if err != nil && ctx.Err() == nil {
		n.log.Warn("a call that ended while nobody looked keeps the end at which it was missed", "call", call, "err", err)
	}
}

// doubtful tells whether more may come on record of a call: its leader was
// replaced while it lasted. Then its audio is not thrown away yet.
func (n *Node) doubtful(ctx context.Context, c queue.Call) bool {
	took, err := n.db.TookOver(ctx, c)
	return took || err != nil
}
