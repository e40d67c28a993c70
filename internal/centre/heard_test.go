package centre

import (
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/queue"
)

// The example shows everything that callers hear, and each text that is said is
// among the lines that are spoken ahead.
func TestHeardExample(t *testing.T) {
	c := mustParse(t, example(t))
	q := c.Config.Queues[0]
	if n := q.Announce; n.First != 5*time.Second || n.Every != 30*time.Second || len(n.Position) != prompts.MostPlaces+1 || len(n.Wait) != prompts.MostMinutes+1 || n.OfferKey != "1" {
		t.Errorf("announce: %+v", n)
	}
	if s := q.Survey; s.When != queue.SurveyAlways || s.Low != 2 || len(s.Question) != 1 || s.Question[0] != "house/rate-us" || len(s.Thanks) != 2 {
		t.Errorf("survey: %+v", s)
	}
	m := c.Config.Menus[0]
	if c.Config.Entrances["4009"] != "main" || len(m.Prompt) != 2 || m.Keys["9"].Menu != "english" || m.Keys["0"].Number == "" ||
		m.Branches[0].Level != "vip" || m.Branches[1].To.Announcement == "" || m.Otherwise.Queue != "support" || m.Tries != 3 {
		t.Errorf("menu: %+v", m)
	}
	known := map[string]bool{"house/rate-us": true}
	for _, l := range c.Prompts {
		known[l.Sound()] = true
		if strings.Contains(l.Text, "{company}") || l.Check() != nil {
			t.Errorf("line %+v", l)
		}
	}
	var all []string
	for _, list := range [][]string{q.Announce.Position, q.Announce.Wait, {q.Announce.Offer, q.Callback.Goodbye}, q.Survey.Question, q.Survey.Again, q.Survey.Thanks,
		m.Prompt, m.Invalid, {m.Branches[1].To.Announcement, c.Config.Menus[1].Keys["1"].Voicemail}} {
		all = append(all, list...)
	}
	for _, o := range q.Overflows {
		if o.Out.Voicemail != "" {
			all = append(all, o.Out.Voicemail)
		}
	}
	if len(all) < 60 {
		t.Errorf("only %d sounds", len(all))
	}
	for _, joined := range all {
		for _, sound := range queue.SplitSounds(joined) {
			if !known[sound] {
				t.Errorf("sound %q is not spoken ahead", sound)
			}
		}
	}
}

func TestTextsAreSpokenInTheirLanguage(t *testing.T) {
	c := mustParse(t, `centre: {name: 店, language: en}
queues: {a: {greeting: {zh: "您好，{company}。"}, callback: {goodbye: {sound: house/bye}}, overflow: {closed: {to: {announcement: 已下班}}, max_wait: {after: 1m, to: {voicemail: "{company} is closed."}}}, survey: {low: 0}}}
`)
	o := c.Config.Queues[0].Overflows
	if want := (prompts.Line{Lang: "zh", Text: "已下班"}).Sound(); o[0].Out.Announcement != want {
		t.Errorf("announcement %q, want %q", o[0].Out.Announcement, want)
	}
	if want := (prompts.Line{Lang: "en", Text: "our company is closed."}).Sound(); o[1].Out.Voicemail != want {
		t.Errorf("voicemail %q, want %q", o[1].Out.Voicemail, want)
	}
	if q := c.Config.Queues[0]; q.Greeting != (prompts.Line{Lang: "zh", Text: "您好，店。"}).Sound() || q.Callback.Goodbye != "house/bye" {
		t.Errorf("greeting %q, goodbye %q", q.Greeting, q.Callback.Goodbye)
	}
	if s := c.Config.Queues[0].Survey; s.Low != -1 || s.Thanks[0] != prompts.SurveyThanks.In("en").Sound() {
		t.Errorf("survey %+v", s)
	}
}

func TestDiffOfWhatIsHeard(t *testing.T) {
	with := func(menus string) *Centre { return mustParse(t, small+menus) }
	old := with("menus: {m: {name: 总机, numbers: [\"4009\"], prompt: hello, keys: {\"1\": support}}}\n")
	next := with("menus: {m: {name: 总机, numbers: [\"4009\"], prompt: good day, keys: {\"1\": support, \"2\": {number: \"10086\"}}, otherwise: sales}}\n")
	got := diffText(t, old, next)
	for _, want := range []string{
		"~ menu m: prompt \"hello\" → \"good day\"\n", "~ menu m: keys 1 → queue support → 1 → queue support, 2 → number 10086\n", "~ menu m: otherwise busy → queue sales\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}
