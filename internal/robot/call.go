package robot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Ending is how a call ended.
type Ending string

// The endings of a call.
const (
	NotEnded  Ending = ""
	Local     Ending = "local"     // answered; this phone hung up
	Remote    Ending = "remote"    // answered; the other side hung up
	Cancelled Ending = "cancelled" // the caller gave up before the answer, or as it came
	Refused   Ending = "refused"   // the called side said no; Status has the code
	Failed    Ending = "failed"    // no SIP answer, no common codec, no ACK, or the phone was closed
)

// Call is one call of a phone, incoming or outgoing.
type Call struct {
	phone    *Phone
	id       string
	incoming bool
	commands chan command  // to the goroutine that handles the incoming INVITE
	stop     chan struct{} // closed by Hangup
	over     chan struct{} // closed when all is done
	settled  chan struct{} // closed when an incoming INVITE has its final response

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at each change
	times    Times
	trace    []Message
	from     party
	to       string
	asserted string
	taken    bool // the incoming INVITE has its handler
	deaf     bool // came while the phone was Silent: never passed to the stack

	dialog      dialog
	stream      *stream
	offer       session // what we wrote last
	version     int     // of it
	remote      session // what the other side wrote last
	codec       Codec
	inviteTx    sip.ClientTransaction
	acked       uint32 // number of the newest INVITE that was acknowledged to us
	answeredSeq uint32 // number of the newest INVITE that we answered with 200
	inviting    bool   // a re-INVITE of ours is out
	holding     bool   // we hold the other side
	held        bool   // the other side holds us
	transfer    transfer
	talk        *time.Timer
	established bool
	hangup      bool
	finishing   bool
	ended       bool
	ending      Ending
	status      int
	reason      string
}

func newCall(p *Phone, id string, incoming bool) *Call {
	return &Call{
		phone: p, id: id, incoming: incoming,
		commands: make(chan command), stop: make(chan struct{}), over: make(chan struct{}), settled: make(chan struct{}),
		changed: make(chan struct{}),
	}
}

// note enters a message of the wire.
func (c *Call) note(h head, sent bool, at time.Time) {
	c.mu.Lock()
	c.times.note(h, at)
	c.trace = append(c.trace, Message{At: at, Sent: sent, Line: h.line()})
	gone := c.deaf && h.method == "CANCEL"
	c.wake()
	c.mu.Unlock()
	if gone {
		c.finish(Cancelled, 0, "never answered")
	}
}

// wake lets everyone who waits look again; the caller holds the lock.
func (c *Call) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// await returns when ready, called under the lock, says so.
func (c *Call) await(ctx context.Context, what string, ready func() (bool, error)) error {
	for {
		c.mu.Lock()
		done, err := ready()
		changed := c.changed
		c.mu.Unlock()
		if done || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s of call %s: %w", what, c.id, context.Cause(ctx))
		}
	}
}

// WaitRinging waits for the 180. An answer or an end without one is an error.
func (c *Call) WaitRinging(ctx context.Context) error {
	return c.await(ctx, "the ringing", func() (bool, error) {
		if c.times.Ringing.IsZero() && (c.established || c.ended) {
			return false, fmt.Errorf("call %s did not ring: %s", c.id, c.outcome())
		}
		return !c.times.Ringing.IsZero(), nil
	})
}

// WaitAnswered waits until the call is up and audio is sent. An end before that is an error.
func (c *Call) WaitAnswered(ctx context.Context) error {
	return c.await(ctx, "the answer", func() (bool, error) {
		if !c.established && c.ended {
			return false, fmt.Errorf("call %s was not answered: %s", c.id, c.outcome())
		}
		return c.established, nil
	})
}

// WaitEnded waits until the call is over and nothing more of it is under way.
func (c *Call) WaitEnded(ctx context.Context) error {
	select {
	case <-c.over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the end of call %s: %w", c.id, context.Cause(ctx))
	}
}

func (c *Call) outcome() string {
	if !c.ended {
		return "it is answered"
	}
	return fmt.Sprintf("%s, %d %s", c.ending, c.status, c.reason)
}

// Hangup ends the call: CANCEL before the answer (an incoming call is declined with 603), BYE after it. A 200
// that crosses the CANCEL is acknowledged and then ended by BYE. It does not wait; WaitEnded does.
func (c *Call) Hangup() {
	c.mu.Lock()
	if c.hangup || c.finishing {
		c.mu.Unlock()
		return
	}
	c.hangup = true
	established := c.established
	c.mu.Unlock()
	close(c.stop)
	if established {
		c.bye(Local)
	}
	c.mu.Lock()
	deaf := c.deaf
	c.mu.Unlock()
	if deaf {
		c.finish(Failed, 0, "never answered")
	}
}

// bye sends BYE and finishes when it is answered.
func (c *Call) bye(ending Ending) {
	c.mu.Lock()
	if c.ending == NotEnded {
		c.ending = ending
	}
	s := c.stream
	c.mu.Unlock()
	s.close()
	c.phone.spawn(func() {
		if c.incoming {
			// The called side may not send BYE before the ACK (RFC 3261, 15).
			ctx, cancel := context.WithTimeout(c.phone.ctx, closeGrace/2)
			_ = c.await(ctx, "the ACK", func() (bool, error) { return !c.times.Acked.IsZero() || c.finishing, nil })
			cancel()
		}
		c.mu.Lock()
		if c.finishing {
			c.mu.Unlock()
			return
		}
		req := c.dialog.request(sip.BYE, c.phone.contact())
		c.mu.Unlock()
		_, _ = c.phone.client.Do(c.phone.ctx, req) // whatever the answer: for us it is over
		c.finish(ending, 0, "")
	})
}

// finish ends the call once. A status of 0 leaves the one that stands.
func (c *Call) finish(ending Ending, status int, reason string) {
	c.mu.Lock()
	if c.finishing {
		c.mu.Unlock()
		return
	}
	c.finishing = true
	if c.ending == NotEnded {
		c.ending = ending
	}
	if status != 0 || c.status == 0 {
		c.status, c.reason = status, reason
	}
	c.times.Ended = c.endTime(time.Now())
	s, tx, talk, established, ending := c.stream, c.inviteTx, c.talk, c.established, c.ending
	answered := !c.times.Answered.IsZero()
	c.mu.Unlock()

	if talk != nil {
		talk.Stop()
	}
	if s != nil {
		s.close()
	}
	if tx != nil && established {
		tx.Terminate()
	}
	c.phone.count(func(n *Counters) {
		n.Live--
		switch {
		case c.incoming && answered: // counted then
		case c.incoming && ending == Refused:
			n.Rejected++
		case c.incoming:
			n.Missed++
		case !established:
			n.Failed++
		}
	})
	c.mu.Lock()
	c.ended = true
	c.wake()
	c.mu.Unlock()
	close(c.over)
}

// endTime picks the moment that ended the call; the caller holds the lock.
func (c *Call) endTime(now time.Time) time.Time {
	t := &c.times
	var at time.Time
	switch {
	case !t.Bye.IsZero():
		at = t.Bye
	case c.ending == Cancelled && c.incoming:
		at = t.Cancelled
	case c.ending == Cancelled || c.ending == Refused:
		at = t.Refused
	}
	if at.IsZero() {
		return now
	}
	return at
}
