package strictyaml

import "slices"

// A reader knows its keys by asking for them, and nothing else lists them. What
// describes the same file elsewhere (a schema for editors) is compared with what
// was asked for.

const (
	// Item is the step of a path into a list.
	Item = "[]"
	// anyKey is the one name in a group that Probe makes up.
	anyKey = "any"
	// deepest is where Probe ends, should a reader follow groups without end.
	deepest = 16
)

// OnAsk calls f with the path of every key that is asked for from now on,
// whether it is there or not. Steps are keys, and Item for the items of a list.
func (n *Node) OnAsk(f func(path []string)) { n.r.asked = f }

// Probe returns a document that has every key asked of it, with nothing as its
// value: a list has one item, a group of names one name. Reading it tells f each
// key that a reader knows, save those behind a choice by the kind of a value
// (IsGroup, IsList). What the reader finds wrong with it means nothing.
func Probe(f func(path []string)) *Node {
	return &Node{r: &reader{file: "probe", asked: f, probe: true}}
}

func (n *Node) probed() bool { return n != nil && n.r != nil && n.r.probe }

// step is the path one step further.
func (n *Node) step(name string) []string {
	if n.r == nil || n.r.asked == nil {
		return nil
	}
	return append(slices.Clip(n.at), name)
}

// heard tells who listens that a key was asked for, and makes up its value when
// probing.
func (n *Node) heard(name string, found *Node) *Node {
	if n.r.asked == nil {
		return found
	}
	path := n.step(name)
	n.r.asked(path)
	if n.r.probe && len(path) < deepest {
		return &Node{r: n.r, key: n.child(name), at: path}
	}
	return found
}
