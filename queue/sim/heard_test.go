package sim

import (
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// Days on which callers go through menus, are told how long it takes, leave
// messages and give marks: everything holds as on others, and what the rows say
// is what the wallboard said.
func TestDaysOfMenusAndSurveys(t *testing.T) {
	var sum queue.Tally
	seen := map[string]int{}
	for _, seed := range []uint64{1, 2, 3, 4, 5, 6, 1795396343623898894, freshSeed(t)} {
		for name, s := range map[string]Settings{"calm": calm(seed), "crowded": crowded(seed)} {
			s.Heard, s.Faults.AgentReleases = true, 0.5
			replica, calls := queue.New(), map[queue.CallID]queue.Call{}
			s.Tap = func(r queue.Record) {
				seen[queue.TypeOf(r.Event)]++
				for _, c := range replica.Apply(r).Calls {
					calls[c.ID] = c
				}
			}
			w := newWorld(s)
			if err := w.run(); err != nil {
				t.Fatalf("%s %d: %v", name, seed, err)
			}
			for _, p := range w.problems() {
				t.Errorf("%s %d: %s", name, seed, p)
			}
			snap := w.acd.Snapshot()
			for i, q := range snap.Queues {
				var rows queue.Tally
				for _, c := range calls {
					if c.Day == snap.Day {
						rows.Add(&snap.Config.Queues[i], &c)
					}
				}
				live := q.Today
				live.Rung, live.RungWithin, live.RungStrict, live.InVain, live.Violations = 0, 0, 0, 0, 0
				if rows != live {
					t.Errorf("%s %d, queue %s:\nrows %+v\nlive %+v", name, seed, q.Queue, rows, live)
				}
				sum.SurveyOffered += live.SurveyOffered
				sum.SurveyAnswered += live.SurveyAnswered
				sum.Voicemails += live.Voicemails
				sum.Announced += live.Announced
				sum.Estimates += live.Estimates
			}
		}
	}
	if sum.SurveyOffered < 100 || sum.SurveyAnswered == 0 || sum.Voicemails == 0 || sum.Announced == 0 || sum.Estimates == 0 {
		t.Errorf("these days test little: %+v", sum)
	}
	for _, kind := range []string{"MenuMissed", "KeysPressed", "MenuLeft", "CallRouted", "VoicemailEmpty", "SurveyDeclined", "SurveyUnanswered", "SurveyAgain", "WaitAnnounced", "GreetingBegan"} {
		if seen[kind] == 0 {
			t.Errorf("no %s on any day: %v", kind, seen)
		}
	}
}

// TestEstimatesAreHonest: what callers are told of their wait, against what
// came. The figures are those of docs/proof.md.
func TestEstimatesAreHonest(t *testing.T) {
	for name, talk := range map[string]Dist{"exponential": Exponential(3 * time.Minute), "fixed": Fixed(3 * time.Minute)} {
		for _, agents := range []int{3, 10} {
			t.Run(name, func(t *testing.T) {
				per := float64(agents) * 3600 / 200 // as many as they can serve, with 12 s of wrap-up and 8 of ringing
				s := Settings{Seed: 5, Agents: agents, Heard: true, WrapUp: Fixed(12 * time.Second), PickUp: Exponential(5 * time.Second),
					Arrivals: &Steady{Calls: 3000, Rate: per * 1.1, People: People{talk, Exponential(12 * time.Minute)}}}
				replica, calls := queue.New(), map[queue.CallID]queue.Call{}
				s.Tap = func(r queue.Record) {
					for _, c := range replica.Apply(r).Calls {
						calls[c.ID] = c
					}
				}
				w := newWorld(s)
				if err := w.run(); err != nil {
					t.Fatal(err)
				}
				var all queue.Tally
				var said, came time.Duration
				answered := 0
				for _, c := range calls {
					all.Add(&replica.Config().Queues[0], &c)
					if c.Estimate != nil && !c.AcceptedAt.IsZero() {
						answered++
						said += c.Estimate.Wait
						came += c.AcceptedAt.Sub(c.Estimate.At)
					}
				}
				n := all.Estimates
				if n < 300 || answered < 200 {
					t.Fatalf("only %d estimates, %d answered", n, answered)
				}
				share := float64(all.EstimateWithin) / float64(n)
				mean := func(d time.Duration, n int) time.Duration { return (d / time.Duration(n)).Round(time.Second) }
				t.Logf("%s talks, %d agents: %d estimates, %.0f%% right, off by %s on average; of those answered %s said, %s came",
					name, agents, n, 100*share, mean(all.EstimateError, n), mean(said, answered), mean(came, answered))
				if float64(said) < 0.7*float64(came) || float64(said) > 1.5*float64(came) {
					t.Errorf("callers are told %s and wait %s on average", mean(said, answered), mean(came, answered))
				}
				if share < 0.8 {
					t.Errorf("only %.2f of the estimates were right", share)
				}
			})
		}
	}
}
