package postgres

import (
	"fmt"
	"strings"

	"github.com/threerings/threerings/queue"
)

// column is one column of a projection: its name, what it means, and the place
// in the row's struct that it is written from and read into. The same list
// makes the statements, reads the rows and heads the exports.
type column[T any] struct {
	name  string
	doc   string
	field func(*T) any
}

// table is a projection.
type table[T any] struct {
	name    string
	key     []string // with pool in front, the primary key
	columns []column[T]
}

var calls = table[queue.Call]{"calls", []string{"call"}, []column[queue.Call]{
	{"call", "id of the call, which is the id of the caller's channel", func(c *queue.Call) any { return word(&c.ID) }},
	{"arrival", "order of arrival, counted from 1", func(c *queue.Call) any { return &c.Order }},
	{"day", "the house's day of arrival", func(c *queue.Call) any { return word(&c.Day) }},
	{"queue", "queue the call is in, or was in last", func(c *queue.Call) any { return word(&c.Queue) }},
	{"passed", "queues it overflowed out of before, JSON", func(c *queue.Call) any { return document{&c.Passed} }},
	{"number", "number dialled", func(c *queue.Call) any { return word(&c.Number) }},
	{"caller", "caller's number", func(c *queue.Call) any { return word(&c.Caller) }},
	{"name", "caller's name as sent", func(c *queue.Call) any { return word(&c.Name) }},
	{"endpoint", "where it came in: trunk, or the calling account", func(c *queue.Call) any { return word(&c.Endpoint) }},
	{"addr", "network address it came from", func(c *queue.Call) any { return word(&c.Addr) }},
	{"by_agent", "agent whose phone placed it, if any", func(c *queue.Call) any { return word(&c.ByAgent) }},
	{"state", "menu, waiting, offered, connecting, talking, outside, reaching, announced, voicemail, survey or ended", func(c *queue.Call) any { return word(&c.State) }},
	{"arrived_at", "when it arrived", func(c *queue.Call) any { return stamp{&c.ArrivedAt} }},
	{"line_answered_at", "when the caller's line was answered by whatever", func(c *queue.Call) any { return stamp{&c.LineAnsweredAt} }},
	{"line_answered_by", "agent, greeting, menu, announcement, voicemail, outside or customer; only an agent's answer is service", func(c *queue.Call) any { return word(&c.LineAnsweredBy) }},
	{"budget_spent_at", "when the caller's ring budget was spent unanswered", func(c *queue.Call) any { return stamp{&c.BudgetSpentAt} }},
	{"accepted_at", "when the agent answered", func(c *queue.Call) any { return stamp{&c.AcceptedAt} }},
	{"connected_at", "when both heard each other", func(c *queue.Call) any { return stamp{&c.ConnectedAt} }},
	{"spoke_at", "when the customer was first connected with anybody: an agent, a number outside", func(c *queue.Call) any { return stamp{&c.SpokeAt} }},
	{"ended_at", "when it ended", func(c *queue.Call) any { return stamp{&c.EndedAt} }},
	{"offers", "how many offers were made for it", func(c *queue.Call) any { return &c.Offers }},
	{"offer", "the accepted offer", func(c *queue.Call) any { return word(&c.Offer) }},
	{"agent", "agent who has or had it", func(c *queue.Call) any { return word(&c.Agent) }},
	{"outcome", "answered, abandoned, overflowed, forwarded, announced, voicemail, no_message, left_menu, turned_away, called_back, not_reached, cancelled or lost; empty while it lasts", func(c *queue.Call) any { return word(&c.Outcome) }},
	{"release", "who hung up first: caller, agent or system", func(c *queue.Call) any { return word(&c.Release) }},
	{"cause", "why the leg that ended first ended", func(c *queue.Call) any { return word(&c.Cause) }},
	{"short", "abandoned under the queue's short-abandon threshold", func(c *queue.Call) any { return &c.Short }},
	{"wait_ms", "from arrival to the agent's answer, or to leaving without one", func(c *queue.Call) any { return millis{&c.Wait} }},
	{"ring_ms", "how long the caller heard ringing", func(c *queue.Call) any { return millis{&c.Rings.For} }},
	{"rings", "rings the caller heard", func(c *queue.Call) any { return &c.Rings.Heard }},
	{"rings_within", "whole wait within the ring budget: before the next ring would start", func(c *queue.Call) any { return &c.Rings.Within }},
	{"rings_strict", "the strict reading: by the end of the last ring's sounding part", func(c *queue.Call) any { return &c.Rings.Strict }},
	{"talk_ms", "length of the conversation", func(c *queue.Call) any { return millis{&c.Talk} }},
	{"overflow", "why it left a queue by policy, the last time: closed, full, no_agents, not_ready, max_wait", func(c *queue.Call) any { return word(&c.Overflow) }},
	{"level", "the customer's level", func(c *queue.Call) any { return word(&c.Level) }},
	{"extra", "priority that the number and the level add to the queue's", func(c *queue.Call) any { return &c.Extra }},
	{"last_agent", "agent whom the caller spoke to before, as far as remembered", func(c *queue.Call) any { return word(&c.LastAgent) }},
	{"overtaken", "how often a later call was given an agent whom this one could have had", func(c *queue.Call) any { return &c.Overtaken }},
	{"overtaken_at", "when first", func(c *queue.Call) any { return stamp{&c.OvertakenAt} }},
	{"unrecorded", "no recording was to be made, as decided when it came", func(c *queue.Call) any { return &c.Unrecorded }},
	{"leg", "the customer's channel: the call's own, or the one that we dialled", func(c *queue.Call) any { return word(&c.Leg) }},
	{"direction", "out when an agent placed it; empty otherwise", func(c *queue.Call) any { return word(&c.Direction) }},
	{"queued_at", "when it first took a place in a queue: the wait counts from here", func(c *queue.Call) any { return stamp{&c.QueuedAt} }},
	{"home", "queue in whose figures it is, when it was answered", func(c *queue.Call) any { return word(&c.Home) }},
	{"hold_ms", "how long the customer was on hold", func(c *queue.Call) any { return millis{&c.Hold} }},
	{"transfers", "how often it was handed on", func(c *queue.Call) any { return &c.Transfers }},
	{"parts", "how many agents' parts it has, see the table parts", func(c *queue.Call) any { return &c.Parts }},
	{"outside", "number outside that it was given to, JSON", func(c *queue.Call) any { return document{&c.Outside} }},
	{"callback", "how the customer was to be called back, JSON", func(c *queue.Call) any { return document{&c.Callback} }},
	{"callback_of", "the call whose caller gave up and is called back here", func(c *queue.Call) any { return word(&c.CallbackOf) }},
	{"category", "what it was about, as registered", func(c *queue.Call) any { return word(&c.Category) }},
	{"registered_by", "agent who registered it last", func(c *queue.Call) any { return word(&c.RegisteredBy) }},
	{"registered_at", "when", func(c *queue.Call) any { return stamp{&c.RegisteredAt} }},
	{"note", "what was answered and what remains to be done", func(c *queue.Call) any { return word(&c.Note) }},
	{"registration_missed", "it had to be registered and was not in time", func(c *queue.Call) any { return &c.RegistrationMissed }},
	{"path", "way through menus: which, and the keys, JSON", func(c *queue.Call) any { return document{&c.Path} }},
	{"estimate", "what the caller was told first of the wait, JSON", func(c *queue.Call) any { return document{&c.Estimate} }},
	{"message_at", "when a message began, within the recording of the call", func(c *queue.Call) any { return stamp{&c.MessageAt} }},
	{"message_ms", "length of the message", func(c *queue.Call) any { return millis{&c.Message} }},
	{"survey", "asked, answered, declined or unanswered; empty: no survey", func(c *queue.Call) any { return word(&c.Survey) }},
	{"score", "mark of the survey, 1 to 5", func(c *queue.Call) any { return &c.Score }},
	{"cut_at", "when the switch was heard last that took the call with it; ended_at is when that was found", func(c *queue.Call) any { return stamp{&c.CutAt} }},
	{"restored", "the call that was dropped and whose place this one has", func(c *queue.Call) any { return word(&c.Restored) }},
}}

var offers = table[queue.Offer]{"offers", []string{"offer"}, []column[queue.Offer]{
	{"offer", "id of the offer, which is the id of the agent's channel", func(o *queue.Offer) any { return word(&o.ID) }},
	{"call", "call offered", func(o *queue.Offer) any { return word(&o.Call) }},
	{"agent", "agent whose phone was called", func(o *queue.Offer) any { return word(&o.Agent) }},
	{"queue", "queue the call was in", func(o *queue.Offer) any { return word(&o.Queue) }},
	{"kind", "consult, placed, or empty: a call from the queue", func(o *queue.Offer) any { return word(&o.Kind) }},
	{"day", "the house's day", func(o *queue.Offer) any { return word(&o.Day) }},
	{"state", "dialing, alerting, accepted, missed or withdrawn", func(o *queue.Offer) any { return word(&o.State) }},
	{"made_at", "when it was made", func(o *queue.Offer) any { return stamp{&o.MadeAt} }},
	{"alerting_at", "when the phone began to ring", func(o *queue.Offer) any { return stamp{&o.AlertingAt} }},
	{"closed_at", "when it was accepted, missed or withdrawn", func(o *queue.Offer) any { return stamp{&o.ClosedAt} }},
	{"reason", "why it was missed or withdrawn", func(o *queue.Offer) any { return word(&o.Reason) }},
	{"ring_ms", "how long the phone rang", func(o *queue.Offer) any { return millis{&o.Rings.For} }},
	{"rings", "rings of the phone", func(o *queue.Offer) any { return &o.Rings.Heard }},
	{"rings_within", "answered before the ring after the limit would start", func(o *queue.Offer) any { return &o.Rings.Within }},
	{"rings_strict", "answered by the end of the last ring's sounding part", func(o *queue.Offer) any { return &o.Rings.Strict }},
	{"fine", "fine in fen (1/100 yuan), when a violation was found", func(o *queue.Offer) any { return &o.Fine }},
	{"why", "why this agent: strategy and leading candidates, JSON", func(o *queue.Offer) any { return document{&o.Why} }},
}}

var intervals = table[queue.AgentInterval]{"agent_intervals", []string{"agent", "from_at"}, []column[queue.AgentInterval]{
	{"agent", "agent", func(i *queue.AgentInterval) any { return word(&i.Agent) }},
	{"from_at", "when the state began", func(i *queue.AgentInterval) any { return stamp{&i.From} }},
	{"to_at", "when it ended; empty while it lasts", func(i *queue.AgentInterval) any { return stamp{&i.To} }},
	{"state", "logged_out, not_ready, ready, reserved, on_call or wrap_up", func(i *queue.AgentInterval) any { return word(&i.State) }},
	{"reason", "reason of not_ready", func(i *queue.AgentInterval) any { return word(&i.Reason) }},
	{"call", "call it was for", func(i *queue.AgentInterval) any { return word(&i.Call) }},
}}

var violations = table[queue.Violation]{"violations", []string{"offer", "rule", "at"}, []column[queue.Violation]{
	{"at", "when it was found", func(v *queue.Violation) any { return stamp{&v.At} }},
	{"agent", "agent whose phone rang", func(v *queue.Violation) any { return word(&v.Agent) }},
	{"call", "call", func(v *queue.Violation) any { return word(&v.Call) }},
	{"offer", "offer", func(v *queue.Violation) any { return word(&v.Offer) }},
	{"queue", "queue", func(v *queue.Violation) any { return word(&v.Queue) }},
	{"rule", "rule of the house", func(v *queue.Violation) any { return word(&v.Rule) }},
	{"ring_ms", "how long the phone rang", func(v *queue.Violation) any { return millis{&v.Rings.For} }},
	{"rings", "rings of the phone", func(v *queue.Violation) any { return &v.Rings.Heard }},
	{"rings_within", "within the limit, default reading", func(v *queue.Violation) any { return &v.Rings.Within }},
	{"rings_strict", "within the limit, strict reading", func(v *queue.Violation) any { return &v.Rings.Strict }},
	{"fine", "fine in fen (1/100 yuan)", func(v *queue.Violation) any { return &v.Fine }},
}}

var parts = table[queue.Part]{"parts", []string{"call", "n"}, []column[queue.Part]{
	{"call", "call", func(p *queue.Part) any { return word(&p.Call) }},
	{"n", "counts the parts of the call from 1", func(p *queue.Part) any { return &p.N }},
	{"agent", "agent who talked", func(p *queue.Part) any { return word(&p.Agent) }},
	{"offer", "offer that the agent accepted", func(p *queue.Part) any { return word(&p.Offer) }},
	{"queue", "queue the call was in", func(p *queue.Part) any { return word(&p.Queue) }},
	{"day", "the house's day", func(p *queue.Part) any { return word(&p.Day) }},
	{"from_at", "when the agent's part began", func(p *queue.Part) any { return stamp{&p.From} }},
	{"to_at", "when it ended", func(p *queue.Part) any { return stamp{&p.To} }},
	{"talk_ms", "time in conversation, holding left out", func(p *queue.Part) any { return millis{&p.Talk} }},
	{"hold_ms", "how long the customer was on hold", func(p *queue.Part) any { return millis{&p.Hold} }},
	{"ended", "how it ended: completed, transferred, consulted, left, lost", func(p *queue.Part) any { return word(&p.End) }},
}}

var cases = table[queue.Case]{"cases", []string{"id"}, []column[queue.Case]{
	{"id", "id of the case, which is that of the call", func(c *queue.Case) any { return word(&c.ID) }},
	{"kind", "voicemail", func(c *queue.Case) any { return word(&c.Kind) }},
	{"queue", "queue the call was in; empty: it came from a menu", func(c *queue.Case) any { return word(&c.Queue) }},
	{"caller", "caller's number", func(c *queue.Case) any { return word(&c.Caller) }},
	{"opened_at", "when it opened", func(c *queue.Case) any { return stamp{&c.OpenedAt} }},
	{"closed_at", "when it was closed; empty while it is open", func(c *queue.Case) any { return stamp{&c.ClosedAt} }},
	{"note", "what was said on closing it", func(c *queue.Case) any { return word(&c.Note) }},
	{"closed_by", "who closed it", func(c *queue.Case) any { return word(&c.By) }},
}}

func (t *table[T]) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// fields are the places of a row, in the order of the columns.
func (t *table[T]) fields(row *T) []any {
	places := make([]any, len(t.columns))
	for i, c := range t.columns {
		places[i] = c.field(row)
	}
	return places
}

// upsert is the statement that writes one row: $1 is the pool, then the columns.
func (t *table[T]) upsert() string {
	values, sets := make([]string, len(t.columns)), []string{}
	for i, c := range t.columns {
		values[i] = fmt.Sprintf("$%d", i+2)
		sets = append(sets, fmt.Sprintf("%s = excluded.%s", c.name, c.name))
	}
	return fmt.Sprintf("INSERT INTO %s (pool, %s) VALUES ($1, %s) ON CONFLICT (pool, %s) DO UPDATE SET %s",
		t.name, strings.Join(t.names(), ", "), strings.Join(values, ", "), strings.Join(t.key, ", "), strings.Join(sets, ", "))
}

// selectFrom begins the statement that reads rows.
func (t *table[T]) selectFrom() string {
	return "SELECT " + strings.Join(t.names(), ", ") + " FROM " + t.name
}
