package centre

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// given gathers what is given, as people write it.
type given []string

func (g *given) add(name, value string) {
	if value != "" {
		*g = append(*g, name+" "+value)
	}
}

func (g *given) time(name string, d time.Duration) {
	if d != 0 {
		g.add(name, short(d))
	}
}

func (g *given) number(name string, n int) {
	if n != 0 {
		g.add(name, strconv.Itoa(n))
	}
}

func (g given) String() string { return strings.Join(g, ", ") }

// targetText is where a call goes on; empty if nowhere.
func targetText(t queue.Target) string {
	var g given
	g.add("queue", string(t.Queue))
	g.add("agent", string(t.Agent))
	g.add("number", t.Number)
	g.add("menu", string(t.Menu))
	g.add("voicemail", t.Voicemail)
	g.add("announcement", t.Announcement)
	return g.String()
}

// soundsText is what is said, as far as the file gave words for it.
func soundsText(c *Centre, sounds ...string) string {
	var out []string
	for _, sound := range sounds {
		for _, l := range c.Prompts {
			if l.Sound() == sound {
				sound = strconv.Quote(l.Text)
				break
			}
		}
		out = append(out, sound)
	}
	return strings.Join(out, " + ")
}

// manySounds are those of a table: how many, the first, and a mark that tells others.
func manySounds(c *Centre, sounds []string) string {
	if len(sounds) < 4 {
		return soundsText(c, sounds...)
	}
	mark := sha256.Sum256([]byte(strings.Join(sounds, "\n")))
	return fmt.Sprintf("%d from %s (%x)", len(sounds), soundsText(c, sounds[0]), mark[:3])
}

func announceText(c *Centre, n queue.Announce) string {
	var g given
	g.time("first", n.First)
	g.time("every", n.Every)
	g.add("position", manySounds(c, n.Position))
	g.add("wait", manySounds(c, n.Wait))
	g.add("offer", soundsText(c, n.Offer))
	g.add("key", n.OfferKey)
	return g.String()
}

func surveyText(c *Centre, s queue.Survey) string {
	var g given
	g.add("when", string(s.When))
	g.add("question", soundsText(c, s.Question...))
	g.add("again", soundsText(c, s.Again...))
	g.add("thanks", soundsText(c, s.Thanks...))
	g.time("wait", s.Wait)
	g.number("tries", s.Tries)
	g.number("low", s.Low)
	return g.String()
}

func menuThings(c *Centre) (all []thing) {
	for i := range c.Config.Menus {
		m := &c.Config.Menus[i]
		var numbers, keys, branches []string
		for _, number := range slices.Sorted(maps.Keys(c.Config.Entrances)) {
			if c.Config.Entrances[number] == m.ID {
				numbers = append(numbers, number)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(m.Keys)) {
			keys = append(keys, key+" → "+leadsTo(m.Keys[key]))
		}
		for _, b := range m.Branches {
			var g given
			g.add("closed", string(b.Closed))
			g.add("level", b.Level)
			branches = append(branches, g.String()+" → "+leadsTo(b.To))
		}
		all = append(all, thing{"menu " + string(m.ID), m.Name, []fact{
			{"name", m.Name, false}, {"name_en", m.NameEN, false}, {"numbers", strings.Join(numbers, ", "), false},
			{"prompt", soundsText(c, m.Prompt...), false}, {"invalid", soundsText(c, m.Invalid...), false},
			{"wait", short(m.Wait), false}, {"between", short(m.Between), false}, {"tries", strconv.Itoa(m.Tries), false},
			{"keys", strings.Join(keys, ", "), false}, {"otherwise", leadsTo(m.Otherwise), false},
			{"when", strings.Join(branches, ", "), false},
		}})
	}
	return all
}

func leadsTo(t queue.Target) string {
	if text := targetText(t); text != "" {
		return text
	}
	return busy
}
