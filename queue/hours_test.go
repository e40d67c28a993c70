package queue

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func minutes(t *testing.T, text string) int {
	t.Helper()
	d, err := time.ParseDuration(strings.Replace(text, ":", "h", 1) + "m")
	if err != nil {
		t.Fatal(err)
	}
	return int(d.Minutes())
}

func spans(t *testing.T, text string) (out []Span) {
	t.Helper()
	for part := range strings.FieldsSeq(text) {
		from, to, _ := strings.Cut(part, "-")
		out = append(out, Span{minutes(t, from), minutes(t, to)})
	}
	return out
}

// TestHours: an ordinary week with a lunch break, a holiday, a working Sunday
// in its place, a night shift, a line that never closes, and clocks that jump.
func TestHours(t *testing.T) {
	office := Hours{Name: "office", Days: map[string][]Span{"2026-10-01": nil, "2026-10-10": spans(t, "09:00-12:00")}}
	for d := time.Monday; d <= time.Friday; d++ {
		office.Week[d] = spans(t, "08:30-12:00 13:00-17:30")
	}
	var night, always, never Hours
	for d := range night.Week {
		night.Week[d], always.Week[d] = spans(t, "20:00-30:00"), spans(t, "00:00-24:00")
	}
	night.Days = map[string][]Span{"2026-11-26": nil}
	tests := []struct {
		hours      Hours
		zone, at   string
		open       bool
		until, why string
	}{
		{office, "Asia/Shanghai", "2026-11-23 08:29", false, "2026-11-23 08:30", "before opening"},
		{office, "Asia/Shanghai", "2026-11-23 08:30", true, "2026-11-23 12:00", "on the minute"},
		{office, "Asia/Shanghai", "2026-11-23 12:00", false, "2026-11-23 13:00", "lunch"},
		{office, "Asia/Shanghai", "2026-11-27 17:30", false, "2026-11-30 08:30", "over the weekend"},
		{office, "Asia/Shanghai", "2026-09-30 18:00", false, "2026-10-02 08:30", "a holiday"},
		{office, "Asia/Shanghai", "2026-10-10 10:00", true, "2026-10-10 12:00", "a working Saturday"},
		{night, "Asia/Shanghai", "2026-11-24 03:00", true, "2026-11-24 06:00", "after midnight"},
		{night, "Asia/Shanghai", "2026-11-26 03:00", true, "2026-11-26 06:00", "the holiday's morning is the night before's"},
		{night, "Asia/Shanghai", "2026-11-26 21:00", false, "2026-11-27 20:00", "no night begins on the holiday"},
		{always, "Asia/Shanghai", "2026-11-26 21:00", true, "", "never closes"},
		{never, "Asia/Shanghai", "2026-11-26 21:00", false, "", "never opens"},
		{office, "America/New_York", "2026-03-06 20:00", false, "2026-03-09 08:30", "clocks go forward in between"},
		{night, "America/New_York", "2026-03-08 00:30", true, "2026-03-08 06:00", "in the night of the change"},
		{night, "America/New_York", "2026-11-01 00:30", true, "2026-11-01 06:00", "and back"},
	}
	for _, test := range tests {
		loc, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", test.at, loc)
		if err != nil {
			t.Fatal(err)
		}
		open, until := test.hours.At(at, loc)
		got := ""
		if !until.IsZero() {
			got = until.In(loc).Format("2006-01-02 15:04")
		}
		if open != test.open || got != test.until {
			t.Errorf("%s: at %s open %t until %q, want %t until %q", test.why, test.at, open, got, test.open, test.until)
		}
	}
}

// FuzzHours: until is when it changes, and not before.
func FuzzHours(f *testing.F) {
	f.Add(uint16(510), uint16(210), uint16(60), uint8(62), uint32(0))
	f.Add(uint16(1200), uint16(600), uint16(0), uint8(127), uint32(1000))
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, from, length, gap uint16, days uint8, at uint32) {
		var h Hours
		first := Span{int(from) % dayMinutes, int(from)%dayMinutes + 1 + int(length)%dayMinutes}
		for d := range h.Week {
			if days>>d&1 == 1 {
				h.Week[d] = []Span{first}
				if second := first.To + int(gap); second < dayMinutes {
					h.Week[d] = append(h.Week[d], Span{second, second + 30})
				}
			}
		}
		if err := h.validate(); err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 1, 0, int(at%600_000), 0, 0, loc)
		open, until := h.At(now, loc)
		if until.IsZero() {
			return
		}
		if !until.After(now) {
			t.Fatalf("until %v is not after %v", until, now)
		}
		if after, _ := h.At(until, loc); after == open {
			t.Fatalf("at %v it was to change from %t", until, open)
		}
		if just, _ := h.At(until.Add(-time.Second), loc); just != open {
			t.Fatalf("just before %v it is not %t any more", until, open)
		}
	})
}
