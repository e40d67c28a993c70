package centre

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

var (
	spanPattern = regexp.MustCompile(`^([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])$`)
	weekdays    = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // as time.Weekday counts
)

const (
	spanRule  = `spans such as "08:30-12:00, 13:00-17:30" (the end may be on the next day: "20:00-06:00"), or closed`
	shut      = "closed"
	longRange = 366 // days
)

// readHours reads the opening hours, by name.
func (p *parser) readHours(n *strictyaml.Node) {
	for _, e := range entries(n, "hours", "office") {
		h := &queue.Hours{Name: e.id}
		zone := e.fields.Get("timezone")
		h.Zone = zone.Text("")
		if zone != nil {
			if _, err := time.LoadLocation(h.Zone); err != nil || h.Zone == "" || h.Zone == "Local" {
				zone.Refuse("there is no time zone %q; give one such as Asia/Shanghai", h.Zone)
			}
		}
		week := e.fields.Need("week", `give the days, such as {mon-fri: "08:30-17:30"}`)
		readDays(week, weekdaysOf, func(days []time.Weekday, spans []queue.Span) {
			for _, d := range days {
				h.Week[d] = spans
			}
		})
		h.Days = map[string][]queue.Span{}
		readDays(e.fields.Get("days"), datesOf, func(dates []string, spans []queue.Span) {
			for _, date := range dates {
				h.Days[date] = spans
			}
		})
		e.fields.Close()
		p.hours[e.id] = h
	}
}

// queueHours is what a queue's key hours names.
func (p *parser) queueHours(n *strictyaml.Node) *queue.Hours {
	name := n.Text("")
	if n == nil {
		return nil
	}
	h := p.hours[name]
	if h == nil {
		n.Refuse("there are no hours %q; known are %s", name, strings.Join(slices.Sorted(maps.Keys(p.hours)), ", "))
	}
	return h
}

// readDays reads a group whose keys are days and whose values are spans. No day
// may be named twice.
func readDays[D comparable](n *strictyaml.Node, days func(string) ([]D, error), set func([]D, []queue.Span)) {
	f := n.Fields()
	seen := map[D]string{}
	for _, key := range f.Names() {
		v := f.Get(key)
		which, err := days(key)
		if err != nil {
			v.Refuse("%v", err)
			continue
		}
		for _, d := range which {
			if first, twice := seen[d]; twice {
				v.Refuse("%v is already in %s", d, first)
				break
			}
			seen[d] = key
		}
		set(which, readSpans(v))
	}
	f.Close()
}

// weekdaysOf reads "mon", "mon-fri", "sat,sun".
func weekdaysOf(key string) (days []time.Weekday, err error) {
	for part := range strings.SplitSeq(key, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		from := slices.Index(weekdays, first)
		to := from
		if isRange {
			to = slices.Index(weekdays, last)
		}
		if from < 0 || to < 0 {
			return nil, fmt.Errorf("is no day: give sun, mon, tue, wed, thu, fri, sat or a range such as mon-fri")
		}
		for d := from; ; d = (d + 1) % 7 {
			days = append(days, time.Weekday(d))
			if d == to {
				break
			}
		}
	}
	return days, nil
}

// datesOf reads "2026-10-01" and "2026-10-01..2026-10-07".
func datesOf(key string) (dates []string, err error) {
	first, last, isRange := strings.Cut(key, "..")
	if !isRange {
		last = first
	}
	from, wrong := time.Parse(time.DateOnly, first)
	to, alsoWrong := time.Parse(time.DateOnly, last)
	days := int(to.Sub(from).Hours()/24) + 1
	if wrong != nil || alsoWrong != nil || days < 1 || days > longRange {
		return nil, fmt.Errorf("is no date: give one such as 2026-10-01, or a range such as 2026-10-01..2026-10-07")
	}
	for i := range days {
		dates = append(dates, from.AddDate(0, 0, i).Format(time.DateOnly))
	}
	return dates, nil
}

func readSpans(n *strictyaml.Node) (spans []queue.Span) {
	text := n.Text("")
	if text == shut {
		return nil
	}
	end := 0
	for part := range strings.SplitSeq(text, ",") {
		m := spanPattern.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			n.Refuse("must be %s, not %q", spanRule, text)
			return nil
		}
		s := queue.Span{From: minutes(m[1], m[2]), To: minutes(m[3], m[4])}
		if s.To <= s.From {
			s.To += 24 * 60
		}
		if s.From < end || s.From >= 24*60 {
			n.Refuse("spans must follow each other and not overlap: %q", text)
			return nil
		}
		end = s.To
		spans = append(spans, s)
	}
	return spans
}

func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // the pattern has let only digits pass
	m, _ := strconv.Atoi(minute)
	return 60*h + m
}

// hoursText is opening hours as people write them, for differences.
func hoursText(h *queue.Hours) string {
	if h == nil {
		return "always"
	}
	var out []string
	for d, spans := range h.Week {
		out = append(out, weekdays[d]+" "+spansText(spans))
	}
	for _, date := range slices.Sorted(maps.Keys(h.Days)) {
		out = append(out, date+" "+spansText(h.Days[date]))
	}
	if h.Zone != "" {
		out = append(out, h.Zone)
	}
	return h.Name + " (" + strings.Join(out, "; ") + ")"
}

func spansText(spans []queue.Span) string {
	if len(spans) == 0 {
		return shut
	}
	var out []string
	for _, s := range spans {
		out = append(out, fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60))
	}
	return strings.Join(out, " ")
}

// overflowText is the ways out of a queue, as people write them.
func overflowText(ways []queue.Overflow) string {
	var out []string
	for _, o := range ways {
		text := string(o.Cause)
		switch {
		case o.At > 0:
			text += fmt.Sprintf(" at %d", o.At)
		case o.After > 0:
			text += " after " + short(o.After)
		}
		to := string(o.To) + targetText(o.Out)
		if to == "" {
			to = busy
		}
		out = append(out, text+" to "+to)
	}
	return strings.Join(out, ", ")
}
