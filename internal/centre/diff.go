package centre

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/queue"
)

// Op says what happens to a thing.
type Op string

// Kinds of change.
const (
	Added   Op = "added"
	Removed Op = "removed"
	Changed Op = "changed"
)

// Change is one difference between two centres. Added and removed things have
// their name in To or From and no field; a changed thing has one Change for
// each field. Secrets are never shown: their From and To are empty.
type Change struct {
	Op      Op     `json:"op"`
	Subject string `json:"subject"` // "queue sales", "agent 1003", "centre"
	Field   string `json:"field,omitempty"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
}

// fact is one field of a thing, as people read it.
type fact struct {
	field, value string
	secret       bool
}

// thing is anything in the file that can come, go and change.
type thing struct {
	subject, title string
	facts          []fact
}

// Diff lists what changes when next takes the place of old; old may be nil.
// Nothing in the list means that both centres work alike.
func Diff(old, next *Centre) []Change {
	before, after := things(old), things(next)
	index := make(map[string]thing, len(before))
	for _, t := range before {
		index[t.subject] = t
	}
	var changes []Change
	kept := map[string]bool{}
	for _, t := range after {
		kept[t.subject] = true
		was, existed := index[t.subject]
		if !existed {
			changes = append(changes, Change{Op: Added, Subject: t.subject, To: t.title})
			continue
		}
		changes = append(changes, compare(was, t)...)
	}
	for _, t := range before {
		if !kept[t.subject] {
			changes = append(changes, Change{Op: Removed, Subject: t.subject, From: t.title})
		}
	}
	return changes
}

func compare(was, is thing) []Change {
	values := make(map[string]fact, len(was.facts))
	for _, f := range was.facts {
		values[f.field] = f
	}
	var changes []Change
	for _, f := range is.facts {
		old := values[f.field]
		if old.value == f.value {
			continue
		}
		c := Change{Op: Changed, Subject: is.subject, Field: f.field}
		if !f.secret {
			c.From, c.To = old.value, f.value
		}
		changes = append(changes, c)
	}
	return changes
}

func things(c *Centre) []thing {
	if c == nil {
		return nil
	}
	all := []thing{{"centre", c.Name, []fact{
		{"name", c.Name, false}, {"name_en", c.NameEN, false}, {"timezone", c.TimeZone, false},
		{"country", c.Config.Country, false}, {"priority", priorityText(&c.Config), false}, {"limits", limitsText(c.Config.Limits), false},
		{"spoken lines", linesText(c.Prompts), false}, {"message_limit", short(c.Config.MessageLimit), false},
		{"second_factor", strings.Join(c.SecondFactor, " "), false}, {"retention", retentionText(c.Retention), false},
	}}}
	for i := range c.Config.Queues {
		all = append(all, queueThing(c, &c.Config.Queues[i]))
	}
	passwords := make(map[string]string, len(c.Accounts))
	for _, a := range c.Accounts {
		passwords[a.Account] = a.Password
	}
	for _, g := range c.Config.Agents {
		phone := "account " + g.Phone.Value
		if g.Phone.Kind == queue.PhoneFixed {
			phone = "sip:" + g.Phone.Value
		}
		all = append(all, thing{"agent " + string(g.ID), g.Name, []fact{
			{"name", g.Name, false}, {"name_en", g.NameEN, false}, {"phone", phone, false},
			{"password", passwords[g.Phone.Value], true}, {"queues", servesText(&g), false},
			{"skills", skillsText(g.Skills), false},
		}})
	}
	for _, r := range c.Config.Reasons {
		all = append(all, thing{"reason " + r.Code, r.Name, []fact{
			{"digit", r.Digit, false}, {"limit", short(r.Limit), false}, {"name", r.Name, false}, {"name_en", r.NameEN, false},
		}})
	}
	all = append(all, floorThings(&c.Config)...)
	all = append(all, menuThings(c)...)
	all = append(all, teamThings(c)...)
	for _, u := range c.Users {
		all = append(all, thing{"user " + u.Name, u.Role, []fact{
			{"role", u.Role, false}, {"agent", string(u.Agent), false}, {"teams", strings.Join(u.Teams, " "), false}, {"password", u.Password + u.PasswordHash, true},
		}})
	}
	return all
}

// linesText tells of spoken lines only how many there are, and by a mark whether
// they are the same: an announcement alone has a hundred.
func linesText(lines []prompts.Line) string {
	if len(lines) == 0 {
		return "none"
	}
	all := sha256.New()
	for _, l := range lines {
		all.Write([]byte(l.Sound()))
	}
	return fmt.Sprintf("%d (%x)", len(lines), all.Sum(nil)[:3])
}

func queueThing(c *Centre, q *queue.QueueConfig) thing {
	var numbers []string
	for _, number := range slices.Sorted(maps.Keys(c.Config.Numbers)) {
		if c.Config.Numbers[number] == q.ID {
			if extra := c.Config.Priorities[number]; extra != 0 {
				number += " (priority " + strconv.Itoa(extra) + ")"
			}
			numbers = append(numbers, number)
		}
	}
	number := strconv.Itoa
	t := q.Thresholds
	return thing{"queue " + string(q.ID), q.Name, []fact{
		{"name", q.Name, false}, {"name_en", q.NameEN, false},
		{"numbers", strings.Join(numbers, ", "), false},
		{"priority", number(q.Priority), false},
		{"ring.country", q.Country, false}, {"ring.agent", number(q.AgentRings), false},
		{"ring.budget", number(q.BudgetRings), false}, {"ring.then", string(q.OnBudget), false},
		{"greeting", q.Greeting, false}, {"music", q.Music, false},
		{"wrap_up", short(q.WrapUp), false}, {"wrap_up.kind", string(q.WrapUpKind), false}, {"wrap_up.max", short(q.WrapUpMax), false}, {"dial_timeout", short(q.DialTimeout), false},
		{"back_off", short(q.BackOff), false}, {"routing", routingText(q.Routing), false}, {"missed", missedText(q), false}, {"talking", talkingText(q), false}, {"hours", hoursText(q.Hours), false},
		{"announce", announceText(c, q.Announce), false}, {"survey", surveyText(c, q.Survey), false},
		{"overflow", overflowText(q.Overflows), false}, {"record", strconv.FormatBool(q.Record), false},
		{"fine", yuan(q.Fine), false}, {"short_abandon", short(q.ShortAbandon), false},
		{"service_level.formula", string(q.ServiceLevel.Formula), false},
		{"service_level.within", short(q.ServiceLevel.Within), false},
		{"thresholds.waiting_warn", number(t.WaitingWarn), false}, {"thresholds.waiting_alarm", number(t.WaitingAlarm), false},
		{"thresholds.wait_warn", short(t.WaitWarn), false}, {"thresholds.wait_alarm", short(t.WaitAlarm), false},
		{"thresholds.rings_warn", percent(t.RingsWarn), false}, {"thresholds.rings_alarm", percent(t.RingsAlarm), false},
	}}
}

func yuan(fen int64) string {
	if fen%100 == 0 {
		return strconv.FormatInt(fen/100, 10)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', -1, 64) + "%" }

// WriteDiff writes changes for people, a line each; with color, in the colours
// of a terminal.
func WriteDiff(w io.Writer, changes []Change, color bool) error {
	if len(changes) == 0 {
		_, err := fmt.Fprintln(w, "nothing changes")
		return err
	}
	for _, c := range changes {
		line, paint := c.String(), "33"
		switch c.Op {
		case Added:
			paint = "32"
		case Removed:
			paint = "31"
		}
		if color {
			line = "\x1b[" + paint + "m" + line + "\x1b[0m"
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return fmt.Errorf("writing the differences: %w", err)
		}
	}
	return nil
}

// String is the change in one line: "~ queue support: wrap_up 15s → 30s".
func (c Change) String() string {
	switch {
	case c.Op == Added:
		return strings.TrimSpace("+ " + c.Subject + " " + c.To)
	case c.Op == Removed:
		return strings.TrimSpace("- " + c.Subject + " " + c.From)
	case c.From == "" && c.To == "":
		return "~ " + c.Subject + ": " + c.Field + " changed"
	}
	show := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	return fmt.Sprintf("~ %s: %s %s → %s", c.Subject, c.Field, show(c.From), show(c.To))
}
