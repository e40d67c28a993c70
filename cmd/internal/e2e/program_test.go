package e2e

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// runs runs a command of the program to its end.
func runs(t *testing.T, env []string, code int, args ...string) (out, errOut string) {
	t.Helper()
	cmd := program(t, env, args...)
	var o, e strings.Builder
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		must(t, err)
	}
	if got != code {
		t.Errorf("threerings %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, o.String(), e.String())
	}
	return o.String(), e.String()
}

// TestProgram is the deployed program with settings from file, environment and
// flags, and the commands that talk to it.
func TestProgram(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	d := f.open(t, "wrap_up: 0", robot.Behaviour{})
	must(t, f.box.StopNode())
	env, args := settingsOf(t, f.box)
	p := serve(t, f.box)
	if !strings.Contains(p.log.String(), "node=from-flag") {
		t.Errorf("flags do not win over environment and file:\n%s", p.log)
	}
	a := d.agents[0]
	p.setAgent(t, a.id, queue.Ready)
	from := "13700000001"
	caller := newPhone(t, robot.PhoneOptions{User: from, Sound: robot.Tone(callerTone)})
	v := d.callFrom(t, caller, from)
	in := a.next(t)
	talk(t, v, in, a.tone)
	v.Hangup()
	over(t, v.Call, in)
	p.exports(t, d, from)
	p.applies(t, d)
	p.examined(t, env, args)
	p.end(t)

	// Without it, the commands say so.
	data := []string{"--data", f.box.Settings.Data}
	centre := filepath.Join(t.TempDir(), "centre.yaml")
	must(t, os.WriteFile(centre, f.yaml(), 0o600))
	if _, said := runs(t, nil, 1, append([]string{"apply"}, append(data, centre)...)...); !strings.Contains(said, "no threerings runs with this data folder: start `threerings serve`") {
		t.Errorf("apply without a node: %s", said)
	}
	// The ledger can be read all the same.
	if out, _ := runs(t, nil, 0, append([]string{"export", "calls"}, data...)...); !strings.Contains(out, from) {
		t.Errorf("export without a node:\n%s", out)
	}
	must(t, f.box.StartNode(inTime(t)))
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
}

// exports: the call in both formats, with times as documented.
func (p *process) exports(t *testing.T, d *desk, from string) {
	t.Helper()
	data := []string{"--data", p.box.Settings.Data, "--since", "1h"}
	var rows [][]string
	until(t, "the call to be exported", func() bool {
		out, _ := runs(t, nil, 0, append([]string{"export", "calls", "--format", "csv"}, data...)...)
		var err error
		rows, err = csv.NewReader(strings.NewReader(out)).ReadAll()
		must(t, err)
		return strings.Contains(out, ",answered,") // and not only the name of a column
	})
	if len(rows) != 2 {
		t.Fatalf("%d rows of calls: %v", len(rows), rows)
	}
	var list []map[string]any
	out, _ := runs(t, nil, 0, append([]string{"export", "calls", "--format", "json"}, data...)...)
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 {
		t.Fatalf("JSON: %v\n%s", err, out)
	}
	row := map[string]string{}
	for i, name := range rows[0] {
		row[name] = rows[1][i]
		if _, there := list[0][name]; !there {
			t.Errorf("column %s is in the CSV and not in the JSON", name)
		}
	}
	for name, want := range map[string]string{"caller": from, "queue": string(d.queue), "number": d.number, "agent": string(d.agents[0].id), "outcome": "answered", "release": "caller"} {
		if row[name] != want || list[0][name] != want {
			t.Errorf("%s: CSV %q, JSON %v, want %q", name, row[name], list[0][name], want)
		}
	}
	utc := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	if !utc.MatchString(row["arrived_at"]) || list[0]["arrived_at"] != row["arrived_at"] {
		t.Errorf("arrived_at: CSV %q, JSON %v; want UTC with milliseconds", row["arrived_at"], list[0]["arrived_at"])
	}
	for kind, least := range map[string]int{"offers": 1, "events": 8} {
		out, _ := runs(t, nil, 0, append([]string{"export", kind, "--format", "csv"}, data...)...)
		if rows, err := csv.NewReader(strings.NewReader(out)).ReadAll(); err != nil || len(rows) < least+1 {
			t.Errorf("export %s: %d rows, %v", kind, len(rows), err)
		}
	}
}

// applies: a dry run changes nothing, the real one does, a broken file is
// refused with file, line and key.
func (p *process) applies(t *testing.T, d *desk) {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good := string(d.yaml())
	next := file("next.yaml", strings.Replace(good, "wrap_up: 0", "wrap_up: 7s", 1))
	broken := file("broken.yaml", strings.Replace(good, "wrap_up: 0", "wrapup: 7s", 1))
	data := "--data=" + p.box.Settings.Data
	const change = "~ queue q1: wrap_up 0s → 7s\n"
	if out, _ := runs(t, nil, 0, "apply", data, "--dry-run", next); out != change {
		t.Errorf("dry run: %q", out)
	}
	if out, _ := runs(t, nil, 0, "apply", data, "--dry-run", next); out != change {
		t.Errorf("a second dry run finds the first one applied: %q", out)
	}
	if _, said := runs(t, nil, 1, "apply", data, broken); !strings.Contains(said, broken+":4: queues.q1.wrapup:") {
		t.Errorf("broken file: %s", said)
	}
	if out, _ := runs(t, nil, 0, "apply", data, next); out != change+"applied; running calls are not disturbed\n" {
		t.Errorf("apply: %q", out)
	}
	if out, _ := runs(t, nil, 0, "apply", data, next); out != "nothing changes\n" {
		t.Errorf("applied again: %q", out)
	}
	d.queues[1] = strings.Replace(d.queues[1], "wrap_up: 0", "wrap_up: 7s", 1)
}

// examined: the doctor finds the running deployment in order, and says what is
// wrong with one that is not.
func (p *process) examined(t *testing.T, env, args []string) {
	t.Helper()
	type result struct{ Name, Status, Found, Mend string }
	read := func(out string) map[string]result {
		var answer struct{ Results []result }
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatalf("doctor: %v\n%s", err, out)
		}
		by := map[string]result{}
		for _, r := range answer.Results {
			by[r.Name] = r
		}
		return by
	}
	out, _ := runs(t, env, 0, append([]string{"doctor", "--json"}, args...)...)
	checks := read(out)
	for _, name := range []string{"asterisk login", "asterisk version", "asterisk application", "postgres", "data folder", "recordings folder", "prompts"} {
		if checks[name].Status != "OK" {
			t.Errorf("doctor, %s: %+v", name, checks[name])
		}
	}
	for _, r := range checks {
		if r.Status == "FAIL" {
			t.Errorf("doctor: %+v", r)
		}
	}
	out, _ = runs(t, append(env, "THREERINGS_ASTERISK_USER=stranger"), 1, append([]string{"doctor", "--json"}, args...)...)
	if r := read(out)["asterisk login"]; r.Status != "FAIL" || r.Mend == "" {
		t.Errorf("doctor with a wrong user: %+v", r)
	}
}

// TestRefusedSettings: what is wrong in the settings is said with file, line
// and key, and nothing is started.
func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, c := range []struct {
		text string
		env  []string
		args []string
		want string
	}{
		{text: "data: ./x\nasterisk:\n  urll: http://127.0.0.1:1\n", want: "FILE:3: asterisk.urll:"},
		{text: "data: ./x\n\nhttp:\n  addr: nowhere\n", want: "FILE:4: http.addr:"},
		{text: "log:\n  level: loud\n", want: "FILE:2: log.level:"},
		{text: "centre: /does/not/exist.yaml\n", want: "FILE:1: centre:"},
		{env: []string{"THREERINGS_LOG_FORMAT=xml"}, want: "THREERINGS_LOG_FORMAT"},
		{args: []string{"--pool", "two words"}, want: "--pool"},
		{args: []string{"--colour", "red"}, want: "colour"},
	} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(dir, strconv.Itoa(i)+".yaml")
			must(t, os.WriteFile(file, []byte(c.text), 0o600))
			began := time.Now()
			out, said := runs(t, c.env, 1, append([]string{"serve", "--config", file}, c.args...)...)
			want := strings.ReplaceAll(c.want, "FILE", file)
			if !strings.Contains(said, want) || out != "" {
				t.Errorf("%s: said %q, want %q", c.text, said, want)
			}
			if took := time.Since(began); took > limit {
				t.Errorf("refused after %s", took)
			}
		})
	}
}
