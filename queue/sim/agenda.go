package sim

import (
	"container/heap"
	"time"
)

// after schedules something; equal times happen in the order of scheduling.
func (w *world) after(d time.Duration, what func()) {
	w.at(w.now.Add(d), what)
}

func (w *world) at(when time.Time, what func()) {
	w.serial++
	heap.Push(&w.agenda, happening{at: when, n: w.serial, what: what})
}

// soonest takes out what happens next.
func (w *world) soonest() happening { return heap.Pop(&w.agenda).(happening) }

type happening struct {
	at   time.Time
	n    uint64
	what func()
}

// agenda is a heap of happenings by time, then by order of scheduling.
type agenda []happening

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if !a[i].at.Equal(a[j].at) {
		return a[i].at.Before(a[j].at)
	}
	return a[i].n < a[j].n
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(happening)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	h := (*a)[last]
	(*a)[last] = happening{}
	*a = (*a)[:last]
	return h
}
