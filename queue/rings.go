package queue

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Cadence is one cycle of the ringing tone that a caller hears: its sounding
// part (for double rings, to the end of the second burst) and the whole, on
// and off (R1.3). The values are the `ring` lines of Asterisk's indications.
type Cadence struct {
	On    time.Duration
	Cycle time.Duration
}

func cadence(onMS, cycleMS int) Cadence {
	return Cadence{On: time.Duration(onMS) * time.Millisecond, Cycle: time.Duration(cycleMS) * time.Millisecond}
}

// CadenceOf returns the national cadence for an ISO 3166 country code in lower
// case; false if the table has none (R1.3).
func CadenceOf(country string) (Cadence, bool) {
	switch country {
	case "cn", "de", "it", "br", "nl", "ru", "ph":
		return cadence(1000, 5000), true
	case "us", "ca":
		return cadence(2000, 6000), true
	case "uk", "gb", "au", "in", "sg", "nz", "za", "my":
		return cadence(1000, 3000), true // 0.4 on, 0.2 off, 0.4 on, 2 off
	case "jp", "tw":
		return cadence(1000, 3000), true
	case "fr":
		return cadence(1500, 5000), true
	case "es":
		return cadence(1500, 4500), true
	case "th":
		return cadence(1000, 6000), true
	}
	return Cadence{}, false
}

// Countries lists the known cadences, for messages.
func Countries() string {
	return "au br ca cn de es fr gb in it jp my nl nz ph ru sg th tw uk us za"
}

// Audible is how long a tone must sound to count as a ring heard: a ringing
// that is stopped at its limit, a few milliseconds into the next cycle because
// messages take time, has not let that ring be heard.
const Audible = 100 * time.Millisecond

// Heard is the number of rings heard in a ringing of length d: ring n starts
// n-1 cycles after the phone began to ring, so any ringing is at least one
// ring. A negative length (never rang) is none (R1.3).
func (c Cadence) Heard(d time.Duration) int {
	switch {
	case d < 0:
		return 0
	case d < c.Cycle:
		return 1
	}
	return int((d-Audible)/c.Cycle) + 1
}

// Limit is the moment, from the start of the ringing, at which ring n+1 would
// start: the end of "answered within n rings" in the default reading.
func (c Cadence) Limit(n int) time.Duration { return time.Duration(n) * c.Cycle }

// Within reports whether ringing of length d stayed within n rings: answered
// before ring n+1 would start (R1.3, default reading).
func (c Cadence) Within(d time.Duration, n int) bool { return d < c.Limit(n) }

// WithinStrict is the strict reading: answered by the end of ring n's sounding
// part (R1.3).
func (c Cadence) WithinStrict(d time.Duration, n int) bool {
	return d <= time.Duration(n-1)*c.Cycle+c.On
}

// Rings is a ringing as it is stored: how long, how many rings, and both
// readings of "within".
type Rings struct {
	For    time.Duration `json:"for"`
	Heard  int           `json:"heard"`
	Within bool          `json:"within"`
	Strict bool          `json:"strict"`
}

// Measure counts a ringing of length d against a limit of n rings.
func (c Cadence) Measure(d time.Duration, n int) Rings {
	return Rings{For: d, Heard: c.Heard(d), Within: c.Within(d, n), Strict: c.WithinStrict(d, n)}
}

// cadence of a queue: its own country's, or the house's.
func (c *Config) cadence(q *QueueConfig) Cadence {
	country := q.Country
	if country == "" {
		country = c.Country
	}
	if cad, ok := CadenceOf(strings.ToLower(country)); ok {
		return cad
	}
	cad, _ := CadenceOf(DefaultCountry)
	return cad
}

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
