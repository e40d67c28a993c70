package dashboard

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// document is the part of OpenAPI that the tests read.
type document struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
	raw   map[string]any
}

func readDocument(t testing.TB) document {
	t.Helper()
	data, err := openAPIDocument()
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &d.raw); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOpenAPIHasEveryRoute(t *testing.T) {
	d := readDocument(t)
	described := map[string]bool{}
	for path, item := range d.Paths {
		for method := range item {
			if method != "parameters" {
				described[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	for _, rt := range routes() {
		if !described[rt.pattern] {
			t.Errorf("%s is not in openapi.yaml", rt.pattern)
		}
		delete(described, rt.pattern)
	}
	for _, extra := range slices.Sorted(maps.Keys(described)) {
		t.Errorf("openapi.yaml describes %s, which does not exist", extra)
	}
}

func TestOpenAPIReferences(t *testing.T) {
	d := readDocument(t)
	used := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if d.resolve(ref) == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(d.raw)
	for name := range d.raw["components"].(map[string]any)["schemas"].(map[string]any) {
		if !used["#/components/schemas/"+name] {
			t.Errorf("schema %s is used by nothing", name)
		}
	}
}

func (d document) resolve(ref string) map[string]any {
	at := any(d.raw)
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		m, _ := at.(map[string]any)
		at = m[name]
	}
	m, _ := at.(map[string]any)
	return m
}

// check reports where an answer differs from its schema. It knows what the
// document uses, and refuses what it does not know.
func (d document) check(schema map[string]any, v any, at string) error {
	if ref, ok := schema["$ref"].(string); ok {
		return d.check(d.resolve(ref), v, at)
	}
	if options, ok := schema["anyOf"].([]any); ok {
		var err error
		for _, s := range options {
			if err = d.check(s.(map[string]any), v, at); err == nil {
				return nil
			}
		}
		return err
	}
	if c, ok := schema["const"]; ok && c != v {
		return fmt.Errorf("%s is %v, not %v", at, v, c)
	}
	if e, ok := schema["enum"].([]any); ok {
		if !slices.Contains(e, v) {
			return fmt.Errorf("%s is %v, not one of %v", at, v, e)
		}
		return nil
	}
	if kind, ok := schema["type"]; ok && !typed(kind, v) {
		return fmt.Errorf("%s is %T, not %v", at, v, kind)
	}
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			if err := d.check(schema["items"].(map[string]any), x, at+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
	case map[string]any:
		return d.checkObject(schema, v, at)
	}
	return nil
}

func (d document) checkObject(schema, v map[string]any, at string) error {
	props, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			return fmt.Errorf("%s.%s is missing", at, name)
		}
	}
	for name, x := range v {
		s, ok := props[name].(map[string]any)
		if !ok {
			if s, ok = schema["additionalProperties"].(map[string]any); !ok {
				if schema["additionalProperties"] == false {
					return fmt.Errorf("%s.%s is not documented", at, name)
				}
				continue
			}
		}
		if err := d.check(s, x, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func typed(kind, v any) bool {
	if list, ok := kind.([]any); ok {
		return slices.ContainsFunc(list, func(k any) bool { return typed(k, v) })
	}
	switch v := v.(type) {
	case nil:
		return kind == "null"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "number" || (kind == "integer" && v == float64(int64(v)))
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}

// Every code in the program is in docs/errors.md, and nothing else is but what
// the core refuses with.
func TestErrorCodesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllSubmatch(page, -1) {
		documented[string(m[1])] = true
	}
	used := codesOf(t, "problem.go", func(spec *ast.ValueSpec) bool {
		id, ok := spec.Type.(*ast.Ident)
		return ok && id.Name == "code"
	})
	if len(used) < 10 {
		t.Fatalf("only %d codes found in problem.go: the test reads it wrongly", len(used))
	}
	for _, from := range []string{"../queue/agent.go"} { // refuse(…, "code", …)
		src, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`refuse\((?:in, )?"([a-z_]+)"`).FindAllSubmatch(src, -1) {
			used[string(m[1])] = true
		}
	}
	for c := range used {
		if !documented[c] {
			t.Errorf("code %s is not in docs/errors.md", c)
		}
		delete(documented, c)
	}
	for c := range documented {
		t.Errorf("docs/errors.md explains %s, which nothing uses", c)
	}
}

func codesOf(t *testing.T, file string, want func(*ast.ValueSpec) bool) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && want(spec) {
			for _, v := range spec.Values {
				if text, err := strconv.Unquote(v.(*ast.BasicLit).Value); err == nil {
					found[text] = true
				}
			}
		}
		return true
	})
	return found
}
