package qa

import (
	"math/big"
	"slices"

	"github.com/threerings/threerings/queue"
)

// Mark is one evaluation as the results see it.
type Mark struct {
	Evaluation string
	Agent      queue.AgentID
	Score      *big.Rat // 0 to 100
	Origin     Origin
	Fatal      bool // some fatal item failed
	Settled    bool // it cannot change any more
}

// Verdict is what may be said of an agent's month.
type Verdict string

// Verdicts.
const (
	// NoCalls: nothing was drawn and judged.
	NoCalls Verdict = "no_calls"
	// TooFew: the interval reaches over more than one grade boundary, or is
	// wider than a grade. A grade would be chance.
	TooFew Verdict = "too_few"
	// Between: the interval has one boundary in it; Grades has both grades.
	Between Verdict = "between"
	// Graded: the whole interval is in one grade.
	Graded Verdict = "graded"
)

// Grade is a band of scores, from its own score up to the next.
type Grade struct {
	Name string  `json:"name"`
	From float64 `json:"from"`
}

// Grades are the bands, best first; the last begins at 0. The appraisal (R10)
// gives them their worth.
func Grades() []Grade {
	return []Grade{{"A", 90}, {"B", 80}, {"C", 60}, {"D", 50}, {"E", 0}}
}

// widest is the most an interval may span and still be graded: the width of
// the grades that most agents are in.
const widest = 20

// Result is one agent's period.
type Result struct {
	Agent queue.AgentID `json:"agent"`
	// N are the evaluations of calls that were drawn at random, out of
	// Population; 0: not known.
	N          int      `json:"n"`
	Population int      `json:"population"`
	Interval   Interval `json:"interval"` // of the mean over all calls; 0 to 100 without any
	Verdict    Verdict  `json:"verdict"`
	Grades     []string `json:"grades"` // one when graded, two when between
	// Open are evaluations among N that can still change.
	Open int `json:"open"`
	// Fatal are evaluations among N in which a fatal item failed.
	Fatal int `json:"fatal"`
	// Targeted are evaluations of calls that were picked for a reason. Their
	// mean says nothing of the other calls, and is not in Interval.
	Targeted     int     `json:"targeted"`
	TargetedMean float64 `json:"targeted_mean"`
}

// Report is the quality part of a period, for the appraisal (R10.2).
type Report struct {
	Results     []Result     `json:"results"`     // by agent
	Differences []Difference `json:"differences"` // surest first
}

// Results sums up a period, such as a month. marks are all evaluations that
// were submitted of the period's calls; population is how many calls each
// agent's random ones were drawn from (agents without an entry: not known).
// Agents who are in population and have no mark are in the result too.
//
// It is the one place where evaluations become a result: pages, exports and
// the monthly appraisal all read this.
func Results(marks []Mark, population map[queue.AgentID]int) Report {
	samples, results := map[queue.AgentID]Sample{}, map[queue.AgentID]*Result{}
	of := func(id queue.AgentID) *Result {
		if results[id] == nil {
			results[id] = &Result{Agent: id, Population: population[id]}
		}
		return results[id]
	}
	for id := range population {
		of(id)
	}
	for _, m := range marks {
		r := of(m.Agent)
		if m.Origin != Random {
			r.TargetedMean = (r.TargetedMean*float64(r.Targeted) + Float(m.Score)) / float64(r.Targeted+1)
			r.Targeted++
			continue
		}
		s := samples[m.Agent]
		s.Scores = append(s.Scores, Float(m.Score))
		samples[m.Agent] = s
		r.N++
		if !m.Settled {
			r.Open++
		}
		if m.Fatal {
			r.Fatal++
		}
	}
	var out Report
	for id, r := range results {
		s := samples[id]
		// A population smaller than its sample is a wrong count: without end is
		// the careful reading.
		if s.Population = r.Population; s.Population < r.N {
			s.Population, r.Population = 0, 0
		}
		samples[id] = s
		r.Interval = s.Interval()
		r.Verdict, r.Grades = verdict(r.N, r.Interval)
		out.Results = append(out.Results, *r)
	}
	slices.SortFunc(out.Results, func(x, y Result) int { return compare(x.Agent, y.Agent) })
	out.Differences = Differences(samples)
	return out
}

func compare(a, b queue.AgentID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func verdict(n int, in Interval) (Verdict, []string) {
	if n == 0 {
		return NoCalls, nil
	}
	best, worst := bandOf(in.High), bandOf(in.Low)
	switch grades := Grades(); {
	case in.High-in.Low > widest && best != worst, worst-best > 1:
		return TooFew, nil
	case worst-best == 1:
		return Between, []string{grades[best].Name, grades[worst].Name}
	default:
		return Graded, []string{grades[best].Name}
	}
}

func bandOf(score float64) int {
	grades := Grades()
	for i, g := range grades {
		if score >= g.From {
			return i
		}
	}
	return len(grades) - 1
}
