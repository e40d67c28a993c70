package strictyaml

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A probe hears every key, also those in groups and lists that no file shows;
// a file tells those of the groups that it has.
func TestAsked(t *testing.T) {
	all := []string{"bool", "group", "group.must", "int", "list", "money", "secret", "share", "text", "time", "word"}
	var heard []string
	listen := func(path []string) { heard = append(heard, strings.Join(path, ".")) }
	fields(Probe(listen))
	slices.Sort(heard)
	if diff := cmp.Diff(all, heard); diff != "" {
		t.Error(diff)
	}
	heard = nil
	root := Read("f.yaml", []byte("list:\n  - {a: {b: 1}}\nmore: {x: {c: 2}}\n"))
	root.OnAsk(listen)
	f := root.Fields()
	for _, item := range f.Get("list").Items() {
		item.Called("list.first").Fields().Get("a").Fields().Get("b").Int(0, 0, 9)
	}
	more := f.Get("more").Fields()
	for _, name := range more.Names() {
		more.Get(name).Fields().Get("absent")
	}
	f.Get("none").Fields().Get("below")
	if diff := cmp.Diff([]string{"list", "list.[].a", "list.[].a.b", "more", "more.x", "more.x.absent", "none"}, heard); diff != "" {
		t.Error(diff)
	}
}
