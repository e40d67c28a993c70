package node

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/internal/loop"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
)

// leading is what exists only while this node leads the pool.
type leading struct {
	journal atomic.Pointer[postgres.Journal]
	sw      atomic.Pointer[ari.Switch]
}

func (l *leading) is() bool { return l.sw.Load() != nil }

// part is something that runs as long as this node leads; when one ends, all do.
type part struct {
	name string
	run  func(context.Context) error
}

// lead leads the pool until ctx ends or another node takes over: a new epoch
// fences the ledger, the ledger is folded, and the switch's own view corrects
// what changed since. The parts beside begin when there is a loop to ask.
func (n *Node) lead(ctx context.Context, beside ...part) error {
	var epoch uint64
	err := patiently(ctx, n.log, "take an epoch", func() (err error) {
		epoch, err = n.db.TakeEpoch(ctx, n.set.Pool, n.set.Node)
		return err
	})
	if err != nil {
		return ignoreEnd(ctx, err)
	}
	n.spool.Lock()
	defer n.spool.Unlock()
	journal, acd, err := n.db.OpenJournal(ctx, postgres.JournalConfig{Pool: n.set.Pool, Epoch: epoch, Spool: n.spoolFolder(), Standby: n.standby})
	if err != nil {
		return ignoreEnd(ctx, err)
	}
	acd.SetEpoch(epoch)
	n.log.Info("leading", "epoch", epoch, "ledger", acd.Seq())

	var l *loop.Loop
	sw := ari.New(ari.Options{URL: n.set.Asterisk.URL + "/ari", User: n.set.Asterisk.User,
		Password: n.set.Asterisk.Password.Reveal(), App: n.set.Asterisk.App, Trunk: n.set.Asterisk.Trunk, Log: n.log,
		Leads:  func(ctx context.Context) error { return n.replaced(ctx, epoch) },
		Phones: ari.Limits{Silence: n.set.Asterisk.Silence, Hold: n.set.Asterisk.Hold, Qualify: n.set.Asterisk.Qualify}},
		func(in queue.Input) { l.Send(in) })
	ended := newFollower(journal)
	l = loop.New(acd, loop.Options{Journal: ended, Switch: sw, Location: n.house.location(), Observe: n.metrics.StepTook, Log: n.log})
	n.leadNow.journal.Store(journal)
	n.leadNow.sw.Store(sw)
	defer func() {
		n.leadNow.sw.Store(nil)
		n.leadNow.journal.Store(nil)
	}()

	parts, partCtx := errgroup.WithContext(ctx)
	// The loop stops first. When this node is told to end, what the loop has put
	// on record is still carried out, so whoever leads next finds no offer whose
	// phone was never rung; when another leads, nothing more is.
	work, loopEnded := context.WithCancel(context.WithoutCancel(ctx))
	defer loopEnded()
	begin := func(what string, f func(context.Context) error) {
		parts.Go(func() error {
			if err := f(work); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			if ctx.Err() == nil {
				return fmt.Errorf("%s: %w", what, errEnded)
			}
			return nil
		})
	}
	begin("loop", func(context.Context) error {
		defer loopEnded()
		err := l.Run(partCtx)
		if !toldToEnd(ctx) {
			sw.Abandon()
		}
		return err
	})
	n.core.follow(partCtx, l)
	for _, p := range beside {
		begin(p.name, p.run)
	}
	begin("switch", sw.Run)
	begin("ledger", func(ctx context.Context) error {
		select {
		case <-journal.Failed():
			return journal.Err()
		case <-ctx.Done():
			return nil
		}
	})
	begin("house", func(ctx context.Context) error {
		defer n.house.end()
		if err := n.house.begin(ctx, l, sw); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})
	begin("testimony", func(ctx context.Context) error { return n.hear(ctx, l, journal) })
	begin("sampling", n.sample)
	begin("recordings", func(ctx context.Context) error {
		go ended.run(ctx, n.db)
		n.keeper.Run(ctx, ended.calls)
		return nil
	})
	err = parts.Wait()
	n.leadNow.sw.Store(nil) // what is left is to write down what was: nobody must be told that this node leads
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return errors.Join(ignoreEnd(ctx, err), journal.Close(closing))
}

// leadsWithin limits the question who leads: callers wait for the answer.
const leadsWithin = 500 * time.Millisecond

// replaced fails when the ledger knows a newer leader. A node that was cut off
// from Redis and Asterisk together hears of one from nobody else before it
// takes Asterisk's application back. While the ledger cannot be asked the node
// goes on.
func (n *Node) replaced(ctx context.Context, epoch uint64) error {
	ctx, cancel := context.WithTimeout(ctx, leadsWithin)
	defer cancel()
	if err := n.db.Leads(ctx, n.set.Pool, epoch); errors.Is(err, postgres.ErrFenced) {
		return err
	}
	return nil
}

// seenLate is how much later than it happened the end of a call was heard.
func (n *Node) seenLate(call queue.CallID) time.Duration {
	if sw := n.leadNow.sw.Load(); sw != nil {
		return sw.EndSeenLate(queue.LegID(call)) // a call has the name of its caller's leg
	}
	return 0
}

// stamped is when the switch answered a leg and saw it end, by its own clock.
func (n *Node) stamped(leg queue.LegID) (up, ended time.Time) {
	if sw := n.leadNow.sw.Load(); sw != nil {
		t := sw.Stamped(leg)
		return t.Up, t.Ended
	}
	return time.Time{}, time.Time{}
}

// toldToEnd tells the end of a node from the end of its leading: the lease and
// the parts give other causes.
func toldToEnd(ctx context.Context) bool {
	return ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled)
}

func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())) {
		return nil
	}
	return err
}

// follower is the journal with an ear: it hands calls that ended to whoever
// keeps their recordings, once they are in the ledger.
type follower struct {
	*postgres.Journal
	ids   chan queue.CallID
	calls chan queue.Call
}

// aheadOfRecordings is how many ended calls may wait to be looked up; beyond
// it the keeper's own sweep finds them.
const aheadOfRecordings = 4096

func newFollower(j *postgres.Journal) *follower {
	return &follower{Journal: j, ids: make(chan queue.CallID, aheadOfRecordings), calls: make(chan queue.Call)}
}

// Append implements loop.Journal.
func (f *follower) Append(records []queue.Record) {
	f.Journal.Append(records)
	for _, r := range records {
		if call, over := queue.Ends(r.Event); over {
			select {
			case f.ids <- call:
			default: // the sweep will find it
			}
		}
	}
}

func (f *follower) run(ctx context.Context, db *postgres.DB) {
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-f.ids:
			if f.Flush(ctx) != nil {
				return
			}
			found, err := db.Call(ctx, id)
			if err != nil {
				continue // the sweep will find it
			}
			select {
			case f.calls <- found.Call:
			case <-ctx.Done():
				return
			}
		}
	}
}
