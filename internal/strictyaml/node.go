package strictyaml

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Node is one value of the file. A nil Node is a value that is not there.
type Node struct {
	r    *reader
	ast  ast.Node
	key  string // the path from the root, with dots
	line int
	at   []string // the same as steps, kept only while somebody listens (asked.go)
}

// Line is where the value's key stands, from 1.
func (n *Node) Line() int {
	if n == nil {
		return 0
	}
	return n.line
}

// Refuse notes that something is wrong with the value.
func (n *Node) Refuse(format string, args ...any) {
	if n != nil {
		n.r.refuse(n.line, n.key, format, args...)
	}
}

func (n *Node) empty() bool {
	if n == nil || n.ast == nil {
		return true
	}
	_, null := n.ast.(*ast.NullNode)
	return null
}

// Fields are the keys of a mapping.
type Fields struct {
	node  *Node
	names []string // in the order of the file
	nodes map[string]*Node
	known []string
}

// Fields returns the keys of a mapping. Keys that come twice are reported. Nil
// if there is nothing; it can be asked all the same.
func (n *Node) Fields() *Fields {
	if n.probed() {
		return &Fields{node: n, names: []string{anyKey}, nodes: map[string]*Node{}}
	}
	if n == nil || n.ast == nil {
		return nil
	}
	m, ok := n.ast.(*ast.MappingNode)
	if !ok {
		n.Refuse("must be a group of keys, not %s", n.what())
		return nil
	}
	f := &Fields{node: n, nodes: map[string]*Node{}}
	for _, v := range m.Values {
		name, line := v.Key.GetToken().Value, lineOf(v.Key)
		key := n.child(name)
		if first, twice := f.nodes[name]; twice {
			n.r.refuse(line, key, "is given twice; the first is in line %d", first.line)
			continue
		}
		f.names = append(f.names, name)
		f.nodes[name] = &Node{r: n.r, ast: v.Value, key: key, line: line, at: n.step(name)}
	}
	return f
}

// Names are the keys in the order of the file.
func (f *Fields) Names() []string {
	if f == nil {
		return nil
	}
	return f.names
}

// Has reports whether a key is there.
func (f *Fields) Has(name string) bool { return f != nil && f.nodes[name] != nil }

// Get returns the value of a key, or nil, and makes the key a known one.
func (f *Fields) Get(name string) *Node {
	if f == nil {
		return nil
	}
	f.known = append(f.known, name)
	return f.node.heard(name, f.nodes[name])
}

// Need is Get, and reports a key that is not there, with what to do.
func (f *Fields) Need(name, todo string) *Node {
	n := f.Get(name)
	if n == nil && f != nil {
		f.node.r.refuse(f.node.line, f.node.child(name), "is missing: %s", todo)
	}
	return n
}

// Close reports the keys that nobody asked for.
func (f *Fields) Close() {
	if f == nil {
		return
	}
	for _, name := range f.names {
		if slices.Contains(f.known, name) {
			continue
		}
		if near := Nearest(name, f.known); near != "" {
			f.nodes[name].Refuse("unknown key; did you mean %s?", near)
		} else {
			f.nodes[name].Refuse("unknown key; known are %s", strings.Join(f.known, ", "))
		}
	}
}

// Items are the values of a list.
func (n *Node) Items() []*Node {
	if n.probed() {
		return []*Node{{r: n.r, key: n.key + "[0]", at: n.step(Item)}}
	}
	if n == nil || n.ast == nil {
		return nil
	}
	s, ok := n.ast.(*ast.SequenceNode)
	if !ok {
		n.Refuse("must be a list such as [a, b], not %s", n.what())
		return nil
	}
	items := make([]*Node, 0, len(s.Values))
	for i, v := range s.Values {
		line := lineOf(v)
		if line == 0 {
			line = n.line
		}
		items = append(items, &Node{r: n.r, ast: v, key: fmt.Sprintf("%s[%d]", n.key, i), line: line, at: n.step(Item)})
	}
	return items
}

// IsList reports whether the value is a list.
func (n *Node) IsList() bool {
	if n == nil {
		return false
	}
	_, ok := n.ast.(*ast.SequenceNode)
	return ok
}

// IsGroup reports whether the value is a mapping.
func (n *Node) IsGroup() bool {
	if n == nil {
		return false
	}
	_, ok := n.ast.(*ast.MappingNode)
	return ok
}

// IsEmpty reports whether the value is a list or a mapping without anything in it.
func (n *Node) IsEmpty() bool {
	if n == nil {
		return false
	}
	switch v := n.ast.(type) {
	case *ast.MappingNode:
		return len(v.Values) == 0
	case *ast.SequenceNode:
		return len(v.Values) == 0
	}
	return false
}

// Called returns the same value under another name, for messages: an item of a
// list is better known by its id than by its place.
func (n *Node) Called(key string) *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.key = key
	return &c
}

var plainKey = regexp.MustCompile(`^[\pL\pN_+*-]{1,64}$`)

func (n *Node) child(name string) string {
	if !plainKey.MatchString(name) {
		name = quoted(name)
	}
	if n.key == "" {
		return name
	}
	return n.key + "." + name
}

// quoted shows a value of the file: on one line, and not at full length.
func quoted(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	return strconv.Quote(s)
}

func (n *Node) what() string {
	if n.ast == nil {
		return "nothing"
	}
	switch v := n.ast.(type) {
	case *ast.MappingNode:
		return "a group of keys"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.StringNode:
		return quoted(v.Value)
	case *ast.LiteralNode:
		return "a block of text"
	}
	return n.ast.GetToken().Value
}

// Nearest is the known name that a misspelt one probably means, or none.
func Nearest(name string, known []string) string {
	best, bestDistance := "", 3
	for _, k := range known {
		if d := distance(name, k); d < bestDistance && d < len(k) {
			best, bestDistance = k, d
		}
	}
	return best
}

// distance counts the letters to insert, remove or change (Levenshtein).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// Peek reads a text key of a mapping without a word about what is wrong: for
// naming an item before it is read.
func (n *Node) Peek(name string) string {
	if n == nil {
		return ""
	}
	m, ok := n.ast.(*ast.MappingNode)
	if !ok {
		return ""
	}
	for _, v := range m.Values {
		if v.Key.GetToken().Value == name {
			text, _ := (&Node{ast: v.Value}).scalar()
			return text
		}
	}
	return ""
}
