package centre

import (
	"slices"
	"time"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// leading is a place to which the file sends calls, kept until all are known.
type leading struct {
	from queue.MenuID // the menu that sends them without a key; empty: none does
	node *strictyaml.Node
	to   queue.Target
}

// target reads where a call goes on: the word busy, a queue, or one of {queue,
// menu, number, voicemail, announcement}. Own is the product's announcement.
func (p *parser) target(n *strictyaml.Node, own prompts.Standard) (t queue.Target) {
	if !n.IsGroup() {
		if text := n.Text(busy); text != busy {
			t.Queue = queue.QueueID(text)
		}
	} else {
		f := n.Fields()
		t.Queue = queue.QueueID(f.Get("queue").Text(""))
		t.Menu = queue.MenuID(f.Get("menu").Text(""))
		t.Number = f.Get("number").Word("", outsidePattern, "a number of 2 to 32 digits, with or without a leading +")
		voicemail, announcement := f.Get("voicemail"), f.Get("announcement")
		if voicemail != nil {
			t.Voicemail = p.prompt(voicemail, prompts.VoicemailInvitation)
		}
		if announcement != nil {
			t.Announcement = p.prompt(announcement, own)
		}
		if given := len(f.Names()); given != 1 {
			n.Refuse("must be one of queue, menu, number, voicemail and announcement, or busy; %d are given", given)
		}
		f.Close()
	}
	if n != nil {
		p.leads = append(p.leads, leading{node: n, to: t})
	}
	return t
}

// readMenus reads what callers are asked before there is a queue.
func (p *parser) readMenus(n *strictyaml.Node) {
	for _, e := range entries(n, "menus", "main") {
		m := p.menu(e)
		p.menus[m.ID] = true
		p.c.Config.Menus = append(p.c.Config.Menus, m)
	}
	p.checkTargets()
}

func (p *parser) menu(e entry) queue.Menu {
	f := e.fields
	m := queue.Menu{ID: queue.MenuID(e.id), Keys: map[string]queue.Target{}}
	m.Name = name(f.Get("name"), e.id)
	m.NameEN = name(f.Get("name_en"), e.id)
	p.entrances(f.Get("numbers"), m.ID)
	m.Prompt = sounds(p.prompt(f.Need("prompt", "give what is asked"), ""))
	m.Invalid = sounds(p.prompt(f.Get("invalid"), prompts.MenuInvalid))
	m.Wait = f.Get("wait").Duration(0, time.Second)
	m.Between = f.Get("between").Duration(0, 100*time.Millisecond)
	m.Tries = f.Get("tries").Int(0, 1, 20)
	p.menuKeys(f.Need("keys", "give at least one key and where it leads"), &m)
	alone := func(n *strictyaml.Node, own prompts.Standard) queue.Target {
		before := len(p.leads)
		t := p.target(n, own)
		for i := before; i < len(p.leads); i++ {
			p.leads[i].from = m.ID
		}
		return t
	}
	m.Otherwise = alone(f.Get("otherwise"), prompts.AllBusy)
	for _, item := range f.Get("when").Items() {
		g := item.Fields()
		b := queue.Branch{Closed: queue.QueueID(g.Get("closed").Text("")), Level: g.Get("level").Text("")}
		b.To = alone(g.Need("to", "give where the call goes"), prompts.Closed)
		switch {
		case b.Closed == "" && b.Level == "":
			item.Refuse("give closed: a queue, level: a class of customers, or both; otherwise nobody would hear the menu")
		case b.Closed != "" && !p.queues[b.Closed]:
			item.Refuse("there is no queue %q", b.Closed)
		}
		if b.Level != "" {
			p.levels = append(p.levels, wantedLevel{item, b.Level})
		}
		g.Close()
		m.Branches = append(m.Branches, b)
	}
	f.Close()
	return m
}

// wantedLevel is a class of customers that a menu asks for.
type wantedLevel struct {
	node  *strictyaml.Node
	level string
}

func (p *parser) menuKeys(n *strictyaml.Node, m *queue.Menu) {
	f := n.Fields()
	for _, keys := range f.Names() {
		to := f.Get(keys)
		if !keysPattern.MatchString(keys) {
			to.Refuse("the key must be 1 to 8 of 0-9, * and #, in quotation marks")
			continue
		}
		m.Keys[keys] = p.target(to, prompts.AllBusy)
	}
	if n != nil && len(f.Names()) == 0 {
		n.Refuse("names no key: name at least one")
	}
	f.Close()
}

func (p *parser) entrances(n *strictyaml.Node, id queue.MenuID) {
	for _, item := range n.Items() {
		number := item.Word("", numberPattern, numberRule)
		if number == "" {
			continue
		}
		if line, twice := p.numbers[number]; twice {
			item.Refuse("number %s is already in line %d: a number leads to one place", number, line)
			continue
		}
		p.numbers[number] = item.Line()
		if p.c.Config.Entrances == nil {
			p.c.Config.Entrances = map[string]queue.MenuID{}
		}
		p.c.Config.Entrances[number] = id
	}
}

// checkTargets refuses places that are not there, and menus that lead in a
// circle in which nobody would have to press a key.
func (p *parser) checkTargets() {
	onward := map[queue.MenuID][]queue.MenuID{}
	var leads func(from, to queue.MenuID) bool
	leads = func(from, to queue.MenuID) bool {
		return from == to || slices.ContainsFunc(onward[from], func(next queue.MenuID) bool { return leads(next, to) })
	}
	for _, l := range p.leads {
		switch {
		case l.to.Queue != "" && !p.queues[l.to.Queue]:
			l.node.Refuse("there is no queue %q; give one, or busy", l.to.Queue)
		case l.to.Menu != "" && !p.menus[l.to.Menu]:
			l.node.Refuse("there is no menu %q", l.to.Menu)
		case l.from == "" || l.to.Menu == "":
		case leads(l.to.Menu, l.from):
			l.node.Refuse("goes in a circle without a key: who presses nothing would never leave")
		default:
			onward[l.from] = append(onward[l.from], l.to.Menu)
		}
	}
}

// checkLevels refuses classes of customers that nobody is in.
func (p *parser) checkLevels() {
	for _, w := range p.levels {
		is := func(l queue.Level) bool { return l.Name == w.level }
		if !slices.ContainsFunc(p.c.Config.Levels, is) {
			w.node.Refuse("there is no level %q: name it in priority.levels", w.level)
		}
	}
}
