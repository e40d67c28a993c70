package prompts

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

func TestSound(t *testing.T) {
	name := regexp.MustCompile(`^threerings/say/(zh|en)-[0-9a-f]{16}$`)
	seen := map[string]Line{}
	all := standards()
	for _, lang := range []string{Chinese, English} {
		all = append(append(all, Positions(lang)...), Waits(lang)...)
	}
	for _, l := range all {
		sound := l.Sound()
		if !name.MatchString(sound) || l.Check() != nil {
			t.Errorf("%+v is %s, %v", l, sound, l.Check())
		}
		if other, ok := seen[sound]; ok {
			t.Errorf("%+v and %+v are one sound", l, other)
		}
		if seen[sound] = l; strings.ContainsAny(l.Text, "0123456789{}") {
			t.Errorf("%q has digits or a place to fill", l.Text)
		}
	}
	if want := 2 * (10 + 21 + 31); len(seen) != want {
		t.Errorf("%d sounds, want %d", len(seen), want)
	}
	if a, b := (Line{Chinese, "OK"}).Sound(), (Line{English, "OK"}).Sound(); a[len(a)-16:] == b[len(b)-16:] {
		t.Error("the language is not in the name")
	}
}

func TestCountedWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Position(Chinese, 0).Text, "您是下一位。"},
		{Position(Chinese, 1).Text, "您是下一位。"},
		{Position(Chinese, 2).Text, "您前面还有一位客户在等待。"},
		{Position(Chinese, 3).Text, "您前面还有两位客户在等待。"},
		{Position(Chinese, 20).Text, "您前面还有十九位客户在等待。"},
		{Position(Chinese, 21).Text, "您前面还有二十位以上的客户在等待。"},
		{Position(Chinese, 900).Text, "您前面还有二十位以上的客户在等待。"},
		{Position(English, 1).Text, "You are next in line."},
		{Position(English, 2).Text, "There is one caller before you."},
		{Position(English, 4).Text, "There are three callers before you."},
		{Position(English, 21).Text, "There are twenty or more callers before you."},
		{Wait(Chinese, 0).Text, "预计等待约一分钟。"},
		{Wait(Chinese, 2).Text, "预计等待约两分钟。"},
		{Wait(Chinese, 22).Text, "预计等待约二十二分钟。"},
		{Wait(Chinese, 30).Text, "预计等待约三十分钟。"},
		{Wait(Chinese, 31).Text, "预计等待超过三十分钟。"},
		{Wait(English, 1).Text, "The estimated wait is about one minute."},
		{Wait(English, 23).Text, "The estimated wait is about twenty-three minutes."},
		{Wait(English, 99).Text, "The estimated wait is more than thirty minutes."},
		{Line{Chinese, "请按1，或拨12345转20、05。"}.spoken(), "请按一，或拨一二三四五转二十、零五。"},
		{Line{English, "Press 1."}.spoken(), "Press 1."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestFill(t *testing.T) {
	full := Maker{Company: "东方", CompanyEnglish: "Orient"}
	for _, c := range []struct{ got, want string }{
		{full.Fill(Chinese, "{company}欢迎您"), "东方欢迎您"},
		{full.Fill(English, "Welcome to {company}."), "Welcome to Orient."},
		{Maker{}.Fill(Chinese, "{company}欢迎您"), "示例欢迎您"},
		{Maker{}.Fill(English, "Welcome to {company}. {company} is closed."), "Welcome. our company is closed."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// The voice finds nothing foreign in the Chinese lines.
func TestLinesAreMandarin(t *testing.T) {
	var text strings.Builder
	for _, l := range append(append(standards(), Positions(Chinese)...), Waits(Chinese)...) {
		if l.Lang == Chinese {
			text.WriteString(l.spoken() + "\n")
		}
	}
	for _, voice := range mandarin {
		cmd := exec.CommandContext(t.Context(), "espeak-ng", "-v", voice, "-q", "-x", "--stdin")
		cmd.Stdin = strings.NewReader(text.String())
		phonemes, err := cmd.Output()
		if err != nil {
			continue // as speak does
		}
		if strings.Contains(string(phonemes), "(en)") || strings.TrimSpace(string(phonemes)) == "" {
			t.Errorf("the voice %s says %s", voice, phonemes)
		}
		return
	}
	t.Error("no Mandarin voice")
}
