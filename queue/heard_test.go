package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// parseTarget reads "queue:sales", "menu:more", "number:10086", "voicemail:leave",
// "announcement:sorry", "end".
func parseTarget(text string) (t Target) {
	kind, what, _ := strings.Cut(text, ":")
	switch kind {
	case "queue":
		t.Queue = QueueID(what)
	case "menu":
		t.Menu = MenuID(what)
	case "number":
		t.Number = what
	case "voicemail":
		t.Voicemail = what
	case "announcement":
		t.Announcement = what
	}
	return t
}

// heardOption knows the options of a house for what callers hear:
//
//	menu=1>queue:support,12>queue:sales,otherwise>end,closed.support>announcement:closed,vip>queue:sales
//	more=…: a second menu; entrance=4009>more: which is behind 4009
//	tries=2 limit=20s record=no
//	announce=5s,30s,1: first, every and the key that asks to be called back
//	survey=always or survey=agent
func heardOption(cfg *Config, q *QueueConfig, key, value string) (err error) {
	switch key {
	case "menu", "more":
		m := Menu{ID: MenuID(key), Prompt: []string{"ask-" + key}, Invalid: []string{"invalid"}, Keys: map[string]Target{}}
		for part := range strings.SplitSeq(value, ",") {
			on, to, _ := strings.Cut(part, ">")
			queue, closed := strings.CutPrefix(on, "closed.")
			switch {
			case on == "otherwise":
				m.Otherwise = parseTarget(to)
			case closed:
				m.Branches = append(m.Branches, Branch{Closed: QueueID(queue), To: parseTarget(to)})
			case on == "vip":
				m.Branches = append(m.Branches, Branch{Level: on, To: parseTarget(to)})
			case on != "":
				m.Keys[on] = parseTarget(to)
			}
		}
		cfg.Menus = append(cfg.Menus, m)
		if cfg.Entrances == nil {
			cfg.Entrances = map[string]MenuID{"4009": m.ID}
		}
	case "tries":
		_, err = fmt.Sscan(value, &cfg.Menus[len(cfg.Menus)-1].Tries)
	case "limit":
		cfg.MessageLimit, err = time.ParseDuration(value)
	case "record":
		q.Record = value != "no"
	case "announce":
		parts := append(strings.Split(value, ","), "0s", "")
		q.Announce = Announce{Position: []string{"place-1", "place-2", "place-more"}, Wait: []string{"wait-1", "wait-2", "wait-more"}}
		if q.Announce.First, err = time.ParseDuration(parts[0]); err != nil {
			return err
		}
		q.Announce.Every, err = time.ParseDuration(parts[1])
		if parts[2] != "" {
			q.Announce.Offer, q.Announce.OfferKey = "offer", parts[2]
		}
	case "survey":
		q.Survey = Survey{When: SurveyWhen(value), Question: []string{"mark"}, Again: []string{"again"}, Thanks: []string{"thanks"}}
	default:
		err = fmt.Errorf("no such option")
	}
	return err
}

func TestMenusAreChecked(t *testing.T) {
	for want, options := range map[string]string{
		"goes in a circle without a key":                        "menu=1>queue:support,otherwise>menu:more more=1>end,otherwise>menu:menu",
		"no such queue":                                         "menu=1>queue:x",
		"no such menu":                                          "menu=1>menu:x",
		"has no keys":                                           "menu=otherwise>queue:support",
		"must be 1 to 8 of 0-9":                                 "menu=a>queue:support",
		"2 to 32 digits":                                        "menu=1>number:x",
		"branch 1: queue \"x\" does not exist":                  "menu=1>queue:support,closed.x>end",
		"level \"vip\" does not exist":                          "menu=1>queue:support,vip>end",
		"keeps no recordings":                                   "record=no maxwait=30s,voicemail:leave drop=1",
		"number 4009: can come to voicemail":                    "record=no menu=1>queue:support,2>voicemail:leave",
		"not asked again":                                       "maxwait=30s,menu:menu menu=1>queue:support",
		"announce: every 1s: leave at least 5 s between":        "announce=1s,1s",
		"offer_key \"x\": must be one of 0-9":                   "announce=1s,5s,x",
		"survey: when \"sometimes\": must be agent or always":   "survey=sometimes",
		"goes in a circle without a key: [menu menu]":           "menu=1>queue:support,closed.support>menu:menu",
		"number 4000: leads to queue support and to menu menu:": "menu=1>queue:support entrance=4000",
	} {
		cfg, err := house(strings.Fields(strings.TrimSuffix(options, " entrance=4000"))...)
		if strings.HasSuffix(options, "entrance=4000") {
			cfg.Entrances["4000"] = "menu"
			err = cfg.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", options, err, want)
		}
	}
}
