package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/threerings/threerings/internal/settings"
)

// Status is the outcome of a check.
type Status string

// Outcomes.
const (
	OK   Status = "OK"
	Warn Status = "WARN"
	Fail Status = "FAIL"
	Skip Status = "SKIP" // could not be looked at
)

// Result is what a check found.
type Result struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Found  string `json:"found"`          // what there is
	Mend   string `json:"mend,omitempty"` // what to do about it
}

// Check looks at one thing.
type Check struct {
	Name string
	Run  func(context.Context) Result
}

// limit is the time one check may take.
const limit = 10 * time.Second

// Checks are all checks for these settings, in the order in which one thing
// depends on another.
func Checks(s *settings.Settings) []Check { return checksOn(s, thisMachine()) }

func checksOn(s *settings.Settings, m machine) []Check {
	p := &patient{s: s, m: m}
	named := []struct {
		name string
		run  func(context.Context) Result
	}{
		{"asterisk login", p.login}, {"asterisk version", p.version}, {"asterisk rights", p.rights}, {"asterisk manager", p.manager},
		{"asterisk modules", p.modules}, {"asterisk application", p.application}, {"asterisk codecs", p.codecs},
		{"rtp ports", p.rtpPorts}, {"raw recordings", p.rawRecordings}, {"prompts", p.prompts}, {"speech", p.speech},
		{"postgres", p.postgres}, {"redis", p.redis},
		{"data folder", p.dataFolder}, {"recordings folder", p.recordingsFolder},
		{"clock", p.clock}, {"time zone", p.timeZone}, {"http address", p.httpAddress}, {"open files", p.openFiles},
	}
	checks := make([]Check, len(named))
	for i, n := range named {
		checks[i] = Check{n.name, func(ctx context.Context) Result {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			r := n.run(ctx)
			r.Name = n.name
			return r
		}}
	}
	return checks
}

// patient is what is looked at; info is filled in by the log-in.
type patient struct {
	s    *settings.Settings
	m    machine
	info *asteriskInfo
}

func ok(format string, args ...any) Result {
	return Result{Status: OK, Found: fmt.Sprintf(format, args...)}
}

func warn(mend, format string, args ...any) Result {
	return Result{Status: Warn, Found: fmt.Sprintf(format, args...), Mend: mend}
}

func fail(mend, format string, args ...any) Result {
	return Result{Status: Fail, Found: fmt.Sprintf(format, args...), Mend: mend}
}

func skip(format string, args ...any) Result {
	return Result{Status: Skip, Found: fmt.Sprintf(format, args...)}
}

// Run runs all checks one after the other and hands each result to each as it
// comes; each may be nil.
func Run(ctx context.Context, checks []Check, each func(Result)) []Result {
	results := make([]Result, 0, len(checks))
	for _, c := range checks {
		r := c.Run(ctx)
		results = append(results, r)
		if each != nil {
			each(r)
		}
	}
	return results
}

// ExitCode is 1 if anything failed.
func ExitCode(results []Result) int {
	for _, r := range results {
		if r.Status == Fail {
			return 1
		}
	}
	return 0
}

// Write writes one result for people.
func Write(w io.Writer, r Result, color bool) error {
	status := fmt.Sprintf("%-4s", r.Status)
	if color {
		paint := map[Status]string{OK: "32", Warn: "33", Fail: "31", Skip: "90"}[r.Status]
		status = "\x1b[" + paint + "m" + status + "\x1b[0m"
	}
	if _, err := fmt.Fprintf(w, "%s  %-20s  %s\n", status, r.Name, r.Found); err != nil {
		return fmt.Errorf("writing a finding: %w", err)
	}
	if r.Mend != "" {
		if _, err := fmt.Fprintf(w, "%28s→ %s\n", "", r.Mend); err != nil {
			return fmt.Errorf("writing a finding: %w", err)
		}
	}
	return nil
}

// WriteJSON writes all results as one JSON object.
func WriteJSON(w io.Writer, results []Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		OK      bool     `json:"ok"`
		Results []Result `json:"results"`
	}{ExitCode(results) == 0, results})
	if err != nil {
		return fmt.Errorf("writing the findings: %w", err)
	}
	return nil
}
