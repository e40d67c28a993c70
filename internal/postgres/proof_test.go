package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// proved is what may be found in a recording.
func proved() recording.Proof {
	return recording.Proof{
		Coverage: recording.Coverage{Span: time.Minute, Drift: -7 * time.Millisecond, Switch: 59990 * time.Millisecond, Sides: recording.SidesRight,
			Caller: recording.Channel{Sounding: 50 * time.Second, LongestSilence: 1500 * time.Millisecond}, Agent: recording.Channel{Sounding: time.Minute}},
		Gaps: []recording.Gap{
			{Side: recording.Left, At: 3 * time.Second, Length: 1500 * time.Millisecond, Reason: recording.GapSilence, Detail: "the caller's line is dead\tfor 1.5 s"},
			{Side: recording.Both, At: 60 * time.Second, Length: 2 * time.Second, Reason: recording.GapCut, Detail: "the file ends 2.0 s too early"},
		},
		Speech: []recording.Speech{
			{Length: time.Minute, AgentTalk: 30 * time.Second, CallerTalk: 20 * time.Second, Crosstalk: time.Second, DeadAir: 11 * time.Second,
				LongestDeadAir: 6 * time.Second, LongestMonologue: 9 * time.Second, FirstWord: 700 * time.Millisecond, AgentDBFS: -21, CallerDBFS: -24, Interruptions: 2},
			{Agent: "8001", Length: time.Second, FirstWord: -time.Millisecond, AgentDBFS: recording.NotHeard, CallerDBFS: recording.NotHeard},
		},
		Peaks: recording.Peaks{Rate: 50, Left: []byte{0, 1, 255}, Right: []byte{7, 0, 9}},
	}
}

func TestProofComesBack(t *testing.T) {
	db := openURL(t, postgrestest.New(t))
	ctx := limited(t)
	want := proved()
	for range 2 { // the second time in place of the first
		if err := db.SaveProof(ctx, "c1", want); err != nil {
			t.Fatal(err)
		}
	}
	sameProof := func(want recording.Proof) {
		t.Helper()
		var got recording.Proof
		gaps, err := db.Gaps(ctx, GapFilter{Call: "c1"})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range gaps {
			got.Gaps = append(got.Gaps, g.Gap)
		}
		if got.Speech, err = db.Speech(ctx, "c1"); err != nil {
			t.Fatal(err)
		}
		if got.Coverage, err = db.Coverage(ctx, "c1"); err != nil {
			t.Fatal(err)
		}
		if got.Peaks, err = db.Peaks(ctx, "c1"); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("what came back differs (-want +got):\n%s", d)
		}
	}
	sameProof(want)
	if err := db.SaveProof(ctx, "c1", recording.Proof{Coverage: want.Coverage, Gaps: want.Gaps[1:]}); err != nil {
		t.Fatal(err)
	}
	sameProof(recording.Proof{Coverage: want.Coverage, Gaps: want.Gaps[1:], Speech: []recording.Speech{}, Peaks: want.Peaks})
	if _, err := db.Peaks(ctx, "c2"); !errors.Is(err, ErrNotFound) {
		t.Errorf("peaks of a call without: %v", err)
	}
}

// Page by page, each gap once, newest first.
func TestGapsByPage(t *testing.T) {
	db := openURL(t, postgrestest.New(t))
	ctx := limited(t)
	for _, call := range []queue.CallID{"c1", "c2", "c3"} {
		if err := db.SaveProof(ctx, call, proved()); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	f := GapFilter{Limit: 1}
	for {
		page, err := db.Gaps(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		g := page[0]
		got = append(got, string(g.Call)+string(g.Reason))
		f.Before, f.BeforeCall, f.BeforeN = g.FoundAt, g.Call, g.N
	}
	if d := cmp.Diff([]string{"c3silence", "c3cut", "c2silence", "c2cut", "c1silence", "c1cut"}, got); d != "" {
		t.Error(d)
	}
	if own, err := db.Gaps(ctx, GapFilter{Agents: []queue.AgentID{"8001"}}); err != nil || len(own) != 0 {
		t.Errorf("%d gaps of calls that nobody had on record, %v", len(own), err)
	}
	if _, err := db.conns.Exec(ctx, `INSERT INTO parts (pool, call, n, agent, offer, queue, day, talk_ms, hold_ms, ended) VALUES ('main', 'c2', 1, '8001', '', '', '', 0, 0, '')`); err != nil {
		t.Fatal(err)
	}
	if own, err := db.Gaps(ctx, GapFilter{Agents: []queue.AgentID{"8001"}}); err != nil || len(own) != 2 {
		t.Errorf("%d gaps of the agent's own calls, %v; want 2", len(own), err)
	}
	cuts, err := db.Gaps(ctx, GapFilter{Reason: recording.GapCut})
	if err != nil || len(cuts) != 3 {
		t.Errorf("%d gaps where the file was cut, %v; want 3", len(cuts), err)
	}
}
