package centre

import (
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// talking reads what holds for conversations: how long a call that was handed
// on is kept for a colleague and then for who did it, calls outside, and how
// long a recording may be muted.
func talking(transfer, outbound, recording *strictyaml.Node, t queue.Talking) queue.Talking {
	f := transfer.Fields()
	t.TransferWait = f.Get("wait").Duration(t.TransferWait, time.Second)
	t.Recall = f.Get("recall").Duration(t.Recall, time.Second)
	f.Close()
	f = outbound.Fields()
	t.Shown = f.Get("number").Word("", numberPattern, numberRule)
	t.Reach = f.Get("ring").Duration(t.Reach, time.Second)
	f.Close()
	f = recording.Fields()
	t.MuteLimit = f.Get("mute_limit").Duration(t.MuteLimit, time.Second)
	f.Close()
	return t
}

// callback reads how callers are called back (R7.2); offered: they are asked
// while they wait.
func (p *parser) callback(n *strictyaml.Node, offered bool, r queue.CallbackRule) queue.CallbackRule {
	f := n.Fields()
	r.CustomerFirst = f.Get("first").OneOf("agent", "agent", "customer") == "customer"
	r.Attempts = f.Get("attempts").Int(r.Attempts, 1, 20)
	r.Pause = f.Get("pause").Duration(r.Pause, time.Second)
	r.Abandoned = f.Get("abandoned").Bool(false)
	r.Goodbye = p.goodbye(f.Get("goodbye"), offered || n != nil)
	f.Close()
	return r
}

// goodbye is said to a caller who will be called back: a sound, words, or the
// product's own where callers can ask for it. None: they are let go at once.
func (p *parser) goodbye(n *strictyaml.Node, wanted bool) string {
	switch {
	case n == nil && !wanted:
		return ""
	case n == nil, !n.IsGroup() && n.Text("") == standard:
		return p.both(prompts.CallbackConfirmed.In)
	}
	return p.greeting(n, "")
}

// talkingText shows the rules of both to a reader.
func talkingText(q *queue.QueueConfig) string {
	var parts []string
	add := func(name, value string, given bool) {
		if given {
			parts = append(parts, name+" "+value)
		}
	}
	t, b := q.Talking, q.Callback
	add("transfer.wait", short(t.TransferWait), t.TransferWait > 0)
	add("transfer.recall", short(t.Recall), t.Recall > 0)
	add("outbound.number", t.Shown, t.Shown != "")
	add("outbound.ring", short(t.Reach), t.Reach > 0)
	add("recording.mute_limit", short(t.MuteLimit), t.MuteLimit > 0)
	add("callback.first", "customer", b.CustomerFirst)
	add("callback.attempts", strconv.Itoa(b.Attempts), b.Attempts > 0)
	add("callback.pause", short(b.Pause), b.Pause > 0)
	add("callback.abandoned", "true", b.Abandoned)
	add("callback.goodbye", b.Goodbye, b.Goodbye != "")
	return strings.Join(parts, ", ")
}
