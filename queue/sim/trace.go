package sim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// traceColumns is the form of a trace: the call data that the Technion
// published of a bank's call centre, which much of the literature is about.
var traceColumns = []string{"vru+line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit",
	"vru_time", "q_start", "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server"}

// problemsShown is after how many problems reading gives up.
const problemsShown = 10

// row is a line being read; it notes what is wrong, with line and column.
type row struct {
	line  int
	names []string
	cells []string
	wrong *[]error
}

func (r *row) bad(column int, format string, args ...any) {
	*r.wrong = append(*r.wrong, fmt.Errorf("line %d, column %d (%s): %s", r.line, column+1, r.names[column], fmt.Sprintf(format, args...)))
}

func (r *row) number(column int) int {
	n, err := strconv.Atoi(r.cells[column])
	if err != nil {
		r.bad(column, "%q is not a whole number", r.cells[column])
	}
	return n
}

// clock reads h:mm:ss as the time since midnight.
func (r *row) clock(column int) time.Duration {
	parts := strings.Split(r.cells[column], ":")
	if len(parts) == 3 {
		h, err1 := strconv.Atoi(parts[0])
		m, err2 := strconv.Atoi(parts[1])
		s, err3 := strconv.Atoi(parts[2])
		if err1 == nil && err2 == nil && err3 == nil && h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 60 {
			return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
		}
	}
	r.bad(column, "%q is not a time of the day such as 9:05:00", r.cells[column])
	return 0
}

// ReadTrace reads a trace. Lines that cannot be read are errors, all together
// up to ten; what can be read but cannot have been is put right and counted.
func ReadTrace(in io.Reader) (*History, error) {
	h := newHistory()
	var wrong []error
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan() && len(wrong) < problemsShown; n++ {
		text := strings.TrimRight(strings.TrimPrefix(lines.Text(), "\ufeff"), "\r")
		if text == "" {
			continue
		}
		r := row{line: n, names: traceColumns, cells: strings.Split(text, "\t"), wrong: &wrong}
		if n == 1 {
			if i := differs(r.cells, traceColumns); i >= 0 {
				return nil, fmt.Errorf("line 1, column %d: the columns must be %s, with tabs in between", i+1, strings.Join(traceColumns, " "))
			}
			continue
		}
		if len(r.cells) != len(traceColumns) {
			wrong = append(wrong, fmt.Errorf("line %d, column %d: the line has %d columns, not %d", n, min(len(r.cells), len(traceColumns)), len(r.cells), len(traceColumns)))
			continue
		}
		h.traced(&r)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if len(h.Calls) == 0 {
		return nil, errors.New("line 2, column 1: there are no calls in the file")
	}
	h.sort()
	return h, nil
}

func differs(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || strings.TrimSpace(a[i]) != b[i] {
			return i
		}
	}
	return -1
}

// traced takes in one line of a trace.
func (h *History) traced(r *row) {
	before := len(*r.wrong)
	day, err := time.Parse("060102", r.cells[5])
	if err != nil {
		r.bad(5, "%q is not a date such as 990201", r.cells[5])
	}
	entry, exit, begin := r.clock(6), r.clock(7), r.clock(9)
	vru, wait := time.Duration(r.number(8))*time.Second, time.Duration(r.number(11))*time.Second
	priority := r.number(3)
	r.clock(10)
	start, talk := r.clock(13), time.Duration(r.number(15))*time.Second
	r.clock(14)
	outcome := r.cells[12]
	switch outcome {
	case "AGENT", "HANG":
	case "PHANTOM":
		h.Ignored["phantom"]++
		return
	default:
		r.bad(12, "%q is none of AGENT, HANG and PHANTOM", outcome)
	}
	if len(*r.wrong) > before {
		return
	}
	repair := func(what string) { h.Repaired[what]++ }
	// A caller waits from the end of the announcement. Times after midnight
	// stand under the date of the evening.
	at := exit
	if vru < 0 {
		repair("left the announcement before entering it")
	}
	if begin != 0 {
		at = begin
	}
	if at < entry-Day/2 {
		at += Day
	}
	if wait < 0 {
		repair("waited less than nothing")
		wait = 0
	}
	if talk < 0 {
		repair("talked less than nothing")
		talk = 0
	}
	// Who did not have to wait was not asked who they are: priority 0 says
	// nothing of them.
	if begin == 0 && priority == 0 {
		priority = -1
	}
	p := Past{At: day.Add(at), Wait: wait, Queued: begin != 0, Served: outcome == "AGENT", Talk: talk, Type: r.cells[4], Priority: priority}
	if !p.Served {
		h.Calls = append(h.Calls, p)
		return
	}
	p.Start = p.At.Add(wait)
	switch {
	case start == 0:
		repair("served at no time")
	case start < at-Day/2:
		p.Start = day.Add(start + Day)
	default:
		p.Start = day.Add(start)
	}
	if d := p.Start.Sub(p.At.Add(wait)); d < -time.Minute || d > time.Minute {
		repair("served long before or after the wait ended")
		p.Start = p.At.Add(wait)
	}
	if p.Agent = r.cells[16]; p.Agent == "NO_SERVER" {
		repair("served by nobody")
		p.Agent = ""
	}
	h.Calls = append(h.Calls, p)
}
