package qa

import (
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
)

func testForm() Form {
	n := Names{"名", "name"}
	return Form{ID: "f", Version: 1, Name: n, Limits: Limits{7, 5, 2}, Sections: []Section{
		{ID: "s1", Name: n, Weight: 30, Items: []Item{
			{ID: "a", Name: n, Kind: Scale, Max: 3, Weight: 2, NA: true},
			{ID: "b", Name: n, Kind: YesNo, Weight: 1, NA: true, Fatal: FatalSection}}},
		{ID: "s2", Name: n, Weight: 70, Items: []Item{
			{ID: "c", Name: n, Kind: Choice, Weight: 5, NA: true, Choices: []Option{{"good", n, 4}, {"fair", n, 3}, {"bad", n, 0}}},
			{ID: "d", Name: n, Kind: Scale, Max: 10, Weight: 5, NA: true, Fatal: FatalItem, FatalAt: 3},
			{ID: "e", Name: n, Kind: YesNo, Fatal: FatalAll}}},
	}}
}

func TestScore(t *testing.T) {
	if err := testForm().Validate(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, a, b, c, d, e string
		want                string
		fatal               string
	}{
		{"all best", "3", "yes", "good", "10", "yes", "100", ""},
		{"all worst but not fatal", "0", "yes", "bad", "4", "yes", "24", ""}, // 30·(1/3) + 70·(2/10)
		{"thirds are exact", "1", "yes", "good", "10", "yes", "260/3", ""},   // 30·(5/9) + 70
		{"N/A in a section", "na", "yes", "good", "5", "yes", "165/2", ""},   // 30 + 70·(3/4)
		{"a section N/A", "na", "na", "fair", "5", "yes", "125/2", ""},       // (3/4+1/2)/2
		{"the other section N/A", "1", "yes", "na", "na", "yes", "500/9", ""},
		{"section fatal", "3", "no", "good", "10", "yes", "70", "b"},
		{"item fatal: 3 of 10 is nothing", "3", "yes", "good", "3", "yes", "65", "d"},
		{"just above the fatal points", "3", "yes", "good", "4", "yes", "79", ""},
		{"all fatal", "3", "yes", "good", "10", "no", "0", "e"},
		{"fatal three times", "3", "no", "good", "0", "no", "0", "b d e"},
	} {
		got, err := Score(testForm(), Answers{"a": Answer(c.a), "b": Answer(c.b), "c": Answer(c.c), "d": Answer(c.d), "e": Answer(c.e)})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want, _ := new(big.Rat).SetString(c.want)
		if got.Total.Cmp(want) != 0 || strings.Join(got.Fatal, " ") != c.fatal {
			t.Errorf("%s: %s, fatal %v; want %s, %s", c.name, got.Total, got.Fatal, c.want, c.fatal)
		}
	}
	if got := Shown(big.NewRat(260, 3)); got != "86.7" {
		t.Errorf("shown as %s", got)
	}
}

func TestScoreRefuses(t *testing.T) {
	good := Answers{"a": "3", "b": "yes", "c": "good", "d": "10", "e": "yes"}
	for name, c := range map[string]struct {
		item, answer, says string
	}{
		"missing":            {"a", "", "not answered"},
		"no number":          {"a", "many", "not a number"},
		"too many points":    {"a", "4", "0 to 3"},
		"below nothing":      {"a", "-1", "0 to 3"},
		"another writing":    {"a", "03", "0 to 3"},
		"neither yes nor no": {"b", "1", "neither"},
		"no such choice":     {"c", "best", "none of its choices"},
		"cannot be left out": {"e", "na", "cannot be left out"},
		"no such item":       {"zz", "yes", "no item"},
	} {
		answers := maps.Clone(good)
		answers[c.item] = Answer(c.answer)
		if c.answer == "" {
			delete(answers, c.item)
		}
		if _, err := Score(testForm(), answers); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, err := Score(testForm(), Answers{"a": "na", "b": "na", "c": "na", "d": "na", "e": "yes"}); !errors.Is(err, ErrNothing) {
		t.Errorf("all N/A: %v", err)
	}
}

func TestFormIsChecked(t *testing.T) {
	for says, change := range map[string]func(*Form){
		"versions begin":        func(f *Form) { f.Version = 0 },
		"both languages":        func(f *Form) { f.Name.EN = "" },
		"small letter":          func(f *Form) { f.Sections[0].ID = "No Good" },
		"there twice":           func(f *Form) { f.Sections[1].Items[0].ID = "a" },
		"no items":              func(f *Form) { f.Sections[0].Items = nil },
		"all its items weigh 0": func(f *Form) { f.Sections[0].Items = f.Sections[1].Items[2:] },
		"all sections weigh 0":  func(f *Form) { f.Sections[0].Weight, f.Sections[1].Weight = 0, 0 },
		"max: 0":                func(f *Form) { f.Sections[0].Items[0].Max = 0 },
		"kind \"stars\"":        func(f *Form) { f.Sections[0].Items[0].Kind = "stars" },
		"fatal \"much\"":        func(f *Form) { f.Sections[0].Items[0].Fatal = "much" },
		"fatal_at 10":           func(f *Form) { f.Sections[1].Items[1].FatalAt = 10 },
		"fatal_at is for":       func(f *Form) { f.Sections[0].Items[0].FatalAt = 1 },
		"mean nothing":          func(f *Form) { f.Sections[0].Items[0].Weight = 0 },
		"2 to 10 choices":       func(f *Form) { f.Sections[1].Items[0].Choices = nil },
		"no choice gives": func(f *Form) {
			for i := range 3 {
				f.Sections[1].Items[0].Choices[i].Points = 0
			}
		},
		"not applicable":   func(f *Form) { f.Sections[1].Items[0].Choices[0].ID = "na" },
		"appeal_days":      func(f *Form) { f.Limits.AppealDays = 0 },
		"is not 0 to 1000": func(f *Form) { f.Sections[0].Weight = -1 },
		"choices are for":  func(f *Form) { f.Sections[0].Items[1].Max = 3 },
	} {
		f := testForm()
		change(&f)
		if err := f.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got %v", says, err)
		}
	}
}

func TestStandardForm(t *testing.T) {
	f := Standard()
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	answers, items := Answers{}, 0
	for _, s := range f.Sections {
		for _, it := range s.Items {
			items++
			if it.Help.ZH == "" || it.Help.EN == "" {
				t.Errorf("%s has no help", it.ID)
			}
			switch it.Kind {
			case YesNo:
				answers[it.ID] = Yes
			case Scale:
				answers[it.ID] = "3"
			default:
				answers[it.ID] = Answer(it.Choices[0].ID)
			}
		}
	}
	if items < 15 || items > 20 {
		t.Errorf("%d items; 15 to 20 can be judged well", items)
	}
	if s, err := Score(f, answers); err != nil || s.Total.Cmp(big.NewRat(100, 1)) != 0 {
		t.Errorf("all best: %v, %v", s.Total, err)
	}
	for _, id := range []string{"forbidden", "respect", "confidential"} { // R2.2, R6.2, R14.1
		bad := maps.Clone(answers)
		bad[id] = No
		if s, err := Score(f, bad); err != nil || s.Total.Sign() != 0 || !slices.Equal(s.Fatal, []string{id}) {
			t.Errorf("%s failed: %v %v %v", id, s.Total, s.Fatal, err)
		}
	}
}
