package qa

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
)

// Answer is what a scorer says to an item: "0" to "max" of a scale, "yes" or
// "no", the id of a choice, or "na".
type Answer string

// Answers that are the same for all forms.
const (
	NotApplicable Answer = "na"
	Yes           Answer = "yes"
	No            Answer = "no"
)

// Answers are by item id. An item that is missing was not answered yet.
type Answers map[string]Answer

// ErrNothing: every item that counts is not applicable.
var ErrNothing = errors.New("nothing is left to score: every item that counts is not applicable")

// Scored is what answers are worth, in exact fractions of 100.
type Scored struct {
	Total    *big.Rat            `json:"total"`    // 0 to 100
	Sections map[string]*big.Rat `json:"sections"` // 0 to 100; missing: not applicable
	Items    map[string]*big.Rat `json:"items"`    // 0 to 100; missing: not applicable
	Fatal    []string            `json:"fatal"`    // items that failed and were fatal, in the form's order
}

// Points reads one answer: how many of the item's best points it gives; false
// when it is not applicable.
func (it Item) Points(a Answer) (points int, counts bool, err error) {
	if a == NotApplicable {
		if !it.NA {
			return 0, false, fmt.Errorf("item %s must be answered: it cannot be left out", it.ID)
		}
		return 0, false, nil
	}
	switch it.Kind {
	case YesNo:
		switch a {
		case Yes:
			return 1, true, nil
		case No:
			return 0, true, nil
		}
		return 0, false, fmt.Errorf("item %s: the answer %q is neither yes nor no", it.ID, a)
	case Scale:
		n, err := strconv.Atoi(string(a))
		if err != nil || n < 0 || n > it.Max || strconv.Itoa(n) != string(a) {
			return 0, false, fmt.Errorf("item %s: the answer %q is not a number from 0 to %d", it.ID, a, it.Max)
		}
		return n, true, nil
	}
	for _, o := range it.Choices {
		if o.ID == string(a) {
			return o.Points, true, nil
		}
	}
	return 0, false, fmt.Errorf("item %s: %q is none of its choices", it.ID, a)
}

// Check says what of some answers does not fit the form; missing ones are fine
// while a draft is made.
func (f Form) Check(answers Answers) error {
	var all []error
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		it, ok := f.Item(id)
		if !ok {
			all = append(all, fmt.Errorf("the form %s, version %d, has no item %q", f.ID, f.Version, id))
			continue
		}
		if _, _, err := it.Points(answers[id]); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// Score computes what answers are worth. Every item must be answered. What is
// not applicable gives its weight to the other items of its section, and a
// section without any applicable item gives its own to the other sections.
func Score(f Form, answers Answers) (Scored, error) {
	if err := f.Check(answers); err != nil {
		return Scored{}, err
	}
	out := Scored{Total: new(big.Rat), Sections: map[string]*big.Rat{}, Items: map[string]*big.Rat{}}
	var missing []error
	weights, failed := int64(0), false
	for _, s := range f.Sections {
		sum, weight, lost := new(big.Rat), int64(0), false
		for _, it := range s.Items {
			a, ok := answers[it.ID]
			if !ok {
				missing = append(missing, fmt.Errorf("item %s is not answered", it.ID))
				continue
			}
			points, counts, err := it.Points(a)
			if err != nil {
				return Scored{}, err
			}
			if !counts {
				continue
			}
			if it.Fatal != FatalNone && points <= it.FatalAt {
				out.Fatal = append(out.Fatal, it.ID)
				points = 0
				lost = lost || it.Fatal == FatalSection
				failed = failed || it.Fatal == FatalAll
			}
			worth := big.NewRat(100*int64(points), int64(it.Best()))
			out.Items[it.ID] = worth
			sum.Add(sum, new(big.Rat).Mul(worth, big.NewRat(int64(it.Weight), 1)))
			weight += int64(it.Weight)
		}
		if weight == 0 {
			continue
		}
		mean := sum.Mul(sum, big.NewRat(1, weight))
		if lost {
			mean = new(big.Rat)
		}
		out.Sections[s.ID] = mean
		out.Total.Add(out.Total, new(big.Rat).Mul(mean, big.NewRat(int64(s.Weight), 1)))
		weights += int64(s.Weight)
	}
	switch {
	case len(missing) > 0:
		return Scored{}, errors.Join(missing...)
	case failed:
		out.Total = new(big.Rat)
	case weights == 0:
		return Scored{}, ErrNothing
	default:
		out.Total.Mul(out.Total, big.NewRat(1, weights))
	}
	return out, nil
}

// Shown is a score as people read it: one decimal, halves rounded up.
func Shown(score *big.Rat) string { return score.FloatString(1) }

// Float is a score for statistics and pictures.
func Float(score *big.Rat) float64 {
	v, _ := score.Float64()
	return v
}
