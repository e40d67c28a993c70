package qa

import (
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Per is how long a plan's periods are.
type Per string

// Periods. Days begin at midnight of the centre's zone, weeks on Monday.
const (
	Once  Per = "once" // one period, which the plan gives itself
	Day   Per = "day"
	Week  Per = "week"
	Month Per = "month"
)

// Plan says which conversations are listened to (R9.1): so many of each agent
// and period by chance, and some for a reason on top.
type Plan struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Per  Per    `json:"per"`
	// Since and Until are the days of a plan for once, the last one included; of
	// the day on which the plan was made, as much as was over.
	Since string `json:"since,omitempty"`
	Until string `json:"until,omitempty"`
	Form  string `json:"form"`
	// Count is how many conversations of each agent are drawn by chance.
	Count   int      `json:"count"`
	Targets []Target `json:"targets"` // on top, in this order

	// What is drawn from: conversations with all of these.
	Queues  []queue.QueueID `json:"queues"`     // empty: any
	Agents  []queue.AgentID `json:"agents"`     // empty: any
	MinTalk int             `json:"min_talk_s"` // the agent's own part, seconds

	Scorers []Scorer `json:"scorers"` // empty: every account of QA
	Blind   bool     `json:"blind"`   // scorers are not told who the agent is
	DueDays int      `json:"due_days"`

	Version int       `json:"version"` // 1 and up; a draw keeps the one it was made by
	By      Scorer    `json:"by"`      // of this version
	At      time.Time `json:"at"`
	EndedAt time.Time `json:"ended_at,omitzero"` // no draws any more
}

// Reason is why a conversation was picked.
type Reason string

// Reasons. All but ByChance are targets, and say nothing of other calls.
const (
	ByChance  Reason = "random"
	LowSurvey Reason = "low_survey" // the caller's mark is at most Limit (R8.2)
	Long      Reason = "long"       // the agent's part took at least Limit seconds
	AgentLeft Reason = "agent_left" // the agent hung up first (R2.5)
	OverRings Reason = "over_rings" // not answered within three rings (R1.2)
	DeadAir   Reason = "dead_air"   // nobody spoke for at least Limit seconds in all
	NewAgent  Reason = "new_agent"  // at most Limit days after the agent's first conversation
)

// Target picks conversations for a reason.
type Target struct {
	Reason Reason `json:"reason"`
	Limit  int    `json:"limit"` // see Reason; 0 where it has none
	Most   int    `json:"most"`  // of each agent and period
}

// limits are what Limit may be, and 0, 0 where there is none.
func (r Reason) limits() (low, high int, known bool) {
	switch r {
	case LowSurvey:
		return 1, 4, true
	case Long, DeadAir:
		return 1, 24 * 3600, true
	case NewAgent:
		return 1, 366, true
	case AgentLeft, OverRings:
		return 0, 0, true
	}
	return 0, 0, false
}

func (t Target) fits(c Candidate) bool {
	switch t.Reason {
	case LowSurvey:
		return c.Mark > 0 && c.Mark <= t.Limit
	case Long:
		return c.TalkMS >= int64(t.Limit)*1000
	case AgentLeft:
		return c.AgentLeft
	case OverRings:
		return c.OverRings
	case DeadAir:
		return c.DeadAirMS >= int64(t.Limit)*1000
	case NewAgent:
		return c.Days <= t.Limit
	}
	return false
}

const (
	maxCount = 100
	maxName  = 200 // characters
	maxList  = 1000
	maxDue   = 90
	maxOnce  = 92 * 24 * time.Hour
)

// Check says what is wrong with a plan.
func (p Plan) Check() error {
	if err := text("name", p.Name, true); err != nil {
		return err
	}
	switch since, until, err := p.days(time.UTC); {
	case len([]rune(p.Name)) > maxName:
		return refuse(RefusedContent, "name: at most %d characters", maxName)
	case !slices.Contains([]Per{Once, Day, Week, Month}, p.Per):
		return refuse(RefusedContent, "per: give once, day, week or month, not %q", p.Per)
	case p.Per == Once && err != nil:
		return refuse(RefusedContent, "since and until: a plan for once has days such as 2026-11-30")
	case p.Per == Once && (!until.After(since) || until.Sub(since) > maxOnce):
		return refuse(RefusedContent, "since and until: give at most %d days, the first not after the last", int(maxOnce.Hours()/24))
	case p.Per != Once && p.Since+p.Until != "":
		return refuse(RefusedContent, "since and until: only a plan for once has days")
	case p.Form == "":
		return refuse(RefusedContent, "form: say by which form conversations are judged")
	case p.Count < 0 || p.Count > maxCount:
		return refuse(RefusedContent, "count: give 0 to %d of each agent and period", maxCount)
	case p.Count == 0 && len(p.Targets) == 0:
		return refuse(RefusedContent, "count: a plan draws something by chance, or for a reason")
	case p.MinTalk < 0 || p.MinTalk > 24*3600:
		return refuse(RefusedContent, "min_talk_s: give 0 to 86400 seconds")
	case p.DueDays < 1 || p.DueDays > maxDue:
		return refuse(RefusedContent, "due_days: give 1 to %d days", maxDue)
	case len(p.Queues) > maxList || len(p.Agents) > maxList || len(p.Scorers) > maxList:
		return refuse(RefusedContent, "queues, agents, scorers: at most %d each", maxList)
	}
	seen := map[Reason]bool{}
	for _, t := range p.Targets {
		low, high, known := t.Reason.limits()
		switch {
		case !known:
			return refuse(RefusedContent, "targets: %q is no reason to pick a conversation", t.Reason)
		case seen[t.Reason]:
			return refuse(RefusedContent, "targets: %s is there twice", t.Reason)
		case t.Most < 1 || t.Most > maxCount:
			return refuse(RefusedContent, "targets: %s: give at most 1 to %d of each agent and period", t.Reason, maxCount)
		case t.Limit < low || t.Limit > high:
			return refuse(RefusedContent, "targets: %s: the limit is %d to %d", t.Reason, low, high)
		}
		seen[t.Reason] = true
	}
	return nil
}

// days are the period of a plan for once.
func (p Plan) days(zone *time.Location) (since, until time.Time, err error) {
	if since, err = time.ParseInLocation(time.DateOnly, p.Since, zone); err == nil {
		until, err = time.ParseInLocation(time.DateOnly, p.Until, zone)
	}
	return since, until.AddDate(0, 0, 1), err
}

// Period is a stretch of time, [Since, Until).
type Period struct{ Since, Until time.Time }

// Periods are those that a plan has a seed for at a time: the one that runs and
// the next one, so that the seed is there before the first call of it.
func (p Plan) Periods(now time.Time, zone *time.Location) []Period {
	if !p.EndedAt.IsZero() {
		return nil
	}
	y, m, d := now.In(zone).Date()
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, zone) }
	var edges []time.Time
	switch p.Per {
	case Day:
		edges = []time.Time{at(y, m, d), at(y, m, d+1), at(y, m, d+2)}
	case Week:
		d -= (int(at(y, m, d).Weekday()) + 6) % 7
		edges = []time.Time{at(y, m, d), at(y, m, d+7), at(y, m, d+14)}
	case Month:
		edges = []time.Time{at(y, m, 1), at(y, m+1, 1), at(y, m+2, 1)}
	default:
		since, until, err := p.days(zone)
		if err != nil {
			return nil
		}
		if p.At.In(zone).Format(time.DateOnly) == p.Until {
			until = p.At // today: what there is by now
		}
		return []Period{{since.UTC(), until.UTC()}}
	}
	return []Period{{edges[0].UTC(), edges[1].UTC()}, {edges[1].UTC(), edges[2].UTC()}}
}
