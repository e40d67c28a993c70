package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// fullHouse is a house in which everything that the core can do is on.
func fullHouse(seed uint64) *queue.Config {
	cfg := skilledHouse(seed)
	cfg.Numbers = map[string]queue.QueueID{"4000": "support", "4001": "sales", "4002": "english"}
	cfg.Priorities = map[string]int{"4001": 3}
	cfg.Entrances = map[string]queue.MenuID{menuNumber: "main"}
	support := queue.Target{Queue: "support"}
	cfg.Menus = []queue.Menu{
		{ID: "main", Prompt: []string{"main"}, Invalid: []string{"invalid"}, Otherwise: support, Tries: 2,
			Keys:     map[string]queue.Target{"1": support, "12": {Menu: "more"}, "2": {Menu: "more"}, "3": {Voicemail: "leave"}, "4": {Announcement: "hours"}, "5": {}},
			Branches: []queue.Branch{{Closed: "support", To: queue.Target{Announcement: "closed"}}, {Level: "gold", To: queue.Target{Number: "13900000008"}}}},
		{ID: "more", Prompt: []string{"more"}, Keys: map[string]queue.Target{"1": {Queue: "sales"}, "2": {Number: "13900000007"}, "7": {Queue: "english"}, "*": {Menu: "main"}}},
	}
	for i := range cfg.Queues {
		q := &cfg.Queues[i]
		q.Announce = queue.Announce{First: 2 * time.Second, Every: 15 * time.Second, Position: []string{"1", "2", "more"}, Wait: []string{"1", "2", "more"}, Offer: "offer", OfferKey: "9"}
		q.Survey = queue.Survey{When: queue.SurveyAlways, Question: []string{"mark"}, Again: []string{"again"}, Thanks: []string{"thanks"}}
		q.Talking = queue.Talking{TransferWait: 10 * time.Second, Recall: 8 * time.Second, Reach: 20 * time.Second, Shown: "95000"}
		q.Callback = queue.CallbackRule{Attempts: 2, Pause: 20 * time.Second, Goodbye: "goodbye"}
		q.Greeting, q.Record, q.SignOutAfter = "greeting", true, 3
	}
	out := func(cause queue.OverflowCause, to queue.Target, after time.Duration, at int) queue.Overflow {
		o := queue.Overflow{Cause: cause, After: after, At: at}
		if to.Queue != "" {
			o.To = to.Queue
		} else {
			o.Out = to
		}
		return o
	}
	a, b, c := &cfg.Queues[0], &cfg.Queues[1], &cfg.Queues[2]
	a.Overflows = []queue.Overflow{out(queue.OverflowMaxWait, queue.Target{Queue: "sales"}, time.Minute, 0), out(queue.OverflowFull, queue.Target{Voicemail: "leave"}, 0, 6),
		out(queue.OverflowNotReady, queue.Target{Number: "13900000009"}, 8*time.Second, 0)}
	b.Overflows = []queue.Overflow{out(queue.OverflowMaxWait, queue.Target{Number: "13900000009"}, 50*time.Second, 0), out(queue.OverflowClosed, queue.Target{Announcement: "closed"}, 0, 0),
		out(queue.OverflowNoAgents, queue.Target{}, 3*time.Second, 0), out(queue.OverflowNotReady, queue.Target{Voicemail: "leave"}, 10*time.Second, 0)}
	b.WrapUpKind, b.WrapUpMax, b.OnBudget = queue.WrapUpRequired, 30*time.Second, queue.BudgetRing
	b.Callback.CustomerFirst, b.Callback.Abandoned, b.Callback.Goodbye = true, true, ""
	b.Survey.When, b.Survey.Thanks = queue.SurveyAgent, nil
	c.Overflows = []queue.Overflow{out(queue.OverflowMaxWait, queue.Target{Voicemail: "leave"}, 70*time.Second, 0), out(queue.OverflowFull, queue.Target{Announcement: "full"}, 0, 4)}
	c.WrapUpKind, c.WrapUpMax, c.Greeting, c.Callback.Abandoned = queue.WrapUpOptional, 20*time.Second, "", true
	c.Survey = queue.Survey{}
	cfg.Plans = []queue.Plan{
		{ID: "flood", Level: 1, Alert: []string{"1001"}, Queues: map[queue.QueueID]queue.PlanChange{
			"support": {Overflows: []queue.Overflow{out(queue.OverflowMaxWait, queue.Target{Announcement: "flood"}, 20*time.Second, 0)}},
			"sales":   {Routing: &queue.Routing{Strategy: queue.RingAll}, OnBudget: queue.BudgetGreet}}},
		{ID: "fire", Level: 3, Queues: map[queue.QueueID]queue.PlanChange{"english": {Closed: true}, "sales": {Greeting: "fire"}}},
	}
	cfg.Limits = queue.Limits{PerSecond: 4, PerTrunk: 60, PerCaller: 4, CallerPerMinute: 6, Waiting: 25,
		Ban: queue.BanRule{After: 5, Within: 20 * time.Second, For: 2 * time.Minute}}
	return cfg
}

// fullDay is a day in that house, which goes over midnight.
func fullDay(seed uint64) Settings {
	s := calm(seed)
	s.House, s.Agents, s.WrapUp, s.VIP, s.Heard, s.Deeds = fullHouse(seed), 0, nil, 0.2, true, 1
	s.Arrivals = &Steady{Calls: 250, Rate: 300, People: People{Exponential(time.Minute), Exponential(3 * time.Minute)}}
	s.Start = epochStart.Add(23*time.Hour + 30*time.Minute)
	s.Faults.Floods = 4
	return s
}

// roughly puts every fault into a day.
func roughly(s Settings) Settings {
	s.Faults = Faults{Lost: 0.01, Doubled: 0.05, Late: 0.05, CommandFails: 0.01, Refused: 0.03, Busy: 0.03,
		Unregistered: 0.02, NoRinging: 0.02, StateChanges: 30, SwitchLosses: 8, SwitchRestarts: 5, Walkouts: 6, Closings: 3, Takeovers: 15, Floods: 6}
	return s
}

// Days on which everybody does all that they can, in a world that answers as
// Asterisk does: nobody is left in silence, whatever began ends once, and the
// figures are those of the rows.
func TestFullDays(t *testing.T) {
	var seeds []uint64
	for seed := range uint64(20) {
		seeds = append(seeds, seed+1)
	}
	seen := map[string]int{}
	for _, seed := range append(seeds, freshSeed(t)) {
		for name, s := range map[string]Settings{"calm": fullDay(seed), "rough": roughly(fullDay(seed))} {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				w := playedFull(t, s)
				if s.Faults.Takeovers > 0 && w.witness.takeovers == 0 {
					t.Error("nobody took over")
				}
				for kind, n := range w.floor.audit.seen {
					seen[kind] += n
				}
			})
		}
	}
	for _, kind := range fullKinds {
		if seen[kind] == 0 && !t.Failed() {
			t.Errorf("no %s on any day: what leads to it is not tested", kind)
		}
	}
	t.Logf("%d kinds of event: %v", len(seen), slices.Sorted(maps.Keys(seen)))
}

// fullKinds is what must have happened on some of the days.
var fullKinds = strings.Fields(`AgentMuted AlertCleared AlertRaised AnnouncementBegan AnnouncementEnded CallAbandoned CallClosed
	CallCompleted CallEntered CallHeld CallOverflowed CallPlaced CallRegistered CallRetrieved CallRouted CallTransferred CallbackAsked
	CallbackQueued CaseClosed CaseOpened ConsultAnswered ConsultBegan ConsultEnded ConsultMoved ConsultTook CustomerAnswered CustomerDialled
	CustomerLeft CustomerNotReached EmergencyBegan EmergencyEnded EstimateGiven FeatureEnded FeatureUsed GreetingBegan MenuLeft MenuMissed
	MessageBegan OfferMissed OfferWithdrawn OutsideAnswered OutsideDialled OutsideFailed QueueSet Refused RegistrationMissed SurveyAgain
	SurveyAnswered SurveyBegan SurveyDeclined SurveyEnded SurveyUnanswered SwitchBack SwitchGone ViolationFound VoicemailEmpty VoicemailLeft
	RecordingMuted RecordingUnmuted AgentLost BanEnded CallLost CallTurnedAway NumberBanned PlaceRestored WaitAnnounced WrapUpEnded WrapUpExtended`)

func playedFull(t *testing.T, s Settings) *world {
	t.Helper()
	if err := s.validate(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(s)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.floor.audit.problems() {
		t.Errorf("seed %d: %s", s.Seed, p)
	}
	return w
}

// With leaders folding the log in between, a full day's log is the same to the
// byte; and one seed makes one log.
func TestFullDayTakeover(t *testing.T) {
	whole := func(s Settings) Settings { s.Agents = len(s.House.Agents); return s }
	for seed := range uint64(3) {
		with := whole(fullDay(seed + 1))
		without := with
		with.Faults.Takeovers = 40
		compareLogs(t, logOf(t, with, true), logOf(t, without, true))
	}
	compareLogs(t, logOf(t, whole(roughly(fullDay(77))), false), logOf(t, whole(roughly(fullDay(77))), false))
}
