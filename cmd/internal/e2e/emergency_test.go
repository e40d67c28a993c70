package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/queue"
)

// TestEmergency: a supervisor puts plans in force over the interface. The next
// caller goes the plan's way or hears its announcement; when it is over all is
// as before. A drill is marked as one (R12).
func TestEmergency(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	const id = "q1" // the desk's, the first on this floor
	f.first = fmt.Sprintf(`emergency:
  flood: {name: 停水, level: 2, alert: [值班长], queues: {%s: {closed: true, overflow: {closed: {to: {announcement: {sound: house/tell}}}}}}}
  fire: {name: 火警, level: 3, queues: {%s: {greeting: house/second}}}
`, id, id)
	d := f.open(t, "wrap_up: 0s, ring: {country: jp, budget: 1}, greeting: house/tell", quick)
	if d.queue != id {
		t.Fatalf("the desk's queue is %s", d.queue)
	}
	a, url := d.agents[0], f.box.URL+"/api/v1/emergency"
	type now struct {
		Now *struct {
			Plan  string     `json:"plan"`
			Drill bool       `json:"drill"`
			Toll  queue.Toll `json:"toll"`
		} `json:"now"`
	}
	var shown now
	web(t, "POST", url, supervisor, `{"plan":"flood","drill":true}`, http.StatusOK, &shown)
	if shown.Now == nil || shown.Now.Plan != "flood" || !shown.Now.Drill {
		t.Errorf("a drill is shown as %+v", shown.Now)
	}
	v := d.call(t)
	hears(t, "the caller in the emergency", v.Call, tones{tellTone}, nil)
	over(t, v.Call)
	ended(t, v.record(t), queue.OutcomeAnnounced, queue.ReleaseSystem)
	var report struct {
		Plan  string     `json:"plan"`
		Drill bool       `json:"drill"`
		Toll  queue.Toll `json:"toll"`
	}
	web(t, "DELETE", url, supervisor, "", http.StatusOK, &report)
	if report.Plan != "flood" || !report.Drill || report.Toll != (queue.Toll{Offered: 1, Overflowed: 1}) {
		t.Errorf("the report: %+v", report)
	}
	d.takes(t, d.call(t), a) // as before
	d.agentIs(t, a.id, "free", isFree)
	d.set(t, a.id, queue.NotReady)

	shown = now{}
	web(t, "POST", url, supervisor, `{"plan":"fire"}`, http.StatusOK, &shown)
	if shown.Now == nil || shown.Now.Plan != "fire" || shown.Now.Drill {
		t.Errorf("the plan is shown as %+v", shown.Now)
	}
	d.seen(t, "the alert", func(s *queue.Snapshot) bool {
		return len(s.Alerts) == 1 && s.Alerts[0].Kind == queue.AlertEmergency && s.Alerts[0].Reason == "fire"
	})
	w := d.call(t)
	hears(t, "the plan's announcement", w.Call, tones{secondTone}, tones{tellTone})
	until(t, "music after it", func() bool { c, ok := w.live(); return ok && c.Media == queue.MediaMusic })
	speaks(t, "the music to be heard", w.Call)
	web(t, "DELETE", url, supervisor, "", http.StatusOK, &report)
	if report.Drill || report.Toll != (queue.Toll{Offered: 1}) {
		t.Errorf("the report: %+v", report)
	}
	d.set(t, a.id, queue.Ready)
	d.takes(t, w, a)
	d.agentIs(t, a.id, "free", isFree)
	d.set(t, a.id, queue.NotReady)
	x := d.call(t)
	hears(t, "the house's own greeting again", x.Call, tones{tellTone}, tones{secondTone})
	x.Hangup()
	over(t, x.Call)
	for _, v := range []*visit{v, w, x} {
		v.clean(t)
	}
}
