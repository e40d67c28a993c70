package centre

import (
	"math"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

func (p *parser) readQueues(n *strictyaml.Node) {
	for _, e := range entries(n, "queues", "support") {
		q := p.queue(e)
		if q.ID == busy {
			e.node.Refuse("busy has another meaning as an overflow's end: choose another id")
		}
		p.queues[q.ID] = true
		p.c.Config.Queues = append(p.c.Config.Queues, q)
	}
	if n.IsEmpty() {
		n.Refuse("names no queue: name at least one")
	}
	p.checkWays()
}

const noMost = math.MaxInt

// queue reads one queue; what it does not say is the default (queue.NewQueue).
func (p *parser) queue(e entry) queue.QueueConfig {
	f := e.fields
	q := queue.NewQueue(queue.QueueID(e.id))
	q.Name = name(f.Get("name"), q.Name)
	q.NameEN = name(f.Get("name_en"), e.id)
	q.Priority = f.Get("priority").Int(q.Priority, -1000, 1000)
	p.readNumbers(f.Get("numbers"), q.ID)
	ring(f.Get("ring"), &q)
	q.Greeting = p.greeting(f.Get("greeting"), q.Greeting)
	q.Music = f.Get("music").Word(q.Music, classPattern, "the name of a music class, such as default")
	wrapUp(f.Get("wrap_up"), &q)
	q.DialTimeout = f.Get("dial_timeout").Duration(q.DialTimeout, time.Millisecond)
	q.BackOff = f.Get("back_off").Duration(q.BackOff, 0)
	q.Hours = p.queueHours(f.Get("hours"))
	overflow := f.Get("overflow")
	q.Overflows = p.readOverflow(overflow, q.ID)
	q.Routing = p.routing(f.Get("routing"), q.ID)
	q.Talking = talking(f.Get("transfer"), f.Get("outbound"), f.Get("recording"), q.Talking)
	q.Announce = p.announce(f.Get("announce"), &q)
	q.Callback = p.callback(f.Get("callback"), q.Announce.Offer != "", q.Callback)
	q.Survey = p.survey(f.Get("survey"))
	q.Missed = missed(f.Get("missed"))
	q.SignOutAfter = f.Get("sign_out_after").Int(0, 0, 100)
	q.Record = f.Get("record").Bool(q.Record)
	p.checkTapes(overflow, &q)
	q.Fine = f.Get("fine").Money(q.Fine)
	q.ShortAbandon = f.Get("short_abandon").Duration(q.ShortAbandon, 0)
	serviceLevel(f.Get("service_level"), &q.ServiceLevel)
	thresholds(f.Get("thresholds"), &q.Thresholds)
	f.Close()
	return q
}

// greeting is a sound that the switch has, or words as of a prompt; none means
// music at once.
func (p *parser) greeting(n *strictyaml.Node, missing string) string {
	if n.IsGroup() {
		return p.promptGroup(n)
	}
	text := n.Word(missing, soundPattern, "the name of a sound without its ending, such as threerings/greeting, or none")
	if text == "none" {
		return ""
	}
	return text
}

// ring reads the ring rule: whose cadence, the agent's limit (R1.1), the
// caller's budget (R1.2) and what happens when that is spent.
func ring(n *strictyaml.Node, q *queue.QueueConfig) {
	f := n.Fields()
	q.Country = country(f.Get("country"), q.Country)
	q.AgentRings = f.Get("agent").Int(q.AgentRings, 1, 20)
	q.BudgetRings = f.Get("budget").Int(q.BudgetRings, 1, 100)
	q.OnBudget = queue.BudgetPolicy(f.Get("then").OneOf(string(q.OnBudget), string(queue.BudgetGreet), string(queue.BudgetRing)))
	f.Close()
}

// missed reads what follows from offers that an agent did not take.
func missed(n *strictyaml.Node) (rules []queue.MissRule) {
	f := n.Fields()
	for _, reason := range queue.MissReasons() {
		g := f.Get(string(reason)).Fields()
		if g == nil {
			continue
		}
		r := queue.MissRule{Reason: reason}
		r.Then = queue.AgentState(g.Need("then", "give ready, not_ready or logged_out").OneOf(string(queue.NotReady),
			string(queue.Ready), string(queue.NotReady), string(queue.LoggedOut)))
		r.Pause = g.Get("pause").Duration(0, 0)
		g.Close()
		rules = append(rules, r)
	}
	f.Close()
	return rules
}

func serviceLevel(n *strictyaml.Node, s *queue.ServiceLevelConfig) {
	f := n.Fields()
	formulas := make([]string, 0, len(queue.Formulas()))
	for _, formula := range queue.Formulas() {
		formulas = append(formulas, string(formula))
	}
	s.Formula = queue.Formula(f.Get("formula").OneOf(string(s.Formula), formulas...))
	s.Within = f.Get("within").Duration(s.Within, time.Millisecond)
	f.Close()
}

// thresholds reads when the wallboard changes colour. An alarm that comes
// before its warning is a slip of the pen.
func thresholds(n *strictyaml.Node, t *queue.Thresholds) {
	f := n.Fields()
	t.WaitingWarn = f.Get("waiting_warn").Int(t.WaitingWarn, 0, noMost)
	t.WaitingAlarm = f.Get("waiting_alarm").Int(t.WaitingAlarm, 0, noMost)
	t.WaitWarn = f.Get("wait_warn").Duration(t.WaitWarn, 0)
	t.WaitAlarm = f.Get("wait_alarm").Duration(t.WaitAlarm, 0)
	t.RingsWarn = f.Get("rings_warn").Share(t.RingsWarn)
	t.RingsAlarm = f.Get("rings_alarm").Share(t.RingsAlarm)
	if t.WaitingWarn > 0 && t.WaitingAlarm > 0 && t.WaitingWarn > t.WaitingAlarm {
		n.Refuse("waiting_warn %d comes after waiting_alarm %d: raise waiting_alarm", t.WaitingWarn, t.WaitingAlarm)
	}
	if t.WaitWarn > 0 && t.WaitAlarm > 0 && t.WaitWarn > t.WaitAlarm {
		n.Refuse("wait_warn %s comes after wait_alarm %s: raise wait_alarm", short(t.WaitWarn), short(t.WaitAlarm))
	}
	if t.RingsWarn > 0 && t.RingsWarn < t.RingsAlarm {
		n.Refuse("rings_warn %s comes after rings_alarm %s: lower rings_alarm", percent(t.RingsWarn), percent(t.RingsAlarm))
	}
	f.Close()
}

func (p *parser) readNumbers(n *strictyaml.Node, id queue.QueueID) {
	for _, item := range n.Items() {
		var fields *strictyaml.Fields
		text := item
		if item.IsGroup() { // {number: "4008", priority: 20}
			fields = item.Fields()
			text = fields.Need("number", "give the number that callers dial")
		}
		number := text.Word("", numberPattern, numberRule)
		if priority := fields.Get("priority").Int(0, -1000, 1000); priority != 0 {
			if p.c.Config.Priorities == nil {
				p.c.Config.Priorities = map[string]int{}
			}
			p.c.Config.Priorities[number] = priority
		}
		fields.Close()
		if number == "" {
			continue
		}
		if line, twice := p.numbers[number]; twice {
			item.Refuse("number %s is already in line %d, for queue %s", number, line, p.c.Config.Numbers[number])
			continue
		}
		p.numbers[number] = item.Line()
		p.c.Config.Numbers[number] = id
	}
}

// short is a duration as people write it: 2m, not 2m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
