package queue

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestEveryRequestTravels: whatever input embeds Asked can be asked on any node.
// A new one that is forgotten in the table would only be noticed where a second
// node is.
func TestEveryRequestTravels(t *testing.T) {
	found := 0
	for name := range embedding(t, "Asked") {
		if !declares(t, name, "input") {
			continue // an event
		}
		found++
		if requests[name] == nil {
			t.Errorf("%s embeds Asked and is missing in requests of codec_input.go", name)
		}
	}
	if found < 8 {
		t.Errorf("only %d requests found: the search is broken", found)
	}
	for name, typ := range requests {
		v := reflect.New(typ).Elem()
		v.FieldByName("Req").SetString("r7")
		v.FieldByName("By").SetString("user 1001")
		kind, data, err := EncodeRequest(v.Interface().(Input))
		if err != nil {
			t.Fatal(err)
		}
		got, req, err := DecodeRequest(kind, data)
		if err != nil || req != "r7" || !reflect.DeepEqual(got, v.Interface()) {
			t.Errorf("%s came back as %#v, %q, %v", name, got, req, err)
		}
	}
	if _, _, err := EncodeRequest(Configure{}); err == nil {
		t.Error("a configuration can be asked of another node")
	}
	if _, _, err := DecodeRequest("Configure", []byte("{}")); err == nil || !strings.Contains(err.Error(), "older") {
		t.Errorf("an unknown request: %v", err)
	}
	if _, _, err := DecodeRequest("Extend", []byte("[")); err == nil {
		t.Error("a broken request is taken")
	}
}

// source is the package's declarations.
func source(t *testing.T) (decls []ast.Decl) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, f.Decls...)
	}
	return decls
}

// embedding finds the structs that embed a type.
func embedding(t *testing.T, name string) map[string]bool {
	found := map[string]bool{}
	for _, d := range source(t) {
		gen, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			typ, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			s, ok := typ.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range s.Fields.List {
				if id, ok := f.Type.(*ast.Ident); ok && len(f.Names) == 0 && id.Name == name {
					found[typ.Name.Name] = true
				}
			}
		}
	}
	return found
}

// declares tells whether a type has a method.
func declares(t *testing.T, typ, method string) bool {
	for _, d := range source(t) {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Name.Name != method {
			continue
		}
		if id, ok := f.Recv.List[0].Type.(*ast.Ident); ok && id.Name == typ {
			return true
		}
	}
	return false
}
