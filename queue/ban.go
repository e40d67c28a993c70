package queue

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// NumberBanned: calls from a number get a busy answer for a while.
type NumberBanned struct {
	Number string    `json:"number"`
	Until  time.Time `json:"until,omitzero"` // zero: until it is lifted by hand
	// Refused is how many of its calls were refused before; zero: banned by hand.
	Refused int    `json:"refused,omitempty"`
	Note    string `json:"note,omitempty"` // why, in the words of who banned it
	Asked
}

// BanEnded: calls from a number are let in again.
type BanEnded struct {
	Number string `json:"number"`
	Reason string `json:"reason"` // EndedUntil, EndedAsked; EndedReplaced: by a later one, for want of room
	Asked
}

func (NumberBanned) event() {}
func (BanEnded) event()     {}

// BanNumber bans a number by hand; zero For: until it is lifted.
type BanNumber struct {
	Number string        `json:"number"`
	For    time.Duration `json:"for,omitempty"`
	Note   string        `json:"note,omitempty"`
	Asked
}

// LiftBan ends the ban of a number.
type LiftBan struct {
	Number string `json:"number"`
	Asked
}

func (BanNumber) input() {}
func (LiftBan) input()   {}

// NumberBan is a number whose calls are not let in.
type NumberBan struct {
	Number  string    `json:"number"`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until,omitzero"`
	Refused int       `json:"refused,omitempty"`
	By      string    `json:"by,omitempty"` // who banned it by hand
	Note    string    `json:"note,omitempty"`
	Turned  int       `json:"turned,omitempty"` // its calls that were turned away since
}

// MostBanNote is the longest note of a ban, in characters.
const MostBanNote = 200

// bansKept is how many bans there are at most; the oldest gives way.
const bansKept = 1000

// until tells whether a ban is in force.
func (b NumberBan) until(now time.Time) bool { return b.Until.IsZero() || b.Until.After(now) }

// banned tells whether calls from a number are not let in.
func (a *ACD) banned(number string) bool {
	return number != "" && slices.ContainsFunc(a.gate.bans, func(b NumberBan) bool { return b.Number == number && b.until(a.now) })
}

func (a *ACD) ban(e NumberBanned) {
	if len(a.gate.bans) >= bansKept && !a.banned(e.Number) {
		a.emit(BanEnded{Number: a.gate.bans[0].Number, Reason: EndedReplaced})
	}
	a.emit(e)
	a.emit(AlertRaised{Kind: AlertBanned, Count: len(a.gate.bans)})
}

// banNumber bans by hand; whoever calls from there now talks on.
func (a *ACD) banNumber(in BanNumber) {
	switch {
	case !validNumber(in.Number):
		a.refused(in.Asked, "", "bad_number", fmt.Sprintf("%q is not a number that can be banned: give 2 to 32 digits, as it is shown for its calls", in.Number))
		return
	case in.For < 0 || in.For > MostBan:
		a.refused(in.Asked, "", "bad_time", fmt.Sprintf("a ban can last up to %s; without a time it lasts until it is lifted", MostBan))
		return
	case utf8.RuneCountInString(in.Note) > MostBanNote:
		a.refused(in.Asked, "", "long_note", fmt.Sprintf("the note is longer than %d characters", MostBanNote))
		return
	}
	e := NumberBanned{Number: in.Number, Note: in.Note, Asked: in.Asked}
	if in.For > 0 {
		e.Until = a.now.Add(in.For.Truncate(time.Microsecond))
	}
	a.ban(e)
}

func (a *ACD) liftBan(in LiftBan) {
	if !a.banned(in.Number) {
		a.refused(in.Asked, "", "unknown_ban", fmt.Sprintf("%q is not banned: its time was over, or somebody has lifted it", in.Number))
		return
	}
	a.emit(BanEnded{Number: in.Number, Reason: EndedAsked, Asked: in.Asked})
}

// bansUntil is when the first ban is over; zero: none will be by itself.
func (a *ACD) bansUntil() (next time.Time) {
	for _, b := range a.gate.bans {
		if !b.Until.IsZero() && (next.IsZero() || b.Until.Before(next)) {
			next = b.Until
		}
	}
	return next
}

func (a *ACD) bansDue() {
	for _, b := range slices.Clone(a.gate.bans) {
		if !b.until(a.now) {
			a.emit(BanEnded{Number: b.Number, Reason: EndedUntil})
		}
	}
}

func (a *ACD) applyBanned(at time.Time, e NumberBanned) {
	a.dropBan(e.Number)
	a.gate.bans = append(a.gate.bans, NumberBan{Number: e.Number, Since: at, Until: e.Until, Refused: e.Refused, By: e.By, Note: e.Note})
	delete(a.gate.sources, e.Number) // afterwards it begins anew
}

// applyTurnedBanned counts a call of a number that is banned.
func (a *ACD) applyTurnedBanned(number string) {
	if i := slices.IndexFunc(a.gate.bans, func(b NumberBan) bool { return b.Number == number }); i >= 0 {
		a.gate.bans[i].Turned++
	}
}

func (a *ACD) applyBanEnded(e BanEnded) {
	a.dropBan(e.Number)
	if len(a.gate.bans) == 0 {
		a.clearAlerts(func(x *Alert) bool { return x.Kind == AlertBanned })
	}
}

func (a *ACD) dropBan(number string) {
	a.gate.bans = slices.DeleteFunc(slices.Clone(a.gate.bans), func(b NumberBan) bool { return b.Number == number })
}
