package sim

import (
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// menuNumber leads to a menu where there is one.
const menuNumber = "4009"

// heardHouse gives a house everything that callers hear beside ringing.
func heardHouse(c *queue.Config) {
	c.Entrances = map[string]queue.MenuID{menuNumber: "main"}
	support := queue.Target{Queue: "support"}
	c.Menus = []queue.Menu{
		{ID: "main", Prompt: []string{"main"}, Invalid: []string{"invalid"}, Otherwise: support, Tries: 2,
			Keys:     map[string]queue.Target{"1": support, "12": {Menu: "more"}, "2": {Menu: "more"}, "3": {Voicemail: "leave"}, "4": {Announcement: "hours"}, "5": {}},
			Branches: []queue.Branch{{Closed: "support", To: support}}},
		{ID: "more", Prompt: []string{"more"}, Keys: map[string]queue.Target{"1": support, "*": {Menu: "main"}}},
	}
	for i := range c.Queues {
		q := &c.Queues[i]
		q.Announce = queue.Announce{First: 3 * time.Second, Every: 20 * time.Second, Position: []string{"1", "2", "more"}, Wait: []string{"1", "2", "more"}}
		q.Survey = queue.Survey{When: queue.SurveyAlways, Question: []string{"mark"}, Again: []string{"again"}, Thanks: []string{"thanks"}}
		q.Overflows = slices.Clone(q.Overflows)
		for j := range q.Overflows {
			switch o := &q.Overflows[j]; {
			case o.To != "":
			case j%2 == 0:
				o.Out.Voicemail = "leave"
			default:
				o.Out.Announcement = "sorry"
			}
		}
	}
}

// play lets a leg hear sounds, four seconds each. What played before gives way,
// and its end is not told.
func (w *world) play(c queue.Play) {
	l := w.legs[c.Leg]
	if l == nil {
		return
	}
	l.played++
	if n := l.played; !slices.Contains(c.Sounds, queue.RingTone) {
		w.after(time.Duration(len(c.Sounds))*4*time.Second, func() {
			if w.legs[c.Leg] == l && l.played == n {
				w.tell(queue.PlaybackFinished{Leg: c.Leg, N: c.N})
			}
		})
	}
}

// hush ends what plays.
func (w *world) hush(id queue.LegID) {
	if l := w.legs[id]; l != nil {
		l.played++
	}
}

// presses lets a caller press one of some keys after a while, if the mood is so.
func (w *world) presses(call queue.CallID, mean time.Duration, keys ...string) {
	leg := queue.LegID(call)
	key := keys[w.rng.IntN(len(keys))]
	w.after(w.exp(mean), func() {
		switch l := w.legs[leg]; {
		case l == nil, key == "":
		case key == "bye":
			w.end(l, queue.CauseNormal)
		default:
			w.tell(queue.Digit{Leg: leg, Key: key})
		}
	})
}

func (w *world) chooses(call queue.CallID) {
	w.presses(call, 5*time.Second, "1", "1", "1", "2", "2", "3", "4", "5", "7", "*", "", "bye")
}

func (w *world) marks(call queue.CallID) {
	w.presses(call, 6*time.Second, "1", "4", "5", "5", "9", "*", "", "bye")
}

func (w *world) speaks(call queue.CallID) { w.presses(call, 15*time.Second, "#", "#", "bye", "") }
