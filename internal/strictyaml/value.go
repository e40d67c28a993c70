package strictyaml

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"
)

// scalar is the text of a simple value as it stands in the file: numbers keep
// their zeros, so that 0755 can be a telephone number.
func (n *Node) scalar() (text string, ok bool) {
	switch v := n.ast.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return v.GetToken().Value, true
	}
	return "", false
}

func (n *Node) number() (text string, ok bool) {
	switch v := n.ast.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return v.GetToken().Value, true
	case *ast.StringNode:
		return v.Value, true
	}
	return "", false
}

// Text is a line of text, without control characters. Numbers count as text.
func (n *Node) Text(missing string) string {
	if n == nil {
		return missing
	}
	text, ok := n.scalar()
	switch {
	case n.empty():
		n.Refuse("has no value: give one, or leave the key out")
		return missing
	case !ok:
		n.Refuse("must be text, not %s; put it in quotes", n.what())
		return missing
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }):
		n.Refuse("must be one line of text without control characters")
		return missing
	}
	return text
}

// Secret is a text that is never shown in a message.
func (n *Node) Secret(missing string) string {
	if n == nil {
		return missing
	}
	if _, ok := n.scalar(); !ok {
		n.Refuse("must be text; put it in quotes")
		return missing
	}
	return n.Text(missing)
}

// Word is a text that matches a pattern; rule says what is allowed.
func (n *Node) Word(missing string, pattern *regexp.Regexp, rule string) string {
	text := n.Text(missing)
	if n != nil && text != missing && !pattern.MatchString(text) {
		n.Refuse("must be %s, not %s", rule, quoted(text))
		return missing
	}
	return text
}

// OneOf is one of a few words.
func (n *Node) OneOf(missing string, words ...string) string {
	text := n.Text(missing)
	if n != nil && text != missing && !slices.Contains(words, text) {
		n.Refuse("must be %s, not %s", list(words), quoted(text))
		return missing
	}
	return text
}

func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// Int is a whole number between least and most.
func (n *Node) Int(missing, least, most int) int {
	if n == nil {
		return missing
	}
	i, ok := n.ast.(*ast.IntegerNode)
	if ok {
		if v, err := strconv.Atoi(i.GetToken().Value); err == nil && v >= least && v <= most {
			return v
		}
	}
	if most == math.MaxInt {
		n.Refuse("must be a whole number from %d, not %s", least, n.what())
	} else {
		n.Refuse("must be %d to %d, not %s", least, most, n.what())
	}
	return missing
}

// Bool is true or false.
func (n *Node) Bool(missing bool) bool {
	if n == nil {
		return missing
	}
	b, ok := n.ast.(*ast.BoolNode)
	if !ok {
		n.Refuse("must be true or false, not %s", n.what())
		return missing
	}
	return b.Value
}

const longest = 24 * time.Hour

// Duration is a length of time such as 15s or 2m, up to a day, and at least
// least. Zero needs no unit.
func (n *Node) Duration(missing, least time.Duration) time.Duration {
	if n == nil {
		return missing
	}
	text, ok := n.number()
	d, err := time.ParseDuration(text)
	switch {
	case !ok || err != nil:
		n.Refuse("must be a time such as 15s or 2m, not %s", n.what())
	case d < least && least <= time.Millisecond:
		n.Refuse("must be %s, not %s", map[bool]string{true: "more than 0", false: "0 or more"}[least > 0], text)
	case d < least || d > longest:
		n.Refuse("must be between %s and 24h, not %s", least, text)
	case d%time.Millisecond != 0:
		n.Refuse("must be whole milliseconds, not %s", text)
	default:
		return d
	}
	return missing
}

var yuan = regexp.MustCompile(`^([0-9]{1,7})(?:\.([0-9]{1,2}))?$`)

// Money is an amount in yuan, returned in fen (1/100).
func (n *Node) Money(missing int64) int64 {
	if n == nil {
		return missing
	}
	text, ok := n.number()
	m := yuan.FindStringSubmatch(text)
	if !ok || m == nil {
		n.Refuse("must be an amount in yuan such as 15 or 15.50, not %s", n.what())
		return missing
	}
	fen, err := strconv.ParseInt(m[1]+(m[2] + "00")[:2], 10, 64)
	if err != nil {
		n.Refuse("must be an amount in yuan: %v", err)
		return missing
	}
	return fen
}

var decimal = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,6})?$`)

// Share is a part of a whole, written 0.95 or 95%.
func (n *Node) Share(missing float64) float64 {
	if n == nil {
		return missing
	}
	text, ok := n.number()
	digits, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	digits = strings.TrimSpace(digits)
	v, err := strconv.ParseFloat(digits, 64)
	if percent {
		v /= 100
	}
	if !ok || err != nil || !decimal.MatchString(digits) || v < 0 || v > 1 {
		n.Refuse("must be a share such as 0.95 or 95%%, not %s", n.what())
		return missing
	}
	return v
}
