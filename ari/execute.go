package ari

import (
	"sync"
	"time"

	"github.com/threerings/threerings/queue"
)

// order is a command on its way.
type order struct {
	command queue.Command
	at      time.Time
}

// lanes carry commands out: those of one call one after the other, those of
// different calls side by side. A lane lives as long as it has work.
type lanes struct {
	do   func(order)
	mu   sync.Mutex
	work map[queue.CallID][]order // the first is being carried out
	idle chan struct{}            // closed and renewed when the last lane ends
}

func newLanes(do func(order)) *lanes {
	return &lanes{do: do, work: map[queue.CallID][]order{}, idle: make(chan struct{})}
}

func (l *lanes) add(call queue.CallID, c queue.Command) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.work[call] = append(l.work[call], order{c, time.Now()})
	if len(l.work[call]) == 1 {
		go l.run(call)
	}
}

func (l *lanes) run(call queue.CallID) {
	for {
		l.mu.Lock()
		next := l.work[call][0]
		l.mu.Unlock()

		l.do(next)

		l.mu.Lock()
		rest := l.work[call][1:]
		if len(rest) > 0 {
			l.work[call] = rest
			l.mu.Unlock()
			continue
		}
		delete(l.work, call)
		if len(l.work) == 0 {
			close(l.idle)
			l.idle = make(chan struct{})
		}
		l.mu.Unlock()
		return
	}
}

// wait returns when nothing is under way, at most after limit.
func (l *lanes) wait(limit time.Duration) {
	over := time.NewTimer(limit)
	defer over.Stop()
	for {
		l.mu.Lock()
		n, idle := len(l.work), l.idle
		l.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-idle:
		case <-over.C:
			return
		}
	}
}

// laneOf is the lane of a command: its call's, but a recording that cannot be
// muted must not keep the call's other commands waiting.
func laneOf(c queue.Command) queue.CallID {
	call := callOfCommand(c)
	switch c.(type) {
	case queue.MuteRecording, queue.UnmuteRecording:
		return call + " tape"
	}
	return call
}

// callOfCommand tells which call a command belongs to.
func callOfCommand(c queue.Command) queue.CallID {
	switch c := c.(type) {
	case queue.DialAgent:
		return c.Call
	case queue.DialNumber:
		return c.Call
	case queue.Bridge:
		return c.Call
	case queue.Unhook:
		return c.Call
	case queue.Unbridge:
		return c.Call
	case queue.RoomMusic:
		return c.Call
	}
	call, _ := callOf(legOfCommand(c))
	return call
}

func legOfCommand(c queue.Command) queue.LegID {
	switch c := c.(type) {
	case queue.IndicateRinging:
		return c.Leg
	case queue.Answer:
		return c.Leg
	case queue.Play:
		return c.Leg
	case queue.StartMusic:
		return c.Leg
	case queue.StopMedia:
		return c.Leg
	case queue.DialAgent:
		return c.Leg
	case queue.DialNumber:
		return c.Leg
	case queue.Unhook:
		return c.Leg
	case queue.Mute:
		return c.Leg
	case queue.MuteRecording:
		return c.Leg
	case queue.UnmuteRecording:
		return c.Leg
	case queue.AnswerTransfer:
		return c.Leg
	case queue.HangUp:
		return c.Leg
	}
	return ""
}
