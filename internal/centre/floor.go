package centre

import (
	"regexp"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// wrapUp reads what agents do after a call: a time, or a group that says of
// which kind it is (R3.1).
func wrapUp(n *strictyaml.Node, q *queue.QueueConfig) {
	if !n.IsGroup() {
		q.WrapUp = n.Duration(q.WrapUp, 0)
		return
	}
	f := n.Fields()
	var kinds []string
	for _, k := range queue.WrapUpKinds() {
		kinds = append(kinds, string(k))
	}
	kind := queue.WrapUpKind(f.Get("kind").OneOf(string(queue.WrapUpTimed), kinds...))
	if kind != queue.WrapUpTimed {
		q.WrapUpKind = kind
	}
	time := f.Get("time")
	q.WrapUp = time.Duration(q.WrapUp, 0)
	if kind == queue.WrapUpRequired || kind == queue.WrapUpNone {
		if time != nil {
			time.Refuse("has a meaning only with kind: timed or optional")
		}
		q.WrapUp = 0
	}
	most := f.Get("max")
	q.WrapUpMax = most.Duration(0, 1)
	if q.WrapUpMax > 0 && q.WrapUpMax < q.WrapUp {
		most.Refuse("is shorter than the time itself, %s: raise it", short(q.WrapUp))
	}
	if q.WrapUpMax == queue.DefaultWrapUpMax {
		q.WrapUpMax = 0 // said or not said is the same
	}
	f.Close()
}

var categoryDigit = regexp.MustCompile(`^[1-9]$`)

// categories reads what calls can be about (R3.1).
func (p *parser) categories(n *strictyaml.Node) {
	digits, codes := map[string]int{}, map[string]int{}
	for _, item := range n.Items() {
		f := item.Fields()
		digit := f.Get("digit")
		code := f.Need("code", "give a short English word, such as repair")
		c := queue.Category{
			Digit: digit.Word("", categoryDigit, "one digit, 1 to 9"),
			Code:  code.Word("", codePattern, "a short word of small letters, digits and '_', such as repair"),
		}
		c.Name = name(f.Get("name"), c.Code)
		c.NameEN = name(f.Get("name_en"), c.Name)
		if line, twice := digits[c.Digit]; twice && c.Digit != "" {
			digit.Refuse("digit %s is already taken in line %d", c.Digit, line)
		}
		if line, twice := codes[c.Code]; twice && c.Code != "" {
			code.Refuse("%s is already taken in line %d", c.Code, line)
		}
		digits[c.Digit], codes[c.Code] = digit.Line(), code.Line()
		f.Close()
		p.c.Config.Categories = append(p.c.Config.Categories, c)
	}
}

// emergencies reads the plans for emergencies (R12.1).
func (p *parser) emergencies(n *strictyaml.Node) {
	for _, e := range entries(n, "emergency", "flood") {
		f := e.fields
		plan := queue.Plan{ID: e.id, Name: name(f.Get("name"), e.id)}
		plan.NameEN = name(f.Get("name_en"), plan.Name)
		plan.Level = f.Need("level", "give 1, 2 or 3, the gravest").Int(queue.MinLevel, queue.MinLevel, queue.MaxLevel)
		for _, item := range f.Get("alert").Items() {
			plan.Alert = append(plan.Alert, name(item, ""))
		}
		p.planQueues(f.Get("queues"), &plan)
		f.Close()
		p.c.Config.Plans = append(p.c.Config.Plans, plan)
	}
}

// planQueues reads what a plan makes of queues. Its ways out are looked at
// together with those of the house that stay in force.
func (p *parser) planQueues(n *strictyaml.Node, plan *queue.Plan) {
	house := p.ways
	p.ways = nil
	replaced := map[queue.QueueID]bool{}
	queues := n.Fields()
	for _, id := range queues.Names() {
		q := queue.QueueID(id)
		node := queues.Get(id)
		f := node.Fields()
		if !p.queues[q] {
			node.Refuse("there is no queue %q", id)
		}
		x := queue.PlanChange{Greeting: f.Get("greeting").Word("", soundPattern, "the name of a sound without its ending, such as threerings/flood")}
		if then := f.Get("then"); then != nil {
			x.OnBudget = queue.BudgetPolicy(then.OneOf("", string(queue.BudgetGreet), string(queue.BudgetRing)))
		}
		if ways := f.Get("overflow"); ways != nil {
			replaced[q] = true
			if x.Overflows = p.readOverflow(ways, q); x.Overflows == nil {
				x.Overflows = []queue.Overflow{} // written, and empty: no way out at all
			}
		}
		if routing := f.Get("routing"); routing != nil {
			r := p.routing(routing, q)
			x.Routing = &r
		}
		x.Closed = f.Get("closed").Bool(false)
		f.Close()
		if plan.Queues == nil {
			plan.Queues = map[queue.QueueID]queue.PlanChange{}
		}
		plan.Queues[q] = x
	}
	queues.Close()
	own := p.ways
	p.ways = nil
	for _, w := range house {
		if !replaced[w.from] {
			p.ways = append(p.ways, w)
		}
	}
	p.ways = append(p.ways, own...)
	if len(own) > 0 {
		p.checkWays()
	}
	p.ways = house
}
