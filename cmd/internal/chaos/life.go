package chaos

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/threerings/threerings/internal/robot"
)

// life is one robot's call from the first INVITE to the end, as the
// telephones had it.
type life struct {
	number string
	plan   plan
	tone   float64
	caller *robot.Call

	mu       sync.Mutex
	rings    []ring // of agents' telephones, oldest first
	talks    []talk // more than one if it was handed on
	guarded  bool   // the dialplan's fallback group had it
	gaveUp   time.Time
	silence  time.Duration // longest, on the answered line
	ended    bool
	shutDown bool // the driver ended it
}

// ring is one ringing of an agent's telephone for this caller.
type ring struct {
	agent *agent
	call  *robot.Call
}

// talk is one conversation, as both heard it.
type talk struct {
	agent  *agent
	call   *robot.Call   // the agent's
	from   time.Time     // both heard each other
	until  time.Time     // one of them hung up, or it ended for another reason
	ours   bool          // one of the robots hung up
	gap    time.Duration // the longest time that one of them got no audio
	gaps   time.Duration // all such times, of both
	closed bool
}

func (l *life) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// live runs the caller's side.
func (l *life) live(ctx context.Context) {
	defer func() {
		l.mu.Lock()
		l.ended = true
		l.mu.Unlock()
	}()
	ended := make(chan struct{})
	over, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() {
		defer close(ended)
		_ = l.caller.WaitEnded(over) // cancelled only after the end
	}()
	listened := make(chan struct{})
	go func() {
		defer close(listened)
		l.listen(ended)
	}()
	patience := time.NewTimer(l.plan.Patience)
	defer patience.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			l.close(time.Now(), false)
			<-listened
			return
		case <-patience.C:
			l.mu.Lock()
			talking := len(l.talks) > 0 || l.guarded
			if !talking {
				l.gaveUp = time.Now()
			}
			l.mu.Unlock()
			if !talking {
				l.caller.Hangup()
			}
		case <-ctx.Done():
			l.mu.Lock()
			l.shutDown = true
			l.mu.Unlock()
			l.close(time.Now(), true)
			l.caller.Hangup()
			<-ended
			<-listened
			return
		case now := <-tick.C:
			l.hangUpInTime(now)
		}
	}
}

// hangUpInTime ends the conversation when it has lasted as long as planned.
func (l *life) hangUpInTime(now time.Time) {
	l.mu.Lock()
	var t *talk
	if n := len(l.talks); n > 0 && !l.talks[n-1].closed {
		t = &l.talks[n-1]
	}
	if t == nil || now.Sub(t.from) < l.plan.Talk {
		l.mu.Unlock()
		return
	}
	agents, byAgent := t.call, l.plan.ByAgent
	l.mu.Unlock()
	l.close(time.Now(), true) // before: the end must not be taken for somebody else's doing
	if byAgent {
		agents.Hangup()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if l.caller.WaitEnded(ctx) == nil {
			return
		}
	}
	l.close(time.Now(), true) // it may have been given to an agent again meanwhile
	l.caller.Hangup()
}

// close notes the end of the newest conversation.
func (l *life) close(at time.Time, ours bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.talks)
	if n == 0 || l.talks[n-1].closed {
		return
	}
	t := &l.talks[n-1]
	if by := t.call.Times().Ended; !by.IsZero() && by.Before(at) {
		at = by
	}
	if by := l.caller.Times().Ended; !by.IsZero() && by.Before(at) {
		at = by
	}
	t.until, t.ours, t.closed = at, ours, true
	t.gap = max(l.caller.LongestGap(t.from), t.call.LongestGap(t.from))
	t.gaps += l.gaps(t.call)
}

// gaps are all the times so far without audio, at both ends.
func (l *life) gaps(other *robot.Call) time.Duration {
	return l.caller.Audio().Gaps + other.Audio().Gaps
}

const (
	listenEvery = 100 * time.Millisecond
	listenTo    = 200 * time.Millisecond
	toneOfVoice = robot.ToneAmplitude / 10
)

// listen measures how long the caller heard nothing at all on an answered line.
func (l *life) listen(ended <-chan struct{}) {
	tick := time.NewTicker(listenEvery)
	defer tick.Stop()
	var heard time.Time
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		now := time.Now()
		answered := l.caller.Times().Answered
		if answered.IsZero() {
			continue
		}
		if heard.IsZero() || !l.caller.Silent() {
			heard = now
		}
		l.mu.Lock()
		l.silence = max(l.silence, now.Sub(heard))
		l.mu.Unlock()
	}
}

// rung notes an agent's telephone that rings for this caller, and follows it
// to its end: does it answer, do both hear each other?
func (l *life) rung(a *agent, c *robot.Call) {
	l.mu.Lock()
	l.rings = append(l.rings, ring{a, c})
	l.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_ = c.WaitEnded(ctx) // or until we are through
		cancel()
	}()
	if c.WaitAnswered(ctx) != nil {
		return
	}
	var both sync.WaitGroup
	var heard [2]time.Time
	both.Go(func() { heard[0], _ = c.WaitTone(ctx, l.tone) })
	both.Go(func() { heard[1], _ = l.caller.WaitTone(ctx, a.tone) })
	both.Wait()
	if heard[0].IsZero() || heard[1].IsZero() {
		return // the end came first
	}
	from := heard[0]
	if heard[1].After(from) {
		from = heard[1]
	}
	l.mu.Lock()
	l.talks = append(l.talks, talk{agent: a, call: c, from: from, gaps: -l.gaps(c)})
	l.mu.Unlock()
	_ = c.WaitEnded(context.Background()) // it ends by plan, or when the phones are closed
	l.close(time.Now(), false)
}

func sortLives(all []*life) {
	slices.SortFunc(all, func(a, b *life) int { return a.caller.Times().Invited.Compare(b.caller.Times().Invited) })
}

// left is when the caller went: hung up, or the line was gone.
func (l *life) left() time.Time { return l.caller.Times().Ended }
