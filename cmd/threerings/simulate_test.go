package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/postgres"
)

func played(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var out bytes.Buffer
	if err := simulate(t.Context(), append(args, "--json"), &out); err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if strings.Count(out.String(), "\n") != 1 {
		t.Errorf("more than one line: %s", out.String())
	}
	return v
}

const traceSample = "../../examples/trace-sample.tsv"

const centreSample = "../../examples/centre.yaml"

// TestSimulatePrintsOneObject: every source gives one JSON object with the
// figures that were promised, and the same seed gives the same figures.
func TestSimulatePrintsOneObject(t *testing.T) {
	for name, args := range map[string][]string{
		"rate":    {"--rate", "120/h", "--aht", "240s", "--agents", "10", "--patience", "120s", "--wait-target", "15s", "--calls", "3000", "--seed", "1"},
		"rates":   {"--rate", "40/h,80/h,60/h", "--agents", "4,7,5", "--from", "09:00", "--calls", "2000", "--wrap-up", "exp:20s", "--pick-up", "4s"},
		"trace":   {"--trace", traceSample, "--seed", "1"},
		"all":     {"--trace", traceSample, "--draw", "all", "--shape", "lognormal", "--extra", "1"},
		"vip":     {"--rate", "120/h", "--aht", "240s", "--agents", "8", "--vip", "10%", "--calls", "2000"},
		"levels":  {"--trace", traceSample, "--vip", "trace"},
		"centre":  {"--centre", centreSample, "--mix", "support=3,sales=1", "--rate", "40/h", "--calls", "2000", "--vip", "0.1"},
		"need":    {"--rate", "60/h", "--aht", "180s", "--need=90%", "--calls", "2000", "--seeds", "2", "--days", "2"},
		"compare": {"--rate", "100/h", "--aht", "180s", "--agents", "5", "--calls", "1000", "--seeds", "3", "--compare", "--agents 6"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := played(t, args...), played(t, args...)
			for _, key := range []string{"calls", "served", "abandoned", "mean_wait_s", "within_15s", "service_level", "occupancy", "seconds_simulated", "wall_seconds"} {
				if _, ok := a[key].(float64); !ok {
					t.Errorf("no figure %q", key)
				}
				if key != "wall_seconds" && a[key] != b[key] {
					t.Errorf("%s: %v, then %v", key, a[key], b[key])
				}
			}
			if a["served"].(float64) == 0 {
				t.Error("nobody was served")
			}
			for _, wants := range []string{"need", "compare", "trace"} {
				key := map[string]string{"need": "need", "compare": "comparison", "trace": "trace"}[wants]
				if name == wants && a[key] == nil {
					t.Errorf("no %q", key)
				}
			}
		})
	}
}

// TestSimulateSaysWhatIsWrong: nothing is simulated from half of the input.
func TestSimulateSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"rate", []string{"--rate", "often"}},
		{"agents", []string{"--agents", "0"}},
		{"rates.txt: line 2, column 7", []string{"--rates", file("rates.txt", "08:00 10\n09:00 ten\n")}},
		{"shifts.txt: line 1, column 5", []string{"--shifts", file("shifts.txt", "ann 8am 16:00\n")}},
		{"trace.tsv: line 1, column 1", []string{"--trace", file("trace.tsv", "a\tb\n")}},
		{"line 1, column 1: there is no column", []string{"--replay", file("calls.csv", "call\n")}},
		{"no such file", []string{"--trace", filepath.Join(dir, "missing")}},
		{"there are no calls on those days", []string{"--trace", traceSample, "--judge", "2020-01-01"}},
		{"--weekdays", []string{"--trace", traceSample, "--weekdays", "someday"}},
		{"--draw", []string{"--trace", traceSample, "--draw", "lots"}},
		{"known are", []string{"--strategy", "loudest", "--calls", "10"}},
		{"--goal", []string{"--need", "--goal", "joy"}},
		{"--seeds 1", []string{"--need", "--seeds", "1"}},
		{"share such as", []string{"--need=120%"}},
		{"one of --rate", []string{"--rate", "1/h", "--trace", traceSample}},
		{"--compare", []string{"--compare", "--agents none", "--calls", "10"}},
		{"--vip", []string{"--vip", "many"}},
		{"--trace", []string{"--vip", "trace"}},
		{"--mix", []string{"--mix", "support=1"}},
		{`no number leads to a queue "support2"`, []string{"--centre", centreSample, "--mix", "support2=1"}},
		{"the configuration has 6", []string{"--centre", centreSample, "--agents", "7"}},
		{"centre.yaml", []string{"--centre", file("centre.yaml", "queues: 3\n")}},
		{"talk", []string{"--talk", "fixed:0s", "--calls", "10"}},
	} {
		var out bytes.Buffer
		err := simulate(t.Context(), c.args, &out)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: want an error with %q, got %v", c.args, c.want, err)
		}
		if out.Len() > 0 {
			t.Errorf("%v: printed %q", c.args, out.String())
		}
	}
}

// TestSimulateDraws: the table and the picture of a day.
func TestSimulateDraws(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "day.svg")
	var out bytes.Buffer
	if err := simulate(t.Context(), []string{"--trace", traceSample, "--interval", "1h", "--svg", picture}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"08:00", "16:00", "callers within three rings", "service level ignore_early", "really was", "95 % intervals"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	svg, err := os.ReadFile(picture)
	if err != nil || !strings.HasPrefix(string(svg), "<svg") || !strings.Contains(string(svg), "trace-sample.tsv") {
		t.Errorf("picture: %.80s, %v", svg, err)
	}
}

// TestSimulateComparesCentres: two configuration files, the same callers, the
// differences in a table and in the picture.
func TestSimulateComparesCentres(t *testing.T) {
	text, err := os.ReadFile(centreSample)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	other, picture := filepath.Join(dir, "all.yaml"), filepath.Join(dir, "both.svg")
	if err := os.WriteFile(other, bytes.Replace(text, []byte("strategy: longest_idle"), []byte("strategy: ring_all"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	args := []string{"--centre", centreSample, "--rate", "60/h", "--aht", "150s", "--pick-up", "6s", "--calls", "1500", "--seeds", "4", "--compare", other, "--svg", picture}
	if err := simulate(t.Context(), args, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"difference made by --centre " + other + ", over 4 pairs", "95 % interval", "within_rings", "queue", "support"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	svg, err := os.ReadFile(picture)
	if err != nil || !strings.Contains(string(svg), "difference, with 95 % interval") || !strings.Contains(string(svg), "all.yaml") || strings.Contains(string(svg), "NaN") {
		t.Errorf("picture: %.300s, %v", svg, err)
	}
	v := played(t, args[:len(args)-2]...)
	calls := v["comparison"].([]any)[0].(map[string]any)["difference"].(map[string]any)
	if calls["n"] != 4.0 {
		t.Errorf("differences over %v pairs of runs", calls["n"])
	}
}

// TestSimulateReadsWhatExportWrites: the columns that --replay and --offers
// look for are those of the ledger's export.
func TestSimulateReadsWhatExportWrites(t *testing.T) {
	write := func(kind string, rows ...map[string]string) string {
		columns, err := postgres.ExportColumns(kind)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), kind+".csv")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		out := csv.NewWriter(f)
		defer out.Flush()
		head := make([]string, len(columns))
		for i, c := range columns {
			head[i] = c.Name
		}
		if err := out.Write(head); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			cells := make([]string, len(head))
			for i, name := range head {
				cells[i] = row[name]
			}
			if err := out.Write(cells); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	calls := write("calls",
		map[string]string{"queue": "support", "agent": "1001", "outcome": "answered", "arrived_at": "2026-11-22T01:00:00.000Z",
			"accepted_at": "2026-11-22T01:00:04.000Z", "wait_ms": "4000", "talk_ms": "60000"},
		map[string]string{"queue": "support", "agent": "1001", "outcome": "answered", "arrived_at": "2026-11-22T01:05:00.000Z",
			"accepted_at": "2026-11-22T01:05:03.000Z", "wait_ms": "3000", "talk_ms": "90000"},
		map[string]string{"queue": "support", "outcome": "abandoned", "arrived_at": "2026-11-22T01:05:30.000Z", "wait_ms": "20000", "talk_ms": "0"})
	offers := write("offers", map[string]string{"queue": "support", "state": "accepted", "ring_ms": "3000"})
	v := played(t, "--replay", calls, "--offers", offers, "--zone", "Asia/Shanghai")
	if v["calls"] != 3.0 || v["served"] != 2.0 || v["abandoned"] != 1.0 {
		t.Errorf("calls %v, served %v, abandoned %v; really 3, 2 and 1", v["calls"], v["served"], v["abandoned"])
	}
}
