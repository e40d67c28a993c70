package sim

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ReadLedger reads calls as `threerings export calls` writes them, in CSV; the
// columns are found by their names. An empty queue means all queues. Times are
// read into the zone.
func ReadLedger(in io.Reader, queueID string, zone *time.Location) (*History, error) {
	h := newHistory()
	table := csv.NewReader(in)
	table.FieldsPerRecord = -1
	head, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1, column 1: the names of the columns cannot be read: %w", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	want := []string{"queue", "agent", "outcome", "arrived_at", "accepted_at", "wait_ms", "talk_ms"}
	at := make([]int, len(want))
	for i, name := range want {
		if at[i] = slices.Index(head, name); at[i] < 0 {
			return nil, fmt.Errorf("line 1: there is no column %q; make the file with: threerings export calls --format csv", name)
		}
	}
	var wrong []error
	for len(wrong) < problemsShown {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			wrong = append(wrong, err) // says line and column
			break
		}
		line, _ := table.FieldPos(0)
		if len(cells) != len(head) {
			wrong = append(wrong, fmt.Errorf("line %d, column %d: the line has %d columns, not %d", line, min(len(cells), len(head)), len(cells), len(head)))
			continue
		}
		r := row{line: line, names: head, cells: cells, wrong: &wrong}
		h.exported(&r, at, queueID, zone)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if len(h.Calls) == 0 {
		return nil, fmt.Errorf("there are no finished calls in the file (left out: %v)", h.Ignored)
	}
	h.sort()
	return h, nil
}

func (h *History) exported(r *row, at []int, queueID string, zone *time.Location) {
	queue, agent, outcome := r.cells[at[0]], r.cells[at[1]], r.cells[at[2]]
	switch {
	case queueID != "" && queue != queueID:
		h.Ignored["another queue"]++
		return
	case outcome != "answered" && outcome != "abandoned":
		if outcome == "" {
			outcome = "not over"
		}
		h.Ignored[outcome]++
		return
	}
	before := len(*r.wrong)
	stamp := func(column int) time.Time {
		t, err := time.Parse(time.RFC3339, r.cells[column])
		if err != nil {
			r.bad(column, "%q is not a time such as 2026-11-22T08:15:00.000Z", r.cells[column])
		}
		return t.In(zone)
	}
	millis := func(column int) time.Duration {
		n, err := strconv.ParseInt(r.cells[column], 10, 64)
		if err != nil || n < 0 {
			r.bad(column, "%q is not a number of milliseconds", r.cells[column])
		}
		return time.Duration(n) * time.Millisecond
	}
	p := Past{At: stamp(at[3]), Wait: millis(at[5]), Served: outcome == "answered", Talk: millis(at[6])}
	p.Queued = p.Wait > 0
	if p.Served {
		p.Start, p.Agent = stamp(at[4]), agent
	} else {
		p.Talk = 0
	}
	if len(*r.wrong) == before {
		h.Calls = append(h.Calls, p)
	}
}
