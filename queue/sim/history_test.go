package sim

import (
	"os"
	"strings"
	"testing"
	"time"
)

const sample = "../../examples/trace-sample.tsv"

func sampleTrace(t *testing.T) *History {
	t.Helper()
	f, err := os.Open(sample)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := ReadTrace(f)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestTraceLosesNothing: every line of the sample is a call, or counted as
// none.
func TestTraceLosesNothing(t *testing.T) {
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	h := sampleTrace(t)
	if lines := strings.Count(string(text), "\n") - 1; len(h.Calls)+h.Ignored["phantom"] != lines || h.Ignored["phantom"] == 0 {
		t.Errorf("%d calls and %v ignored of %d lines", len(h.Calls), h.Ignored, lines)
	}
	served := strings.Count(string(text), "\tAGENT\t")
	if r := h.Row(0, 0); r.Served != served || r.Served+r.Abandoned != len(h.Calls) {
		t.Errorf("served %d, abandoned %d; the file has %d AGENT", r.Served, r.Abandoned, served)
	}
}

// TestTraceIsPlayedAgain: with the agents it had, a trace comes out near
// itself, whatever is drawn.
func TestTraceIsPlayedAgain(t *testing.T) {
	h := sampleTrace(t)
	fit, err := Fit(h, ShapeEmpirical)
	if err != nil {
		t.Fatal(err)
	}
	shifts, agents := Roster(h)
	from, days := h.Days()
	if agents != 4 || days != 2 {
		t.Errorf("%d agents on %d days, want 4 on 2", agents, days)
	}
	own := h.Row(0, 0)
	plan := &Plan{People: fit.People, Slot: time.Hour, Days: h.Rates(time.Hour)}
	for name, arrivals := range map[string]Arrivals{"nothing": &Again{People: fit.People, Calls: h.Calls, From: from, Draw: DrawNothing},
		"people": &Again{People: fit.People, Calls: h.Calls, From: from, Draw: DrawPeople}, "all": plan} {
		results, err := Runs(t.Context(), Settings{Seed: 1, Agents: agents, Shifts: shifts, WrapUp: fit.WrapUp, WrapUpQuiet: fit.Quiet, Start: from, Arrivals: arrivals, Check: true}, 5)
		if err != nil {
			t.Fatal(err)
		}
		r := Mean(results)
		if name != "all" && r.Calls != len(h.Calls) {
			t.Errorf("drawn %s: %d of %d callers came", name, r.Calls, len(h.Calls))
		}
		if near := float64(r.Served) / float64(own.Served); near < 0.9 || near > 1.15 {
			t.Errorf("drawn %s: served %d, really %d", name, r.Served, own.Served)
		}
		if r.MeanWait < own.MeanWait/3 || r.MeanWait > 2*own.MeanWait {
			t.Errorf("drawn %s: mean wait %.1f s, really %.1f s", name, r.MeanWait, own.MeanWait)
		}
	}
}

func TestBadTraceSaysWhere(t *testing.T) {
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	good := strings.SplitAfterN(string(text), "\n", 4)
	head, line := good[0], strings.TrimSuffix(good[1], "\n")
	change := func(column int, to string) string {
		cells := strings.Split(line, "\t")
		cells[column] = to
		return head + line + "\n" + strings.Join(cells, "\t") + "\n"
	}
	for want, in := range map[string]string{
		"line 1, column 2":              strings.Replace(head, "call_id", "id", 1) + line,
		"line 2, column 1":              head,
		"line 3, column 6 (date)":       change(5, "19990301"),
		"line 3, column 7 (vru_entry)":  change(6, "24:00:00"),
		"line 3, column 12 (q_time)":    change(11, "soon"),
		"line 3, column 13 (outcome)":   change(12, "VOICEMAIL"),
		"line 3, column 16 (ser_time)":  change(15, "1.5"),
		"line 3, column 14 (ser_start)": change(13, "noon"),
		"the line has 16 columns":       head + strings.Replace(line, "\t", " ", 1),
		"there are no calls":            "",
	} {
		if _, err := ReadTrace(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error at %s, got %v", want, err)
		}
	}
	many := head + strings.Repeat("x\n", 30)
	if _, err := ReadTrace(strings.NewReader(many)); err == nil || strings.Count(err.Error(), "\n") != problemsShown-1 {
		t.Errorf("want ten problems, got %v", err)
	}
}

// TestDirtIsPutRight: times that contradict each other are mended and counted,
// calls are kept, and what is after midnight stays with its evening.
func TestDirtIsPutRight(t *testing.T) {
	row := func(cells string) string { return strings.ReplaceAll(cells, " ", "\t") + "\n" }
	in := strings.Join(traceColumns, "\t") + "\n" +
		row("A 1 0 0 PS 990301 23:59:50 23:59:56 6 0:00:02 0:00:29 27 AGENT 0:00:29 0:00:58 29 ANN") +
		row("A 2 0 0 PS 990301 9:00:00 8:59:00 -60 0:00:00 0:00:00 0 HANG 0:00:00 0:00:00 0 NO_SERVER") +
		row("A 3 0 0 PS 990301 9:00:00 9:00:05 5 9:00:05 9:00:00 -5 AGENT 9:00:05 9:00:01 -4 ANN") +
		row("A 4 0 0 PS 990301 9:10:00 9:10:05 5 0:00:00 0:00:00 0 AGENT 0:00:00 0:00:00 0 NO_SERVER")
	h, err := ReadTrace(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Calls) != 4 {
		t.Fatalf("%d calls of 4 lines", len(h.Calls))
	}
	for _, what := range []string{"left the announcement before entering it", "waited less than nothing", "talked less than nothing", "served at no time", "served by nobody"} {
		if h.Repaired[what] != 1 {
			t.Errorf("%q counted %d times: %v", what, h.Repaired[what], h.Repaired)
		}
	}
	last := h.Calls[3]
	if at := time.Date(1999, 3, 2, 0, 0, 2, 0, time.UTC); !last.At.Equal(at) || !last.Start.Equal(at.Add(27*time.Second)) {
		t.Errorf("the call over midnight waits from %s and is served at %s", last.At, last.Start)
	}
}

const exported = "call,arrival,day,queue,arrived_at,accepted_at,agent,outcome,wait_ms,talk_ms\n"

func TestLedgerIsRead(t *testing.T) {
	in := exported +
		"c1,1,2026-11-22,sales,2026-11-22T00:00:10.000Z,2026-11-22T00:00:14.500Z,1001,answered,4500,60000\n" +
		"c2,2,2026-11-22,sales,2026-11-22T00:00:20.000Z,,,abandoned,7000,0\n" +
		"c3,3,2026-11-22,other,2026-11-22T00:00:30.000Z,,,abandoned,7000,0\n" +
		"c4,4,2026-11-22,sales,2026-11-22T00:00:40.000Z,,,,0,0\n"
	h, err := ReadLedger(strings.NewReader(in), "sales", time.FixedZone("CST", 8*3600))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Calls) != 2 || h.Ignored["another queue"] != 1 || h.Ignored["not over"] != 1 {
		t.Errorf("%d calls, ignored %v", len(h.Calls), h.Ignored)
	}
	c := h.Calls[0]
	if !c.Served || c.Talk != time.Minute || c.Wait != 4500*time.Millisecond || c.Agent != "1001" || c.At.Hour() != 8 {
		t.Errorf("read %+v", c)
	}
	for want, bad := range map[string]string{
		`no column "queue"`:             "call,arrival\n",
		"line 2, column 9 (wait_ms)":    exported + "c1,1,d,q,2026-11-22T00:00:10Z,2026-11-22T00:00:14Z,1,answered,soon,1\n",
		"line 2, column 5 (arrived_at)": exported + "c1,1,d,q,yesterday,2026-11-22T00:00:14Z,1,answered,1,1\n",
		"line 2, column 3: the line":    exported + "c1,1,d\n",
		"there are no finished calls":   exported,
	} {
		if _, err := ReadLedger(strings.NewReader(bad), "", time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	p, err := ReadOffers(strings.NewReader("offer,queue,state,reason,ring_ms\no1,q,accepted,,4000\no2,q,missed,rona,15000\no3,q,withdrawn,caller_left,100\n"), "", ShapeExponential)
	if err != nil || p.NeverAnswers != 0.5 || p.PickUp.Mean() != 4*time.Second {
		t.Errorf("offers: %+v, %v", p, err)
	}
}
