package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// killAsterisk ends the floor's Asterisk as a crash does and starts it anew.
func (f *floor) killAsterisk(t *testing.T) {
	t.Helper()
	f.box.Asterisk.Kill()
	began := time.Now()
	again, err := asteriskconf.Start(inTime(t), f.box.Asterisk.Params())
	must(t, err)
	f.box.Asterisk = again
	t.Logf("Asterisk was away for %s", time.Since(began).Round(10*time.Millisecond))
	until(t, "control to be back", func() bool { return f.box.Node.Snapshot().Switch })
	t.Logf("control was back %s after the crash", time.Since(began).Round(10*time.Millisecond))
}

// records are all calls of a caller, oldest first, once they are over.
func (v *visit) records(t *testing.T, n int) (all []postgres.CallDetail) {
	t.Helper()
	ctx := inTime(t)
	db := v.desk.box.Node.Ledger()
	var found []queue.Call
	until(t, "the calls of "+v.caller+" to be on record as ended", func() bool {
		must(t, v.desk.box.Node.Flush(ctx))
		var err error
		found, err = db.Calls(ctx, postgres.Filter{Caller: v.caller})
		must(t, err)
		return len(found) == n && !slices.ContainsFunc(found, func(c queue.Call) bool { return c.State != queue.CallEnded })
	})
	slices.SortFunc(found, func(x, y queue.Call) int { return x.ArrivedAt.Compare(y.ArrivedAt) })
	for _, c := range found {
		d, err := db.Call(ctx, c.ID)
		must(t, err)
		all = append(all, d)
	}
	return all
}

// dialer is a caller who may have to ring twice.
type dialer struct {
	*visit
	phone *robot.Phone
}

func (d *desk) persistent(t *testing.T) *dialer {
	t.Helper()
	phone, from := d.customer(t)
	return &dialer{d.callFrom(t, phone, from), phone}
}

func (c *dialer) again(t *testing.T) {
	t.Helper()
	c.visit = c.desk.callFrom(t, c.phone, c.caller)
}

// TestAsteriskKilled: all that Asterisk had is on record as lost by it, which
// costs no agent anything; what was recorded is kept; everything that it is told
// is put back; and whoever rings again has the old place.
func TestAsteriskKilled(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	d := f.open(t, "wrap_up: 0, ring: {agent: 4, budget: 20}", robot.Behaviour{}, robot.Behaviour{NeverAnswer: true})
	silent := f.prepare(t, "record: false")
	d.account(t, "1081")
	account := d.signsOn(t, "1081", 900, robot.Behaviour{})
	talks, rings := d.agents[0], d.agents[1]
	talking := d.persistent(t)
	in := talks.next(t)
	talk(t, talking.visit, in, talks.tone)
	ringing := d.persistent(t)
	rung := rings.next(t)
	until(t, "the phone to ring", func() bool { return !rung.Times().Ringing.IsZero() })
	waiting := d.persistent(t)
	waiting.is(t, queue.CallWaiting)
	f.set(t, rings.id, queue.NotReady) // after this call
	heard := talking.Audio().Packets
	until(t, "some seconds of talk", func() bool { return talking.Audio().Packets > heard+150 })

	f.killAsterisk(t)
	for _, v := range []*dialer{talking, ringing, waiting} {
		r := v.records(t, 1)[0]
		want, event := queue.OutcomeLost, "CallLost"
		if v == talking {
			want, event = queue.OutcomeAnswered, "CallCompleted"
		}
		ended(t, r, want, queue.ReleaseSystem)
		if r.Call.Cause != queue.CauseSwitchLost || r.Call.CutAt.IsZero() || count(r, event) != 1 || count(r, "CallAbandoned")+count(r, "ViolationFound")+count(r, "OfferMissed") != 0 {
			t.Errorf("%s: cause %s, cut %v, %+v", v.caller, r.Call.Cause, r.Call.CutAt, r.Events)
		}
	}
	first := talking.records(t, 1)[0].Call
	if first.Talk < 3*time.Second || first.Talk > first.CutAt.Sub(first.ConnectedAt) {
		t.Errorf("a talk of %s, cut off %s after it began", first.Talk, first.CutAt.Sub(first.ConnectedAt))
	}
	f.salvaged(t, first)
	f.agentIs(t, talks.id, "free", isFree)
	f.agentIs(t, rings.id, "not ready, as asked", func(g queue.Agent) bool { return g.State == queue.NotReady && g.Reason == "" && g.Today.Missed == 0 })
	// What this Asterisk must be told: the accounts, and which numbers are not recorded.
	f.agentIs(t, "1081", "with its phone there", func(g queue.Agent) bool { return g.Phone == queue.PhoneIdle })
	until(t, "the number that is not recorded to be known", func() bool {
		globals, err := f.box.Asterisk.Command(inTime(t), "dialplan show globals")
		must(t, err)
		return strings.Contains(globals, "TR_NOREC_"+silent.number+"=1")
	})

	// They ring again, in another order and behind somebody new.
	f.set(t, talks.id, queue.NotReady)
	late := d.persistent(t)
	late.is(t, queue.CallWaiting)
	order := []*dialer{talking, ringing, waiting, late}
	for _, v := range []*dialer{waiting, talking, ringing} {
		v.Hangup() // of what their phones take for a call still
		v.again(t)
		v.is(t, queue.CallWaiting)
	}
	f.set(t, "1081", queue.Ready)
	for i, v := range order {
		in := account.next(t)
		talk(t, v.visit, in, account.tone)
		v.Hangup()
		over(t, v.Call, in)
		n := 2
		if v == late {
			n = 1
		}
		all := v.records(t, n)
		now := all[n-1]
		ended(t, now, queue.OutcomeAnswered, queue.ReleaseCaller)
		if count(now, "PlaceRestored") != n-1 || (n == 2 && (now.Call.Restored != all[0].Call.ID || now.Call.Order != all[0].Call.Order)) {
			t.Errorf("caller %d: restored %q, order %d; %+v", i, now.Call.Restored, now.Call.Order, now.Events)
		}
		if v == waiting && now.Call.Wait < now.Call.ArrivedAt.Sub(all[0].Call.ArrivedAt) {
			t.Errorf("the wait counts %s, and began %s before the second call", now.Call.Wait, now.Call.ArrivedAt.Sub(all[0].Call.ArrivedAt))
		}
	}
	rung.Hangup()
	in.Hangup()
}

// salvaged: what Asterisk had written of a conversation is kept, and the row
// says what is missing and why.
func (f *floor) salvaged(t *testing.T, c queue.Call) {
	t.Helper()
	var r postgres.Recording
	until(t, "what was recorded to be kept", func() bool {
		var err error
		r, err = f.box.Node.Ledger().Recording(context.WithoutCancel(t.Context()), c.ID)
		return err == nil
	})
	missing := c.CutAt.Sub(c.SpokeAt) - (r.Length - r.TalkOffset)
	t.Logf("recording %s: %s of talk, %s missing; %s", r.State, r.Talk, missing.Round(time.Millisecond), r.GapReason)
	if r.Path == "" || missing > 3*time.Second {
		t.Errorf("recording %s: %s of %s are missing: %s", r.State, missing, r.Talk, r.GapReason)
	}
	if r.State != string(recording.Kept) && !strings.Contains(r.GapReason, "Asterisk died") {
		t.Errorf("recording %s because %q", r.State, r.GapReason)
	}
}
