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
