package prompts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Languages of a Line.
const (
	Chinese = "zh"
	English = "en"
)

const (
	sayDir = folder + "/say"
	ownDir = folder + "/own"
)

// Line is a text that the switch can play once [Maker.Say] has made it. It is
// said as it stands: {company} was replaced before ([Maker.Fill]).
type Line struct {
	Lang string // Chinese or English
	Text string
}

// Sound is the name that the switch plays. It follows from the line alone, so
// every node that knows the configuration knows it without asking.
func (l Line) Sound() string {
	sum := sha256.Sum256([]byte(version + "|" + l.Lang + "|" + l.Text))
	return sayDir + "/" + l.Lang + "-" + hex.EncodeToString(sum[:8])
}

// Check tells what is wrong with a line.
func (l Line) Check() error {
	switch {
	case l.Lang != Chinese && l.Lang != English:
		return fmt.Errorf("there is no voice for the language %q: give zh or en", l.Lang)
	case strings.TrimSpace(l.Text) == "":
		return errors.New("there is no text to say")
	}
	return nil
}

// Fill puts the house's name in the place of {company}. A house without an
// English name is left out of English sentences, or is "our company".
func (m Maker) Fill(lang, text string) string {
	name := m.Company
	switch {
	case lang == English && m.CompanyEnglish == "":
		text, name = strings.ReplaceAll(text, " to {company}", ""), "our company"
	case lang == English:
		name = m.CompanyEnglish
	case name == "":
		name = "示例"
	}
	return strings.ReplaceAll(text, "{company}", name)
}

// voices of the line's language.
func (l Line) voices() []string {
	if l.Lang == Chinese {
		return mandarin
	}
	return english
}

// spoken is the text as the voice is to read it: digits that a person wrote in
// Chinese are spelled out (see text.go), one or two as a number, more one by
// one, as a telephone number is read.
func (l Line) spoken() string {
	if l.Lang != Chinese {
		return l.Text
	}
	var out strings.Builder
	for rest := l.Text; rest != ""; {
		n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		switch run := rest[:n]; {
		case n == 0:
			n = strings.IndexAny(rest, "0123456789")
			if n < 0 {
				n = len(rest)
			}
			out.WriteString(rest[:n])
		case n == 2 && run[0] != '0':
			out.WriteString(chineseNumber(10*int(run[0]-'0') + int(run[1]-'0')))
		default:
			for _, digit := range run {
				out.WriteString(chineseDigits[digit-'0'])
			}
		}
		rest = rest[n:]
	}
	return out.String()
}
