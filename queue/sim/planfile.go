package sim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// DayPlan is what a plan file says of a day: callers an hour by slot and, if
// it says so, agents.
type DayPlan struct {
	Rates  []float64
	Agents []int // nil: not said
}

// fields cuts a line at blanks, tabs and commas, and tells the column (from 1,
// in characters) that each begins at. What follows # is a remark.
func fields(line string) (words []string, columns []int) {
	line, _, _ = strings.Cut(line, "#")
	runes := []rune(strings.TrimPrefix(line, "\ufeff"))
	for i := 0; i < len(runes); {
		if strings.ContainsRune(" \t,;\r", runes[i]) {
			i++
			continue
		}
		from := i
		for i < len(runes) && !strings.ContainsRune(" \t,;\r", runes[i]) {
			i++
		}
		words, columns = append(words, string(runes[from:i])), append(columns, from+1)
	}
	return words, columns
}

// ParseClock reads a time of the day, 00:00 to 24:00.
func ParseClock(text string) (time.Duration, error) {
	h, m, ok := strings.Cut(text, ":")
	hours, err1 := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	at := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if !ok || err1 != nil || err2 != nil || hours < 0 || minutes < 0 || minutes > 59 || at > Day {
		return 0, fmt.Errorf("%q is not a time of the day such as 08:15", text)
	}
	return at, nil
}

// ReadPlan reads a day's rates, a line for each time they change: the time,
// callers an hour, and if wanted agents on duty. Each holds until the next
// line's time, the last one to midnight.
func ReadPlan(in io.Reader, slot time.Duration) (DayPlan, error) {
	p := DayPlan{Rates: make([]float64, Day/slot)}
	agents := make([]int, Day/slot)
	last, width := time.Duration(-1), 0
	err := eachLine(in, func(words []string, bad func(word int, format string, args ...any)) {
		if len(words) != 2 && len(words) != 3 || (width > 0 && len(words) != width) {
			bad(len(words)-1, "the line has %d columns: give time, callers an hour and, on all lines or none, agents", len(words))
			return
		}
		at, err := ParseClock(words[0])
		switch {
		case err != nil:
			bad(0, "%v", err)
		case at%slot != 0:
			bad(0, "%s does not begin an interval of %s", words[0], slot)
		case at <= last:
			bad(0, "%s is not after the line before", words[0])
		}
		rate, err := strconv.ParseFloat(words[1], 64)
		if err != nil || !(rate >= 0) || math.IsInf(rate, 0) {
			bad(1, "%q is not a number of callers an hour", words[1])
		}
		n := 0
		if len(words) == 3 {
			if n, err = strconv.Atoi(words[2]); err != nil || n < 0 || n > 10_000 {
				bad(2, "%q is not a number of agents", words[2])
			}
		}
		width, last = len(words), at
		for i := max(at/slot, 0); i < Day/slot; i++ {
			p.Rates[i], agents[i] = rate, n
		}
	})
	if width == 3 {
		p.Agents = agents
	}
	if err == nil && width == 0 {
		err = errors.New("line 1, column 1: the file says nothing")
	}
	return p, err
}

// eachLine gives the words of each line that has any, and puts line and column
// before what is said to be wrong.
func eachLine(in io.Reader, do func(words []string, bad func(word int, format string, args ...any))) error {
	var wrong []error
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan() && len(wrong) < problemsShown; n++ {
		words, columns := fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		do(words, func(word int, format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("line %d, column %d: %s", n, columns[word], fmt.Sprintf(format, args...)))
		})
	}
	if err := lines.Err(); err != nil {
		wrong = append(wrong, fmt.Errorf("read: %w", err))
	}
	return errors.Join(wrong...)
}
