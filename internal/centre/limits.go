package centre

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// limits reads what the house takes in at most. 0 is no limit.
func (p *parser) limits(n *strictyaml.Node) {
	f := n.Fields()
	l := queue.DefaultLimits()
	l.PerSecond = f.Get("per_second").Int(l.PerSecond, 0, queue.MostPerSecond)
	l.PerTrunk = f.Get("per_trunk").Int(l.PerTrunk, 0, queue.MostLimit)
	l.Trunks = trunks(f.Get("trunks"))
	l.PerCaller = f.Get("per_caller").Int(l.PerCaller, 0, queue.MostLimit)
	l.CallerPerMinute = f.Get("caller_per_minute").Int(l.CallerPerMinute, 0, queue.MostCallerLimit)
	l.Waiting = f.Get("waiting").Int(l.Waiting, 0, queue.MostLimit)
	b := f.Get("ban").Fields()
	l.Ban.After = b.Get("after").Int(l.Ban.After, 0, queue.MostCallerLimit)
	l.Ban.Within = atMost(b.Get("within"), l.Ban.Within, queue.MostBanWithin)
	l.Ban.For = atMost(b.Get("for"), l.Ban.For, queue.MostBan)
	b.Close()
	f.Close()
	p.c.Config.Limits = l
}

// trunks are those with a limit of their own, by their endpoint's name in Asterisk.
func trunks(n *strictyaml.Node) (own map[string]int) {
	f := n.Fields()
	for i, name := range f.Names() {
		limit := f.Get(name)
		switch {
		case i >= queue.MostTrunks:
			limit.Refuse("there are %d trunks with limits of their own: give at most %d, and per_trunk for the rest", len(f.Names()), queue.MostTrunks)
			continue
		case !idPattern.MatchString(name):
			limit.Refuse("the trunk must be named as its endpoint is in Asterisk: %s", idRule)
			continue
		}
		if own == nil {
			own = map[string]int{}
		}
		own[name] = limit.Int(0, 0, queue.MostLimit)
	}
	f.Close()
	return own
}

// atMost is a time from a second up to most.
func atMost(n *strictyaml.Node, missing, most time.Duration) time.Duration {
	d := n.Duration(missing, time.Second)
	if d > most {
		n.Refuse("must be at most %s", short(most))
	}
	return d
}

func limitsShape() *shape {
	d := queue.DefaultLimits()
	return group("What the house takes in at most; who comes beyond it hears the busy tone. 0: no limit.",
		opt("per_second", whole("New calls a second, of the whole house.", 0, queue.MostPerSecond).with(d.PerSecond)),
		opt("per_trunk", whole("Calls at once of one trunk.", 0, queue.MostLimit).with(d.PerTrunk)),
		opt("trunks", named("Calls at once of single trunks, by their endpoint's name in Asterisk, in place of per_trunk.", idPattern.String(), whole("Of this trunk.", 0, queue.MostLimit))),
		opt("per_caller", whole("Calls at once of one number; customers with a priority have no such limit.", 0, queue.MostLimit).with(d.PerCaller)),
		opt("caller_per_minute", whole("New calls of one number within a minute; the same.", 0, queue.MostCallerLimit).with(d.CallerPerMinute)),
		opt("waiting", whole("Callers at once who wait for an agent, or are in menus; a queue's way out for full takes who comes beyond it, if it leads out of queues.", 0, queue.MostLimit).with(d.Waiting)),
		opt("ban", group("A number that goes on against its own limits is banned for a while.",
			opt("after", whole("Refused calls; 0: no number is banned but by hand.", 0, queue.MostCallerLimit).with(d.Ban.After)),
			opt("within", positive("Within this time; 1s to 1h.").lasting(d.Ban.Within)),
			opt("for", positive("How long a ban lasts; 1s to 720h.").lasting(d.Ban.For)),
		)),
	)
}

// limitsText are the limits as people read them, for differences.
func limitsText(l queue.Limits) string {
	var out []string
	for _, x := range []struct {
		n    int
		what string
	}{{l.PerSecond, "a second"}, {l.PerTrunk, "of a trunk"}, {l.PerCaller, "of a number"}, {l.CallerPerMinute, "of a number in a minute"}, {l.Waiting, "waiting"}} {
		if x.n > 0 {
			out = append(out, strconv.Itoa(x.n)+" "+x.what)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Trunks)) {
		out = append(out, fmt.Sprintf("%d of trunk %s", l.Trunks[name], name))
	}
	if b := l.Ban; b != (queue.BanRule{}) {
		out = append(out, fmt.Sprintf("banned for %s after %d refusals in %s", short(b.For), b.After, short(b.Within)))
	}
	return strings.Join(out, ", ")
}
