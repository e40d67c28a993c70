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

	"github.com/threerings/threerings/queue"
)

// ReadLedger reads calls as `threerings export calls` writes them, in CSV; the
// columns are found by their names. An empty queue means all queues. Times are
// read into the zone.
func ReadLedger(in io.Reader, queueID string, zone *time.Location) (*History, error) {
	h := newHistory()
	err := exportRows(in, "calls", []string{"queue", "agent", "outcome", "arrived_at", "accepted_at", "wait_ms", "talk_ms"},
		func(r *row, at []int) { h.exported(r, at, queueID, zone) })
	if err != nil {
		return nil, err
	}
	if len(h.Calls) == 0 {
		return nil, fmt.Errorf("there are no finished calls in the file (left out: %v)", h.Ignored)
	}
	h.sort()
	return h, nil
}

// PickUps is what the offers of the ledger say of the agents: how long phones
// rang until they answered, and the share left to ring to the limit.
type PickUps struct {
	PickUp       Dist
	NeverAnswers float64
}

// ReadOffers reads offers as `threerings export offers` writes them, in CSV.
func ReadOffers(in io.Reader, queueID string, shape Shape) (p PickUps, err error) {
	var rang []time.Duration
	rona := 0
	err = exportRows(in, "offers", []string{"queue", "state", "reason", "ring_ms"}, func(r *row, at []int) {
		switch {
		case queueID != "" && r.cells[at[0]] != queueID:
		case r.cells[at[1]] == string(queue.OfferTaken):
			rang = append(rang, r.millis(at[3]))
		case r.cells[at[2]] == string(queue.MissedRONA):
			rona++
		}
	})
	if err != nil {
		return p, err
	}
	if len(rang) == 0 {
		return p, fmt.Errorf("there are no accepted offers in the file")
	}
	p.NeverAnswers = float64(rona) / float64(rona+len(rang))
	p.PickUp, err = FitDist(shape, rang)
	return p, err
}

// exportRows reads an export and gives each row, with the places of the columns
// that are wanted.
func exportRows(in io.Reader, kind string, want []string, do func(r *row, at []int)) error {
	table := csv.NewReader(in)
	table.FieldsPerRecord = -1
	head, err := table.Read()
	if err != nil {
		return fmt.Errorf("line 1, column 1: the names of the columns cannot be read: %w", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	at := make([]int, len(want))
	for i, name := range want {
		if at[i] = slices.Index(head, name); at[i] < 0 {
			return fmt.Errorf("line 1, column 1: there is no column %q; make the file with: threerings export %s --format csv", name, kind)
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
		do(&row{line: line, names: head, cells: cells, wrong: &wrong}, at)
	}
	return errors.Join(wrong...)
}

// millis reads a number of milliseconds.
func (r *row) millis(column int) time.Duration {
	n, err := strconv.ParseInt(r.cells[column], 10, 64)
	if err != nil || n < 0 {
		r.bad(column, "%q is not a number of milliseconds", r.cells[column])
	}
	return time.Duration(n) * time.Millisecond
}

func (h *History) exported(r *row, at []int, queueID string, zone *time.Location) {
	from, agent, outcome := r.cells[at[0]], r.cells[at[1]], r.cells[at[2]]
	switch {
	case queueID != "" && from != queueID:
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
	p := Past{At: stamp(at[3]), Wait: r.millis(at[5]), Served: outcome == "answered", Talk: r.millis(at[6]), Priority: -1, Queue: queue.QueueID(from)}
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
