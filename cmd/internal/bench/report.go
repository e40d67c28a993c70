package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Report is all figures of a run; a measurement that was not asked for is nil.
type Report struct {
	Machine      Machine   `json:"machine"`
	At           time.Time `json:"at"` // when it began, UTC
	RouteIdle    *Figure   `json:"route_idle,omitempty"`
	Dispatch     *Figure   `json:"dispatch,omitempty"`
	Cancel       *Figure   `json:"cancel,omitempty"`
	ConnectAudio *Figure   `json:"connect_audio,omitempty"`
	Wallboard    *Figure   `json:"wallboard,omitempty"`
}

// JSON is the report as bench-path.json has it.
func (r *Report) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the figures: %w", err)
	}
	return append(data, '\n'), nil
}

// Table writes the report for people.
func (r *Report) Table(w io.Writer) error {
	m := r.Machine
	_, err := fmt.Fprintf(w, "%s, %d cores, %s, Asterisk %s, %s; program and robots on it together; ms\n\n%-14s %7s %8s %8s %8s %8s  %s\n",
		m.CPU, m.Cores, m.Kernel, m.Asterisk, m.Go, "", "n", "p50", "p95", "p99", "max", "required p99")
	for _, line := range []struct {
		name string
		f    *Figure
	}{{RouteIdle, r.RouteIdle}, {Dispatch, r.Dispatch}, {Cancel, r.Cancel}, {ConnectAudio, r.ConnectAudio}, {Wallboard, r.Wallboard}} {
		if line.f == nil || err != nil {
			continue
		}
		verdict := "missed"
		if line.f.Met {
			verdict = "met"
		}
		f := line.f
		_, err = fmt.Fprintf(w, "%-14s %7d %8.1f %8.1f %8.1f %8.1f  <= %.0f %s\n", line.name, f.N, f.P50, f.P95, f.P99, f.Max, f.Required, verdict)
	}
	return err
}

// JSON is the report as bench-cost.json has it.
func (c *Cost) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the figures: %w", err)
	}
	return append(data, '\n'), nil
}

// Table writes the report for people.
func (c *Cost) Table(w io.Writer) error {
	m := c.Machine
	var err error
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format+"\n", args...)
		}
	}
	row := func(what string, s Shares, unit string) {
		line("%-40s %9.2f %10.2f %9.2f   %s", what, s.Asterisk, s.Threerings, s.Postgres, unit)
	}
	line("%s, %d cores, %s, Asterisk %s, %s; robots apart\n", m.CPU, m.Cores, m.Kernel, m.Asterisk, m.Go)
	line("%-40s %9s %10s %9s", "", "Asterisk", "Threerings", "Postgres")
	row("nothing happens", c.Idle, "% of a core")
	row(fmt.Sprintf("a recorded conversation (of %d)", c.Talks), c.Talking, "% of a core")
	row(fmt.Sprintf("a caller waiting with music (of %d)", c.Waits), c.Waiting, "% of a core")
	row(fmt.Sprintf("a call, its talk apart (of %d)", c.Calls), c.Call, "ms of a core")
	line("%-40s %9.0f %30s", "memory of a waiting caller", c.WaitingKB, "kB")
	line("%-40s %9s %10s %9.1f   %s", "a call in the ledger", "", "", c.LedgerKB, "kB on disk")
	line("%-40s %9.1f %30s", "a second of talk, while it is recorded", c.RecordingKB, "kB on disk")
	return err
}
