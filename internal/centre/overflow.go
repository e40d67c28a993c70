package centre

import (
	"time"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// busy, in place of a queue, lets a call go out with a busy answer.
const busy = "busy"

// way is one line of a queue's overflow, kept until all queues are known.
type way struct {
	from queue.QueueID
	to   *strictyaml.Node
	id   queue.QueueID
}

// readOverflow reads the ways out of a queue, by cause.
func (p *parser) readOverflow(n *strictyaml.Node, id queue.QueueID) (ways []queue.Overflow) {
	f := n.Fields()
	for _, cause := range queue.OverflowCauses() {
		w := f.Get(string(cause))
		if w == nil {
			continue
		}
		o := queue.Overflow{Cause: cause}
		g := w.Fields()
		switch cause {
		case queue.OverflowMaxWait:
			o.After = g.Need("after", "give the longest wait, such as 2m").Duration(time.Minute, time.Millisecond)
		case queue.OverflowNoAgents, queue.OverflowNotReady:
			o.After = g.Get("after").Duration(0, 0)
		case queue.OverflowFull:
			o.At = g.Need("at", "give how many may wait, such as 20").Int(1, 1, noMost)
		}
		to, own := g.Get("to"), prompts.AllBusy
		if cause == queue.OverflowClosed {
			own = prompts.Closed
		}
		switch t := p.target(to, own); {
		case t.Menu != "":
			to.Refuse("a call that has waited is not asked again where it wants to go: give another place than a menu")
		case t.Queue != "":
			o.To = t.Queue
			p.leads = p.leads[:len(p.leads)-1] // looked at with the ways
			p.ways = append(p.ways, way{id, to, o.To})
		default:
			o.Out = t
		}
		g.Close()
		ways = append(ways, o)
	}
	f.Close()
	return ways
}

// checkTapes refuses voicemail where nothing is recorded: the message is a part
// of the call's recording.
func (p *parser) checkTapes(n *strictyaml.Node, q *queue.QueueConfig) {
	for _, o := range q.Overflows {
		if o.Out.Voicemail != "" && !q.Record {
			n.Refuse("%s leads to voicemail, but the queue keeps no recordings: take record: false away, or give another place", o.Cause)
		}
	}
}

// checkWays refuses ways that lead nowhere and the one that closes a circle.
func (p *parser) checkWays() {
	onward := map[queue.QueueID][]queue.QueueID{}
	var leads func(from, to queue.QueueID) bool
	leads = func(from, to queue.QueueID) bool {
		if from == to {
			return true
		}
		for _, next := range onward[from] {
			if leads(next, to) {
				return true
			}
		}
		return false
	}
	for _, w := range p.ways {
		switch {
		case w.id == w.from:
			w.to.Refuse("must be another queue than %s itself, or busy", w.from)
		case !p.queues[w.id]:
			w.to.Refuse("there is no queue %q; give one, or busy", w.id)
		case leads(w.id, w.from):
			w.to.Refuse("goes in a circle: from %s a call already comes back to %s; it could go round without end", w.id, w.from)
		default:
			onward[w.from] = append(onward[w.from], w.id)
		}
	}
}
