package centre

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/threerings/threerings/internal/strictyaml"
)

const item = strictyaml.Item

var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := Schema()
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaID, doc); err != nil {
		return nil, err
	}
	return c.Compile(SchemaID)
})

// judge is what an editor makes of a file.
func judge(t *testing.T, text string) error {
	t.Helper()
	s, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// marked checks that an editor marks a file in which a single value is wrong.
// What must fit together it cannot see, nor what lies in text that the schema
// leaves open.
func marked(t *testing.T, text, problem string) {
	t.Helper()
	wrong := []string{"unknown key", "is missing", "must be", "names no queue", "needs the key", "needs password", "not both", "is too short"}
	unseen := []string{"another queue than", "must be times that go up"}
	has := func(s string) bool { return strings.Contains(problem, s) }
	if slices.ContainsFunc(wrong, has) && !slices.ContainsFunc(unseen, has) && judge(t, text) == nil {
		t.Errorf("the schema does not see that %s\nin %s", problem, text)
	}
}

// The schema has every key that the parser asks for, and no other. Groups that
// no file shows are found by a probe; what depends on the form of a value
// (phone: "sip:…" or {account: …}) the files here must show.
func TestSchemaHasEveryKey(t *testing.T) {
	s := file()
	asked := map[*shape]bool{}
	missing := map[string]bool{}
	listen := func(path []string) {
		if at := s.find(path); at != nil {
			asked[at] = true
		} else if s.find(path[:len(path)-1]) != nil { // below an unknown key all is
			missing[strings.Join(path, ".")] = true
		}
	}
	_, _ = read(strictyaml.Probe(listen), "probe", nil)
	for name, text := range map[string]string{"examples/centre.yaml": example(t), "lists": "hours: [{id: h, week: {mon: closed}}]\nqueues: [{id: a}]\nmenus: [{id: m, prompt: hello, keys: {\"1\": a}}]\nagents: [{id: 1, phone: sip:h}]\nemergency: [{id: f, level: 1}]\nteams: [{id: t}]\n"} {
		root := strictyaml.Read(name, []byte(text))
		root.OnAsk(listen)
		if _, err := read(root, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for path := range missing {
		t.Errorf("%s: the parser knows this key, the schema does not: add it to schema.go", path)
	}
	known := map[string]bool{}
	s.each("", func(path string, is *shape) {
		if !asked[is] && !known[path] {
			t.Errorf("%s: the schema knows this key, the parser does not ask for it: remove it from schema.go, or show it in examples/centre.yaml", path[1:])
		}
		known[path] = true
	})
	if len(known) < 60 {
		t.Errorf("only %d keys compared: the test does not see them all", len(known))
	}
}

func example(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "centre.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSchemaOfExample(t *testing.T) {
	text := example(t)
	if err := judge(t, text); err != nil {
		t.Errorf("the schema refuses examples/centre.yaml: %v", err)
	}
	first, _, _ := strings.Cut(text, "\n")
	path, found := strings.CutPrefix(first, "# yaml-language-server: $schema=")
	if !found {
		t.Fatalf("examples/centre.yaml does not name its schema: it begins with %q", first)
	}
	if _, err := os.Stat(filepath.Join("..", "..", "examples", path)); err != nil {
		t.Errorf("examples/centre.yaml names a schema that is not there: %v", err)
	}
}

func TestPublishedSchema(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "docs", "centre.schema.json"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/centre.schema.json is not the schema of this version (%v): renew it with\n\tgo run ./cmd/threerings schema > docs/centre.schema.json", err)
	}
}

// find is the shape at the end of a path, as strictyaml tells them; nil if there
// is none.
func (s *shape) find(path []string) *shape {
	if len(path) == 0 {
		return s
	}
	for _, f := range s.forms {
		if found := f.find(path); found != nil {
			return found
		}
	}
	if path[0] == item {
		if s.items == nil {
			return nil
		}
		return s.items.find(path[1:])
	}
	if i := slices.IndexFunc(s.keys, func(k key) bool { return k.name == path[0] }); i >= 0 {
		return s.keys[i].is.find(path[1:])
	}
	if s.free != nil {
		return s.free.find(path[1:])
	}
	return nil
}

// each calls f with every key that has a fixed name.
func (s *shape) each(path string, f func(path string, is *shape)) {
	for _, form := range s.forms {
		form.each(path, f)
	}
	for _, k := range s.keys {
		f(path+"."+k.name, k.is)
		k.is.each(path+"."+k.name, f)
	}
	if s.free != nil {
		s.free.each(path+".*", f)
	}
	if s.items != nil {
		s.items.each(path+"."+item, f)
	}
}
