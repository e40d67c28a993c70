package dashboard

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

var rewrite = flag.Bool("rewrite", false, "write golden files anew; read the difference before committing")

// board is a fixed morning: a talk, a ringing phone, three callers who wait.
func board(t *testing.T) *queue.Snapshot {
	t.Helper()
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	c := newCore(start)
	in := func(after time.Duration, in queue.Input) { c.step(start.Add(after), in) }
	in(time.Second, queue.SetAgent{Agent: "1001", State: queue.Ready})
	arrive := func(after time.Duration, n int, number string) {
		in(after, queue.CallArrived{Leg: queue.LegID(fmt.Sprintf("c%d", n)), Number: number,
			Caller: fmt.Sprintf("1380000%04d", n), Name: "张三", Endpoint: "trunk"})
	}
	arrive(10*time.Second, 1, "4000")
	in(10200*time.Millisecond, queue.LegRinging{Leg: "c1~1"})
	in(16200*time.Millisecond, queue.LegAnswered{Leg: "c1~1"})
	in(16300*time.Millisecond, queue.LegBridged{Leg: "c1"})
	in(16400*time.Millisecond, queue.LegBridged{Leg: "c1~1"})
	in(17*time.Second, queue.SetAgent{Agent: "1001", State: queue.NotReady, Reason: "meal"})
	in(20*time.Second, queue.SetAgent{Agent: "1002", State: queue.Ready})
	arrive(30*time.Second, 2, "4001")
	in(30*time.Second+300*time.Millisecond, queue.LegRinging{Leg: "c2~1"})
	arrive(31*time.Second, 3, "4000")
	arrive(32*time.Second, 4, "4000")
	in(34*time.Second, queue.LegEnded{Leg: "c4", Cause: queue.CauseNormal}) // a short abandon
	return c.Snapshot()
}

func TestWallboardGolden(t *testing.T) {
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	f := wallboard(board(t), Centre{Name: "示例客服中心", NameEN: "Example Centre"}, start.Add(-time.Hour), start.Add(35*time.Second), 123)
	got, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/wallboard.json"
	if *rewrite {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(bytes.TrimSpace(want)), string(got)); diff != "" {
		t.Errorf("wallboard changed (-want +got):\n%s", diff)
	}
}

// A phone is shown ringing only while it rings, and a caller hears no rings
// once a greeting answered (R1.3).
func TestWallboardRings(t *testing.T) {
	snap := board(t)
	f := wallboard(snap, Centre{}, time.Time{}, time.Time{}, 1)
	if r := f.Agents[1].Ring; r == nil || r.OnMS != 1000 || r.CycleMS != 5000 || r.Limit != 3 {
		t.Errorf("agent 1002 rings, got %+v", r)
	}
	if f.Agents[0].Ring != nil {
		t.Errorf("agent 1001 talks, got %+v", f.Agents[0].Ring)
	}
	snap.Calls[1].LineAnsweredAt = snap.At
	if f = wallboard(snap, Centre{}, time.Time{}, time.Time{}, 1); f.Calls[0].Ring != nil {
		t.Errorf("the line was answered, got %+v", f.Calls[0].Ring)
	}
}

func TestWallboardListsFiftyCalls(t *testing.T) {
	snap := &queue.Snapshot{Config: &queue.Config{}}
	for i := range 70 {
		snap.Calls = append(snap.Calls, queue.Call{ID: queue.CallID(fmt.Sprint(i)), State: queue.CallWaiting,
			Queue: "gone", ArrivedAt: time.Unix(int64(i), 0), Caller: fmt.Sprint(i)})
	}
	f := wallboard(snap, Centre{}, time.Time{}, time.Time{}, 1)
	if len(f.Calls) != 50 || f.Calls[0].Caller != "0" {
		t.Errorf("got %d calls, first %+v", len(f.Calls), f.Calls[0])
	}
}

func TestMask(t *testing.T) {
	for number, want := range map[string]string{ // R14.1
		"13800000001":    "138****0001",
		"8613800000001":  "861******0001",
		"+8613800000001": "+86*******0001",
		"02112345678":    "021****5678",
		"66668888":       "666****8",
		"6666888":        "666****",
		"1001":           "1001",
		"110":            "110",
		"":               "",
		"zhang.san.home": "zha****",
		"张三的私人办公电话":      "张三的****",
	} {
		if got := mask(number); got != want {
			t.Errorf("mask(%q) = %q, want %q", number, got, want)
		}
	}
}

func TestStamp(t *testing.T) {
	beijing := time.Date(2026, 11, 22, 16, 0, 0, 123456789, houseZone)
	for in, want := range map[time.Time]string{beijing: `"2026-11-22T08:00:00.123Z"`, {}: "null"} {
		if got, _ := json.Marshal(stamp(in)); string(got) != want {
			t.Errorf("stamp(%v) = %s, want %s", in, got, want)
		}
	}
}

// Nothing in an event may leak Go's nanoseconds.
func TestWireEventDurations(t *testing.T) {
	e := queue.OfferAccepted{Call: "c1", Wait: 6200 * time.Millisecond, Rings: queue.Rings{For: 6 * time.Second, Heard: 2}}
	got := wireEvent(e, false)
	if got["wait_ms"] != int64(6200) || got["wait"] != nil {
		t.Errorf("wait: %v", got)
	}
	if r := got["rings"].(map[string]any); r["for_ms"] != int64(6000) || r["heard"] != 2 {
		t.Errorf("rings: %v", r)
	}
	q := queue.CallQueued{Call: "c1", Caller: "13800000001", Name: "张三", Addr: "10.0.0.1:5060"}
	if m := wireEvent(q, true); m["caller"] != "138****0001" || m["name"] != "" || m["addr"] != "" {
		t.Errorf("not masked: %v", m)
	}
	if m := wireEvent(q, false); m["caller"] != "13800000001" || m["name"] != "张三" {
		t.Errorf("masked for who may see it: %v", m)
	}
}
