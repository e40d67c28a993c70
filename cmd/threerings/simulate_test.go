package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// TestSimulatePrintsOneObject: every source gives one JSON object with the
// figures that were promised, and the same seed gives the same figures.
func TestSimulatePrintsOneObject(t *testing.T) {
	for name, args := range map[string][]string{
		"rate":    {"--rate", "120/h", "--aht", "240s", "--agents", "10", "--patience", "120s", "--wait-target", "15s", "--calls", "3000", "--seed", "1"},
		"rates":   {"--rate", "40/h,80/h,60/h", "--agents", "4,7,5", "--from", "09:00", "--calls", "2000", "--wrap-up", "exp:20s", "--pick-up", "4s"},
		"trace":   {"--trace", traceSample, "--seed", "1"},
		"all":     {"--trace", traceSample, "--draw", "all", "--shape", "lognormal", "--extra", "1"},
		"need":    {"--rate", "60/h", "--aht", "180s", "--need=90%", "--calls", "2000", "--seeds", "2"},
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
		{"share such as", []string{"--need=120%"}},
		{"one of --rate", []string{"--rate", "1/h", "--trace", traceSample}},
		{"--compare", []string{"--compare", "--agents none", "--calls", "10"}},
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
