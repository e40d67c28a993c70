package centre

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

var skillPattern = regexp.MustCompile(`^[\pL][\pL\pN_-]{0,31}$`)

const skillRule = "a word of letters, digits, '_' or '-', beginning with a letter"

// routing reads how a queue chooses agents.
func (p *parser) routing(n *strictyaml.Node, q queue.QueueID) (r queue.Routing) {
	f := n.Fields()
	var words []string
	for _, s := range queue.Strategies() {
		words = append(words, string(s))
	}
	if text := f.Get("strategy").OneOf(string(queue.LongestIdle), words...); text != string(queue.LongestIdle) {
		r.Strategy = queue.Strategy(text)
	}
	widen := f.Get("widen")
	r.WidenRings = widen.Int(0, 1, 20)
	if widen != nil && r.Strategy != queue.Widening {
		widen.Refuse("has a meaning only with strategy: widening")
	}
	r.LastAgent = f.Get("last_agent").Duration(0, 0)
	b := f.Get("backup").Fields()
	if b != nil {
		r.Backup.Target = b.Need("target", "give the chance of an answer in time that is wanted, such as 95%").Share(0)
		r.Backup.Phones = b.Get("phones").Int(0, 2, 20)
		r.Backup.InVain = b.Get("in_vain").Share(0)
		b.Close()
	}
	skills := f.Get("skills").Fields()
	for _, name := range skills.Names() {
		s := skills.Get(name)
		if !skillPattern.MatchString(name) {
			s.Refuse("the skill must be %s", skillRule)
			continue
		}
		g := s.Fields()
		rule := queue.SkillRule{Skill: name, Level: g.Get("level").Int(1, 1, queue.MaxSkill), Required: g.Get("required").Bool(false)}
		relax := g.Get("relax").Fields()
		after, level := time.Duration(0), rule.Level
		for _, key := range relax.Names() {
			v := relax.Get(key)
			d, err := time.ParseDuration(key)
			x := queue.Relax{After: d, Level: v.Int(0, 0, queue.MaxSkill)}
			if err != nil || x.After <= after || x.Level >= level {
				v.Refuse("must be times that go up with levels that go down from %d, such as {30s: %d, 1m: 0}", rule.Level, rule.Level-1)
				continue
			}
			after, level = x.After, x.Level
			rule.Relax = append(rule.Relax, x)
		}
		relax.Close()
		g.Close()
		r.Skills = append(r.Skills, rule)
		p.wanted = append(p.wanted, wanted{q, s, rule})
	}
	skills.Close()
	f.Close()
	return r
}

// wanted is a skill that a queue asks for, kept until the agents are known.
type wanted struct {
	queue queue.QueueID
	node  *strictyaml.Node
	rule  queue.SkillRule
}

// checkSkills refuses what would keep callers waiting for people who are not
// there.
func (p *parser) checkSkills() {
	for _, w := range p.wanted {
		able := func(g queue.AgentConfig) bool {
			return slices.Contains(g.Queues, w.queue) && g.Skills[w.rule.Skill] >= w.rule.Level
		}
		if w.rule.Required && len(p.c.Config.Agents) > 0 && !slices.ContainsFunc(p.c.Config.Agents, able) {
			w.node.Refuse("nobody who serves queue %s has skill %s at level %d: give it to an agent (skills: {%s: %d}), or do not require it",
				w.queue, w.rule.Skill, w.rule.Level, w.rule.Skill, w.rule.Level)
		}
	}
}

// serves reads an agent's queues: a list, or a group with the rank in each.
func (p *parser) serves(n *strictyaml.Node, g *queue.AgentConfig) {
	known := func(item *strictyaml.Node, id queue.QueueID) bool {
		switch {
		case id == "":
		case !p.queues[id]:
			item.Refuse("there is no queue %q", id)
		case slices.Contains(g.Queues, id):
			item.Refuse("queue %s is given twice", id)
		default:
			g.Queues = append(g.Queues, id)
			return true
		}
		return false
	}
	if !n.IsGroup() {
		for _, item := range n.Items() {
			known(item, queue.QueueID(item.Text("")))
		}
		return
	}
	f := n.Fields()
	for _, name := range f.Names() {
		item := f.Get(name)
		if id := queue.QueueID(name); known(item, id) {
			if rank := item.Int(1, 1, queue.MaxRank); rank > 1 {
				if g.Ranks == nil {
					g.Ranks = map[queue.QueueID]int{}
				}
				g.Ranks[id] = rank
			}
		}
	}
	f.Close()
}

func (p *parser) skills(n *strictyaml.Node) (skills map[string]int) {
	f := n.Fields()
	for _, name := range f.Names() {
		s := f.Get(name)
		if !skillPattern.MatchString(name) {
			s.Refuse("the skill must be %s", skillRule)
			continue
		}
		if skills == nil {
			skills = map[string]int{}
		}
		skills[name] = s.Int(1, 1, queue.MaxSkill)
	}
	f.Close()
	return skills
}

// priority reads who goes first, and how far that may go (R4.1).
func (p *parser) priority(n *strictyaml.Node) {
	f := n.Fields()
	c := &p.c.Config
	over := f.Get("overtaking").Fields()
	c.Overtaking.Calls = over.Get("calls").Int(0, 1, noMost)
	c.Overtaking.Wait = over.Get("wait").Duration(0, time.Second)
	over.Close()
	c.OldPlace = oldPlace(f.Get("old_place"))
	levels := f.Get("levels").Fields()
	for _, name := range levels.Names() {
		v := levels.Get(name)
		if !skillPattern.MatchString(name) {
			v.Refuse("the level must be %s", skillRule)
			continue
		}
		g := v.Fields()
		c.Levels = append(c.Levels, queue.Level{Name: name, Priority: g.Need("priority", "give what it adds to the queue's priority, such as 10").Int(0, -1000, 1000)})
		for _, item := range g.Get("customers").Items() {
			number := item.Word("", numberPattern, numberRule)
			if was, twice := c.Customers[number]; twice {
				item.Refuse("%s is already of level %s", number, was)
				continue
			}
			if c.Customers == nil {
				c.Customers = map[string]string{}
			}
			c.Customers[number] = name
		}
		g.Close()
	}
	levels.Close()
	f.Close()
}

// oldPlace reads how long the place of a caller is kept who was dropped.
func oldPlace(n *strictyaml.Node) time.Duration {
	switch d := n.Duration(queue.DefaultOldPlace, 0); {
	case d > queue.MostOldPlace:
		n.Refuse("must be at most %s", short(queue.MostOldPlace))
		return 0
	case d == 0:
		return -1
	case d == queue.DefaultOldPlace:
		return 0 // said or not said is the same
	default:
		return d
	}
}

// routingText is a queue's routing as people write it, for differences.
func routingText(r queue.Routing) string {
	parts := []string{string(cmp.Or(r.Strategy, queue.LongestIdle))}
	if r.WidenRings > 0 {
		parts = append(parts, "widen "+strconv.Itoa(r.WidenRings))
	}
	for _, s := range r.Skills {
		text := "skill " + s.Skill + " " + strconv.Itoa(s.Level)
		if s.Required {
			text += " required"
		}
		for _, x := range s.Relax {
			text += " " + short(x.After) + ":" + strconv.Itoa(x.Level)
		}
		parts = append(parts, text)
	}
	if r.LastAgent > 0 {
		parts = append(parts, "last agent "+short(r.LastAgent))
	}
	if b := r.Backup; b.Target > 0 {
		parts = append(parts, "backup "+percent(b.Target)+phonesText(b))
	}
	return strings.Join(parts, ", ")
}

func missedText(q *queue.QueueConfig) string {
	var out []string
	for _, r := range q.Missed {
		text := string(r.Reason) + " " + string(r.Then)
		if r.Pause > 0 {
			text += " after " + short(r.Pause)
		}
		out = append(out, text)
	}
	if q.SignOutAfter > 0 {
		out = append(out, "signed out after "+strconv.Itoa(q.SignOutAfter))
	}
	return strings.Join(out, ", ")
}

func servesText(g *queue.AgentConfig) string {
	var out []string
	for _, q := range slices.Sorted(slices.Values(g.Queues)) { // their order means nothing
		text := string(q)
		if rank := g.Ranks[q]; rank > 1 {
			text += " (rank " + strconv.Itoa(rank) + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func skillsText(skills map[string]int) string {
	var out []string
	for _, s := range slices.Sorted(maps.Keys(skills)) {
		out = append(out, s+" "+strconv.Itoa(skills[s]))
	}
	return strings.Join(out, ", ")
}

func priorityText(c *queue.Config) string {
	var out []string
	for _, l := range c.Levels {
		n := 0
		for _, level := range c.Customers {
			if level == l.Name {
				n++
			}
		}
		out = append(out, l.Name+" "+strconv.Itoa(l.Priority)+" ("+strconv.Itoa(n)+" customers)")
	}
	if o := c.Overtaking; o != (queue.Overtaking{}) {
		if o.Calls > 0 {
			out = append(out, "overtaken by "+strconv.Itoa(o.Calls)+" calls at most")
		}
		if o.Wait > 0 {
			out = append(out, "for "+short(o.Wait)+" at most")
		}
	}
	switch {
	case c.OldPlace < 0:
		out = append(out, "no place kept for who was cut off")
	case c.OldPlace > 0:
		out = append(out, "place kept for "+short(c.OldPlace)+" for who was cut off")
	}
	return strings.Join(out, ", ")
}

func phonesText(b queue.Backup) (text string) {
	if b.Phones > 0 {
		text += " by " + strconv.Itoa(b.Phones) + " phones"
	}
	if b.InVain > 0 {
		text += " with " + percent(b.InVain) + " in vain"
	}
	return text
}
