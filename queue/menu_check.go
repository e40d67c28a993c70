package queue

import (
	"fmt"
	"slices"
	"strings"
)

// String says where a target leads.
func (t Target) String() string {
	switch {
	case t.Queue != "":
		return "queue " + string(t.Queue)
	case t.Agent != "":
		return "agent " + string(t.Agent)
	case t.Number != "":
		return "number " + t.Number
	case t.Menu != "":
		return "menu " + string(t.Menu)
	case t.Voicemail != "":
		return "voicemail " + t.Voicemail
	case t.Announcement != "":
		return "announcement " + t.Announcement
	}
	return "busy"
}

// fields counts what is given.
func (t Target) fields() (n int) {
	for _, given := range []bool{t.Queue != "", t.Agent != "", t.Number != "", t.Menu != "", t.Voicemail != "", t.Announcement != ""} {
		if given {
			n++
		}
	}
	return n
}

// validateTarget refuses a target that is not there.
func (c *Config) validateTarget(t Target) error {
	has := func(q QueueConfig) bool { return q.ID == t.Queue }
	is := func(m Menu) bool { return m.ID == t.Menu }
	switch {
	case t.fields() > 1:
		return fmt.Errorf("to %v: give one place only", t)
	case t.Agent != "":
		return fmt.Errorf("to %v: callers are sent to queues, not to single agents", t)
	case t.Queue != "" && !slices.ContainsFunc(c.Queues, has):
		return fmt.Errorf("to %v: no such queue", t)
	case t.Menu != "" && !slices.ContainsFunc(c.Menus, is):
		return fmt.Errorf("to %v: no such menu", t)
	case t.Number != "" && !validNumber(t.Number):
		return fmt.Errorf("to %v: a number has 2 to 32 digits, with a + in front if need be", t)
	}
	return nil
}

// validateMenus refuses menus that lead nowhere, or round without a key.
func (c *Config) validateMenus() error {
	seen, onward := map[MenuID]bool{}, map[MenuID][]MenuID{}
	for i := range c.Menus {
		m := &c.Menus[i]
		if m.ID == "" || seen[m.ID] {
			return fmt.Errorf("menu %q: an id must be given, and once only", m.ID)
		}
		seen[m.ID] = true
		if err := c.validateMenu(m); err != nil {
			return fmt.Errorf("menu %s: %w", m.ID, err)
		}
		onward[m.ID] = m.alone()
	}
	for i := range c.Menus {
		if way := circle(onward, []MenuID{c.Menus[i].ID}); way != nil {
			return fmt.Errorf("menu %s: goes in a circle without a key: %v; a caller who presses nothing would never leave", c.Menus[i].ID, way)
		}
	}
	for _, number := range sortedKeys(c.Entrances) {
		if !seen[c.Entrances[number]] {
			return fmt.Errorf("number %s: leads to menu %q, which does not exist", number, c.Entrances[number])
		}
		if q, both := c.Numbers[number]; both {
			return fmt.Errorf("number %s: leads to queue %s and to menu %s: take it out of one of them", number, q, c.Entrances[number])
		}
	}
	return c.validateVoicemail()
}

// alone are the menus to which one leads without a key.
func (m *Menu) alone() (to []MenuID) {
	for _, b := range m.Branches {
		to = append(to, b.To.Menu)
	}
	to = append(to, m.Otherwise.Menu)
	return slices.DeleteFunc(to, func(id MenuID) bool { return id == "" })
}

func (c *Config) validateMenu(m *Menu) error {
	switch {
	case len(m.Keys) == 0:
		return fmt.Errorf("has no keys: a menu needs at least one")
	case len(m.Prompt) == 0:
		return fmt.Errorf("says nothing: give it a prompt")
	case m.Wait < 0 || m.Between < 0 || m.Tries < 0 || m.Tries > 20:
		return fmt.Errorf("wait %s, between %s and tries %d: cannot be negative, and tries are at most 20", m.Wait, m.Between, m.Tries)
	}
	for _, keys := range sortedKeys(m.Keys) {
		if keys == "" || len(keys) > 8 || strings.Trim(keys, "0123456789*#") != "" {
			return fmt.Errorf("key %q: must be 1 to 8 of 0-9, * and #", keys)
		}
		if err := c.validateTarget(m.Keys[keys]); err != nil {
			return fmt.Errorf("key %s: %w", keys, err)
		}
	}
	for i, b := range m.Branches {
		switch {
		case b.Closed == "" && b.Level == "":
			return fmt.Errorf("branch %d: says neither which queue is closed nor which level; nobody would hear the menu", i+1)
		case b.Closed != "" && !slices.ContainsFunc(c.Queues, func(q QueueConfig) bool { return q.ID == b.Closed }):
			return fmt.Errorf("branch %d: queue %q does not exist", i+1, b.Closed)
		case b.Level != "" && !slices.ContainsFunc(c.Levels, func(l Level) bool { return l.Name == b.Level }):
			return fmt.Errorf("branch %d: level %q does not exist", i+1, b.Level)
		}
		if err := c.validateTarget(b.To); err != nil {
			return fmt.Errorf("branch %d: %w", i+1, err)
		}
	}
	if err := c.validateTarget(m.Otherwise); err != nil {
		return fmt.Errorf("otherwise: %w", err)
	}
	return nil
}

func (c *Config) records(id QueueID) bool {
	i := slices.IndexFunc(c.Queues, func(q QueueConfig) bool { return q.ID == id })
	return i < 0 || c.Queues[i].Record
}

// reach visits every target to which a call can come from one.
func (c *Config) reach(from Target, visit func(Target)) {
	seen := map[Target]bool{}
	var walk func(Target)
	walk = func(t Target) {
		if seen[t] {
			return
		}
		seen[t] = true
		visit(t)
		for i := range c.Queues {
			if q := &c.Queues[i]; t.Queue != "" && q.ID == t.Queue {
				for _, o := range q.Overflows {
					walk(o.target())
				}
			}
		}
		for i := range c.Menus {
			if m := &c.Menus[i]; t.Menu != "" && m.ID == t.Menu {
				for _, keys := range sortedKeys(m.Keys) {
					walk(m.Keys[keys])
				}
				for _, b := range m.Branches {
					walk(b.To)
				}
				walk(m.Otherwise)
			}
		}
	}
	walk(from)
}

// validateVoicemail refuses voicemail where calls are not recorded: the message
// is a part of the call's recording.
func (c *Config) validateVoicemail() error {
	check := func(number string, from Target) (err error) {
		if c.Recorded(number) {
			return nil
		}
		c.reach(from, func(t Target) {
			if t.Voicemail != "" {
				err = fmt.Errorf("number %s: can come to voicemail (%s), but its calls are not recorded, since a queue behind it says record: false", number, t.Voicemail)
			}
		})
		return err
	}
	for _, number := range sortedKeys(c.Numbers) {
		if err := check(number, Target{Queue: c.Numbers[number]}); err != nil {
			return err
		}
	}
	for _, number := range sortedKeys(c.Entrances) {
		if err := check(number, Target{Menu: c.Entrances[number]}); err != nil {
			return err
		}
	}
	for i := range c.Queues {
		q := &c.Queues[i]
		for _, o := range q.Overflows {
			if o.Out.Voicemail != "" && !q.Record {
				return fmt.Errorf("queue %s: overflow %s to voicemail: the queue keeps no recordings (record: false), so there would be no message", q.ID, o.Cause)
			}
		}
	}
	if c.MessageLimit < 0 {
		return fmt.Errorf("message_limit %s cannot be negative", c.MessageLimit)
	}
	return nil
}
