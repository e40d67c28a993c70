package postgres

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// TestSearchWordsAreTheStores: what is looked for is cut into the words that
// texts are cut into.
func TestSearchWordsAreTheStores(t *testing.T) {
	db := openDB(t)
	for _, text := range []string{"", "水泵", "客户要求退款 refund ASAP, 订单A12345", "é Überweisung über 100", "a", "泵", "かな漢字ハングル 한국어 mixed中文words", "'; DROP TABLE x; --", "日本語。ABC,def"} {
		var stored []string
		if err := db.conns.QueryRow(limited(t), "SELECT search_words($1)", text).Scan(&stored); err != nil {
			t.Fatal(err)
		}
		prefixes, exact := recording.SearchWords(text)
		for _, w := range append(prefixes, exact...) {
			if !slices.Contains(stored, w) {
				t.Errorf("%q is looked for as %q, and the store has %q", text, w, stored)
			}
		}
	}
}

// search is a house of three calls with recordings: c1 a bad one of agent 1001,
// c2 a good one that 1001 gave to 1002, c3 without audio.
func searchHouse(t *testing.T) *DB {
	t.Helper()
	db := openURL(t, postgrestest.New(t))
	ctx := limited(t)
	call := func(id, agent, number, release, category, note string, mark, minute int, within bool) {
		at := dayStart.Add(time.Duration(minute) * time.Minute)
		c := queue.Call{ID: queue.CallID(id), Queue: "support", Caller: number, Number: "4000", Agent: queue.AgentID(agent), State: queue.CallEnded, ArrivedAt: at, SpokeAt: at,
			ConnectedAt: at, EndedAt: at.Add(time.Minute), Outcome: queue.OutcomeAnswered, Release: queue.Release(release), Score: mark, Day: "2026-11-22",
			Rings: queue.Rings{Within: within}, Registration: queue.Registration{Category: category, Note: note}}
		if _, err := db.conns.Exec(ctx, calls.upsert(), append([]any{"main"}, calls.fields(&c)...)...); err != nil {
			t.Fatal(err)
		}
	}
	call("c1", "1001", "13800000001", "agent", "complaint", "客户要求退款，水泵漏水", 1, 1, false)
	call("c2", "1002", "13900000002", "caller", "", "", 5, 2, true)
	call("c3", "1002", "02100000003", "caller", "order", "Refund of the pump", 0, 3, true)
	p := queue.Part{Call: "c2", N: 1, Agent: "1001", Day: "2026-11-22"}
	if _, err := db.conns.Exec(ctx, parts.upsert(), append([]any{"main"}, parts.fields(&p)...)...); err != nil {
		t.Fatal(err)
	}
	for i, state := range []string{"kept", "kept", "missing"} {
		id := queue.CallID(fmt.Sprint("c", i+1))
		if err := db.SaveRecording(ctx, Recording{Call: id, State: state, Talk: time.Duration(i+1) * 30 * time.Second, GapReason: map[string]string{"missing": "no file"}[state]}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SaveProof(ctx, "c1", recording.Proof{Speech: []recording.Speech{{Length: time.Minute, AgentTalk: 30 * time.Second, CallerTalk: 10 * time.Second, DeadAir: 12 * time.Second, Crosstalk: 4 * time.Second, LongestMonologue: 20 * time.Second, FirstWord: 3 * time.Second, AgentDBFS: -32}}}); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestSearchRecordings(t *testing.T) {
	db := searchHouse(t)
	yes, no, low := true, false, 60.0
	for _, x := range []struct {
		name string
		f    recording.Search
		want []queue.CallID
	}{
		{"all, newest first", recording.Search{}, []queue.CallID{"c3", "c2", "c1"}},
		{"who had part in it", recording.Search{Agents: []queue.AgentID{"1001"}}, []queue.CallID{"c2", "c1"}},
		{"of a team", recording.Search{Agents: []queue.AgentID{"1002", "1003"}}, []queue.CallID{"c3", "c2"}},
		{"of an empty team", recording.Search{Agents: []queue.AgentID{}}, nil},
		{"queue", recording.Search{Queue: "sales"}, nil},
		{"number", recording.Search{Number: "13800000001"}, []queue.CallID{"c1"}},
		{"number begins", recording.Search{NumberStarts: "139"}, []queue.CallID{"c2"}},
		{"number ends", recording.Search{NumberEnds: "0003"}, []queue.CallID{"c3"}},
		{"a sign of patterns", recording.Search{NumberStarts: "%"}, nil},
		{"time", recording.Search{Since: dayStart.Add(2 * time.Minute), Until: dayStart.Add(3 * time.Minute)}, []queue.CallID{"c2"}},
		{"length", recording.Search{TalkFrom: 31 * time.Second, TalkTo: time.Minute}, []queue.CallID{"c2"}},
		{"over three rings", recording.Search{OverRings: &yes}, []queue.CallID{"c1"}},
		{"within", recording.Search{OverRings: &no}, []queue.CallID{"c3", "c2"}},
		{"agent hung up", recording.Search{Release: queue.ReleaseAgent}, []queue.CallID{"c1"}},
		{"low mark", recording.Search{MarkTo: 2}, []queue.CallID{"c1"}},
		{"mark", recording.Search{MarkFrom: 4}, []queue.CallID{"c2"}},
		{"category", recording.Search{Category: "order"}, []queue.CallID{"c3"}},
		{"not registered", recording.Search{Unregistered: true}, []queue.CallID{"c2"}},
		{"gaps", recording.Search{Gaps: true}, []queue.CallID{"c3"}},
		{"state", recording.Search{State: recording.Missing}, []queue.CallID{"c3"}},
		{"dead air", recording.Search{DeadAirFrom: 10 * time.Second}, []queue.CallID{"c1"}},
		{"cross-talk", recording.Search{CrossFrom: 5 * time.Second}, nil},
		{"a monologue", recording.Search{Monologue: 20 * time.Second}, []queue.CallID{"c1"}},
		{"no longer one", recording.Search{Monologue: 21 * time.Second}, nil},
		{"late first word", recording.Search{FirstWord: 3 * time.Second}, []queue.CallID{"c1"}},
		{"earlier than that", recording.Search{FirstWord: 4 * time.Second}, nil},
		{"quiet", recording.Search{QuietTo: -30}, []queue.CallID{"c1"}},
		{"not so quiet", recording.Search{QuietTo: -40}, nil},
		{"the agent speaks most", recording.Search{ShareFrom: 70}, []queue.CallID{"c1"}},
		{"the agent listens", recording.Search{ShareTo: 70}, nil},
		{"Chinese", recording.Search{Text: "退款"}, []queue.CallID{"c1"}},
		{"Chinese, both", recording.Search{Text: "漏水 退款"}, []queue.CallID{"c1"}},
		{"one character", recording.Search{Text: "泵"}, []queue.CallID{"c1"}},
		{"pairs that are not there", recording.Search{Text: "款退"}, nil},
		{"English, a beginning", recording.Search{Text: "refu PUMP"}, []queue.CallID{"c3"}},
		{"nothing to find", recording.Search{Text: "!?"}, nil},
		{"held", recording.Search{Held: &yes}, nil},
		{"not judged", recording.Search{ScoreTo: &low}, nil},
		{"two at once", recording.Search{Agents: []queue.AgentID{"1001"}, OverRings: &no}, []queue.CallID{"c2"}},
	} {
		found, err := db.SearchRecordings(limited(t), x.f)
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		var got []queue.CallID
		for _, r := range found {
			got = append(got, r.Call)
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
		if n, err := db.CountRecordings(limited(t), x.f, 100); err != nil || n != len(x.want) {
			t.Errorf("%s: %d are counted (%v), want %d", x.name, n, err, len(x.want))
		}
	}
	page, err := db.SearchRecordings(limited(t), recording.Search{Limit: 2})
	if err != nil || len(page) != 2 || page[0].Reason != "no file" {
		t.Fatalf("%+v (%v), want two, the first with its reason", page, err)
	}
	rest, err := db.SearchRecordings(limited(t), recording.Search{AfterAt: page[1].At, AfterCall: page[1].Call})
	if err != nil || len(rest) != 1 || rest[0].Call != "c1" || *rest[0].AgentShare != 75 || *rest[0].DeadAir != 12*time.Second {
		t.Errorf("%+v (%v), want c1 with what was measured", rest, err)
	}
}

// TestSearchFollows: what is on record later is found too: a registration, a
// remark and its removal, a hold, an evaluation, another end of the call.
func TestSearchFollows(t *testing.T) {
	db := searchHouse(t)
	ctx := limited(t)
	finds := func(what string, f recording.Search, want bool) {
		t.Helper()
		found, err := db.SearchRecordings(ctx, f)
		if err != nil || slices.ContainsFunc(found, func(r recording.Found) bool { return r.Call == "c2" }) != want {
			t.Errorf("%s: %+v (%v), want c2 there: %t", what, found, err, want)
		}
	}
	at := dayStart
	if _, err := db.conns.Exec(ctx, updateRegistration, "main", "c2", "praise", "1002", stamp{&at}, "感谢小李", false); err != nil {
		t.Fatal(err)
	}
	finds("registered", recording.Search{Category: "praise", Text: "小李"}, true)
	c, err := db.AddComment(ctx, recording.Comment{Call: "c2", At: 3 * time.Second, Comment: "Interrupts the caller", Who: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	finds("remark", recording.Search{Text: "interrupt"}, true)
	if all, err := db.Comments(ctx, "c2"); err != nil || len(all) != 1 || all[0] != c || c.At != 3*time.Second || c.Written.IsZero() {
		t.Errorf("remarks: %+v (%v), want %+v", all, err, c)
	}
	for _, want := range []bool{true, false} {
		if gone, err := db.RemoveComment(ctx, "c2", c.ID, "anna"); err != nil || gone != want {
			t.Errorf("removed: %t (%v), want %t", gone, err, want)
		}
	}
	finds("removed remark", recording.Search{Text: "interrupt"}, false)
	if _, err := db.AddComment(ctx, recording.Comment{Call: "c9", Comment: "x"}); err == nil {
		t.Error("a remark on no recording was stored")
	}
	yes, sixty := true, 60.0
	if _, err := db.conns.Exec(ctx, "UPDATE recordings SET held_at = now() WHERE call = 'c2'"); err != nil {
		t.Fatal(err)
	}
	finds("held", recording.Search{Held: &yes}, true)
	if err := judged(ctx, db, "e1", "c2"); err != nil {
		t.Fatal(err)
	}
	var score *float64
	if err := db.conns.QueryRow(ctx, "SELECT score FROM recording_search WHERE call = 'c2'").Scan(&score); err != nil {
		t.Fatal(err)
	}
	e, err := db.Evaluation(ctx, "e1")
	if err != nil {
		t.Fatal(err)
	}
	if v, counts := e.Current(); counts {
		want, _ := v.Scored.Total.Float64()
		if score == nil || *score != want {
			t.Errorf("its score is %v, want %v", score, want)
		}
	} else if score != nil {
		t.Errorf("a draft has the score %v", *score)
	}
	finds("of a score", recording.Search{ScoreFrom: &sixty}, score != nil && *score >= 60)
	if _, err := db.conns.Exec(ctx, "UPDATE recordings SET erased_at = now() WHERE call = 'c2'"); err != nil {
		t.Fatal(err)
	}
	finds("erased", recording.Search{State: recording.ErasedState}, true)
}
