package ari

import (
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// leg is what was told of one channel.
type leg struct {
	kind     queue.LegKind
	here     bool // in Stasis: arrived, or answered
	up       bool // a caller's line that was answered, by us or a process before us
	rang     bool
	bridged  bool      // in the call's main room
	aside    bool      // in its side room
	held     bool      // by the phone's own keys
	unsure   bool      // we do not know whether it is held: an earlier process was told
	pressed  time.Time // when the last key was
	left     time.Time // the main room, last
	sound    sound
	referred time.Time // when it last asked to be replaced
	slot     int       // which of its playbacks is the present or last one
	adopted  bool      // an earlier process may have let something play, we do not know in which slot
	n        int       // which one, by the core's count
	soundAt  time.Time // since when it plays
	silent   time.Time // first found not to play by a check
	cause    int       // from a hang-up request, for an end that tells none
	seen     time.Time // first heard of
	missed   time.Time // first found missing by a check
	hangUp   bool      // we want it gone
	reason   queue.HangUpReason
	hangUpAt time.Time
}

// table is what the translation remembers: the legs alive, those that ended a
// short while ago, and the phones' states as last told. Ids of channels are
// never used twice, so an ended leg stays ended.
type table struct {
	alive    map[queue.LegID]*leg
	ended    map[queue.LegID]time.Time
	dialling map[queue.LegID]bool      // commanded, Asterisk has not answered yet
	strange  map[queue.LegID]time.Time // a check knew more than we, since when
	pruned   time.Time

	endpoints map[string]*endpoint // of phones, by name
	phones    map[queue.AgentID]phone
}

// remember is how long ends are kept: far longer than any event or answer can be late.
const remember = 2 * time.Minute

func newTable() *table {
	return &table{
		alive: map[queue.LegID]*leg{}, ended: map[queue.LegID]time.Time{},
		dialling: map[queue.LegID]bool{}, phones: map[queue.AgentID]phone{},
		endpoints: map[string]*endpoint{},
	}
}

// get returns a leg that is alive, entering it if it is new. It returns nil
// for one that has ended.
func (t *table) get(now time.Time, id queue.LegID, kind queue.LegKind) *leg {
	if _, over := t.ended[id]; over {
		return nil
	}
	l := t.alive[id]
	if l == nil {
		l = &leg{kind: kind, seen: now}
		t.alive[id] = l
	}
	return l
}

// end notes a leg's end and tells whether it is news.
func (t *table) end(now time.Time, id queue.LegID) bool {
	if _, over := t.ended[id]; over {
		return false
	}
	delete(t.alive, id)
	t.ended[id] = now
	if now.Sub(t.pruned) > remember/4 {
		t.pruned = now
		for id, at := range t.ended {
			if now.Sub(at) > remember {
				delete(t.ended, id)
			}
		}
	}
	return true
}

// over tells whether a leg is known to have ended.
func (t *table) over(id queue.LegID) bool {
	_, over := t.ended[id]
	return over
}

// callOf tells which call a leg belongs to, and whether it is an agent's: ids
// of agents' legs are "<call>~<n>".
func callOf(id queue.LegID) (call queue.CallID, agent bool) {
	i := strings.LastIndexByte(string(id), '~')
	if i <= 0 || i == len(id)-1 {
		return queue.CallID(id), false
	}
	for _, r := range id[i+1:] {
		if r < '0' || r > '9' {
			return queue.CallID(id), false
		}
	}
	return queue.CallID(id[:i]), true
}

// bridgeOf names a call's bridge, that of its main room; roomOf that of any.
func bridgeOf(call queue.CallID) string { return string(call) + "~b" }

func roomOf(call queue.CallID, room queue.Room) string {
	if room == queue.SideRoom {
		return string(call) + "~s"
	}
	return bridgeOf(call)
}

// callOfBridge is the inverse of roomOf.
func callOfBridge(id string) (call queue.CallID, ours bool) {
	name, main := strings.CutSuffix(id, "~b")
	name, side := strings.CutSuffix(name, "~s")
	return queue.CallID(name), main != side && name != ""
}
