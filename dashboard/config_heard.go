package dashboard

import (
	"maps"
	"slices"

	"github.com/threerings/threerings/queue"
)

// What callers hear beside a person, as the configuration has it.

type wireWay struct {
	Queue        queue.QueueID `json:"queue"`
	Agent        queue.AgentID `json:"agent"`
	Number       string        `json:"number"`
	Menu         queue.MenuID  `json:"menu"`
	Voicemail    string        `json:"voicemail"`
	Announcement string        `json:"announcement"`
}

func wayOf(t queue.Target) wireWay {
	return wireWay{t.Queue, t.Agent, t.Number, t.Menu, t.Voicemail, t.Announcement}
}

type wireMenu struct {
	ID        queue.MenuID  `json:"id"`
	Name      string        `json:"name"`
	NameEN    string        `json:"name_en"`
	Numbers   []string      `json:"numbers"`
	Prompt    []string      `json:"prompt"`
	WaitMS    int64         `json:"wait_ms"`
	BetweenMS int64         `json:"between_ms"`
	Tries     int           `json:"tries"`
	Invalid   []string      `json:"invalid"`
	Keys      []wireMenuKey `json:"keys"`
	Otherwise wireWay       `json:"otherwise"`
	Branches  []wireBranch  `json:"branches"`
}

type wireMenuKey struct {
	Key string  `json:"key"`
	To  wireWay `json:"to"`
}

type wireBranch struct {
	Closed queue.QueueID `json:"closed"`
	Level  string        `json:"level"`
	To     wireWay       `json:"to"`
}

func menusOf(c *queue.Config) []wireMenu {
	out := make([]wireMenu, 0, len(c.Menus))
	for i := range c.Menus {
		m := &c.Menus[i]
		x := wireMenu{ID: m.ID, Name: m.Name, NameEN: m.NameEN, Numbers: []string{}, Prompt: notNil(m.Prompt), WaitMS: ms(m.Wait),
			BetweenMS: ms(m.Between), Tries: m.Tries, Invalid: notNil(m.Invalid), Keys: []wireMenuKey{}, Otherwise: wayOf(m.Otherwise), Branches: []wireBranch{}}
		for _, number := range slices.Sorted(maps.Keys(c.Entrances)) {
			if c.Entrances[number] == m.ID {
				x.Numbers = append(x.Numbers, number)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(m.Keys)) {
			x.Keys = append(x.Keys, wireMenuKey{key, wayOf(m.Keys[key])})
		}
		for _, b := range m.Branches {
			x.Branches = append(x.Branches, wireBranch{b.Closed, b.Level, wayOf(b.To)})
		}
		out = append(out, x)
	}
	return out
}

type wireAnnounce struct {
	FirstMS  int64    `json:"first_ms"`
	EveryMS  int64    `json:"every_ms"`
	Position []string `json:"position"`
	Wait     []string `json:"wait"`
	Offer    string   `json:"offer"`
	OfferKey string   `json:"offer_key"`
}

func announceOf(n queue.Announce) wireAnnounce {
	return wireAnnounce{ms(n.First), ms(n.Every), notNil(n.Position), notNil(n.Wait), n.Offer, n.OfferKey}
}

type wireSurvey struct {
	When     queue.SurveyWhen `json:"when"`
	Question []string         `json:"question"`
	Again    []string         `json:"again"`
	Thanks   []string         `json:"thanks"`
	WaitMS   int64            `json:"wait_ms"`
	Tries    int              `json:"tries"`
	Low      int              `json:"low"`
}

func surveyOf(s queue.Survey) wireSurvey {
	return wireSurvey{s.When, notNil(s.Question), notNil(s.Again), notNil(s.Thanks), ms(s.Wait), s.Tries, s.Low}
}
