package centre

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// standard, in place of a text, is what the product says by itself.
const standard = "default"

var keysPattern = regexp.MustCompile(`^[0-9*#]{1,8}$`)

// say is the sound of a text, which is spoken ahead of its use.
func (p *parser) say(lang, text string) string {
	l := prompts.Line{Lang: lang, Text: prompts.Maker{Company: p.c.Name, CompanyEnglish: p.english}.Fill(lang, text)}
	if !slices.Contains(p.c.Prompts, l) {
		p.c.Prompts = append(p.c.Prompts, l)
	}
	return l.Sound()
}

// languages in which the house speaks by itself.
func (p *parser) languages() []string { return strings.Split(p.language, "+") }

// both says one thing in each of the house's languages, as one sound.
func (p *parser) both(in func(lang string) prompts.Line) string {
	var sounds []string
	for _, lang := range p.languages() {
		sounds = append(sounds, p.say(lang, in(lang).Text))
	}
	return queue.JoinSounds(sounds...)
}

// prompt reads what is said somewhere: a text, texts by language, which are said
// one after the other, or a sound that the switch has. Without a key, or with
// the word default, it is the product's own text, if it has one.
func (p *parser) prompt(n *strictyaml.Node, own prompts.Standard) string {
	if n.IsGroup() {
		return p.promptGroup(n)
	}
	text := strings.TrimSpace(n.Text(standard))
	switch {
	case text == standard && own != "":
		return p.both(own.In)
	case n == nil:
		return ""
	case text == standard, text == "":
		n.Refuse("give a text, or {zh: …, en: …}, or {sound: name}")
		return ""
	}
	return p.say(languageOf(text), text)
}

func (p *parser) promptGroup(n *strictyaml.Node) string {
	f := n.Fields()
	var sounds []string
	if sound := f.Get("sound").Word("", soundPattern, "the name of a sound without its ending, such as threerings/greeting"); sound != "" {
		sounds = append(sounds, sound)
	}
	for _, lang := range []string{prompts.Chinese, prompts.English} {
		if text := strings.TrimSpace(f.Get(lang).Text("")); text != "" {
			sounds = append(sounds, p.say(lang, text))
		}
	}
	if len(sounds) == 0 || (f.Has("sound") && len(sounds) > 1) {
		n.Refuse("give either a sound, or what is said in zh, en or both")
	}
	f.Close()
	return queue.JoinSounds(sounds...)
}

// languageOf is Chinese as soon as there is a Chinese character.
func languageOf(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return prompts.Chinese
	}
	return prompts.English
}

func sounds(sound string) []string {
	if sound == "" {
		return nil
	}
	return queue.SplitSounds(sound)
}

// announce reads what waiting callers are told.
func (p *parser) announce(n *strictyaml.Node, q *queue.QueueConfig) (a queue.Announce) {
	f := n.Fields()
	first, every := f.Get("first").Duration(0, 0), f.Get("every").Duration(30*time.Second, 5*time.Second)
	if f.Get("position").Bool(false) {
		for place := range prompts.MostPlaces + 1 {
			a.Position = append(a.Position, p.both(func(lang string) prompts.Line { return prompts.Position(lang, place+1) }))
		}
	}
	if f.Get("wait").Bool(false) {
		for minute := range prompts.MostMinutes + 1 {
			a.Wait = append(a.Wait, p.both(func(lang string) prompts.Line { return prompts.Wait(lang, minute+1) }))
		}
	}
	if g := f.Get("offer").Fields(); g != nil {
		a.OfferKey = g.Get("key").Word("1", oneKeyPattern, "one of 0-9, * and #")
		a.Offer = p.prompt(g.Get("prompt"), prompts.CallbackOffer)
		if q.Callback.Goodbye == "" {
			q.Callback.Goodbye = p.both(prompts.CallbackConfirmed.In)
		}
		g.Close()
	}
	if n != nil {
		a.First, a.Every = first, every
		if len(a.Position)+len(a.Wait) == 0 && a.Offer == "" {
			n.Refuse("says nothing: give position: true, wait: true or an offer")
		}
	}
	f.Close()
	return a
}

var oneKeyPattern = regexp.MustCompile(`^[0-9*#]$`)

// survey reads what callers are asked after a conversation (R8).
func (p *parser) survey(n *strictyaml.Node) (s queue.Survey) {
	f := n.Fields()
	when := f.Get("when").OneOf(string(queue.SurveyAlways), string(queue.SurveyAlways), string(queue.SurveyAgent))
	question, again, thanks := f.Get("question"), f.Get("again"), f.Get("thanks")
	s.Wait = f.Get("wait").Duration(0, time.Second)
	s.Tries = f.Get("tries").Int(0, 1, 20)
	s.Low = f.Get("low").Int(2, 0, 5)
	f.Close()
	if n == nil {
		return queue.Survey{}
	}
	if s.Low == 0 {
		s.Low = -1 // never
	}
	s.When = queue.SurveyWhen(when)
	s.Question = sounds(p.prompt(question, prompts.SurveyQuestion))
	s.Again = sounds(p.prompt(again, prompts.SurveyInvalid))
	s.Thanks = sounds(p.prompt(thanks, prompts.SurveyThanks))
	return s
}
