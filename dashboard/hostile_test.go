package dashboard

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Values that programs, people and attackers send where something else is
// meant.
var hostileTexts = []string{"", " ", "c1", "1001", "support", "agent", "x\x00y", "\u202e\u2066txt.exe", "\xff\xfe\xc3\x28", "' OR 1=1 --", "../../etc/passwd", "%00", "%2e%2e/",
	"a\r\nSet-Cookie: x=1", "<script>alert(1)</script>", "{{nonce}}", "😀", "-1", "NaN", "9223372036854775808", "1e400", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
	"2026-11-22", strings.Repeat("长", 300), strings.Repeat("a", 70_000)}

// hostileJSON stands in the place of any value.
var hostileJSON = []string{`null`, `true`, `-1`, `0`, `1e400`, `9223372036854775808`, `-0.0000000001`, `NaN`, `[]`, `{}`, `[null]`, `{"a":{"a":{"a":1}}}`, `""`, `"\u0000"`,
	`"\ud800"`, `"\u202e\u2066"`, `"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59+23:59"`, `"` + strings.Repeat("字", 1000) + `"`, `"` + strings.Repeat("a", 20_000) + `"`}

// hostileBodies are bodies of an operation, from its schema: one that fits,
// ones with each field replaced, and ones that are no object at all.
func (d document) hostileBodies(pattern string) []string {
	all := []string{"", "null", "[]", `"x"`, "{", `{"a":1}{"b":2}`, strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 5_000), "\xef\xbb\xbf{}", "{\"\x00\":1}", `{"__proto__":{}}`,
		`{"x":"` + strings.Repeat("a", 70_000) + `"}`}
	schema := d.bodyOf(pattern)
	if schema == nil {
		return all[:4]
	}
	fields := d.fields(schema, 0)
	names := slices.Sorted(maps.Keys(fields))
	object := func(change func(name, value string) string) string {
		var parts []string
		for _, n := range names {
			if text := change(n, fields[n]); text != "" {
				parts = append(parts, text)
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	pair := func(n, v string) string { return fmt.Sprintf("%q:%s", n, v) }
	all = append(all, object(pair))
	for _, n := range names {
		all = append(all,
			object(func(m, v string) string { // without it
				if m == n {
					return ""
				}
				return pair(m, v)
			}),
			object(func(m, v string) string { // alone
				if m != n {
					return ""
				}
				return pair(m, v)
			}),
			object(func(m, v string) string { // twice, and in capitals
				return pair(m, v) + "," + pair(m, v) + "," + pair(strings.ToUpper(m), v)
			}))
		for _, bad := range hostileJSON {
			all = append(all, object(func(m, v string) string {
				if m == n {
					v = bad
				}
				return pair(m, v)
			}))
		}
	}
	return all
}

// operation is what the document says of a route.
func (d document) operation(pattern string) map[string]any {
	method, path, _ := strings.Cut(pattern, " ")
	var op map[string]any
	_ = json.Unmarshal(d.Paths[path][strings.ToLower(method)], &op)
	return op
}

func (d document) bodyOf(pattern string) map[string]any {
	return d.jsonSchema(d.operation(pattern)["requestBody"])
}

// answerOf is the schema of an answer, nil if the document has none in JSON.
func (d document) answerOf(pattern, status string) map[string]any {
	responses, _ := d.operation(pattern)["responses"].(map[string]any)
	return d.jsonSchema(responses[status])
}

func (d document) jsonSchema(holder any) map[string]any {
	at := holder
	for _, name := range []string{"content", "application/json", "schema"} {
		m, _ := at.(map[string]any)
		at = m[name]
	}
	m, _ := at.(map[string]any)
	return m
}

// parameters are the names that an operation takes in its query.
func (d document) parameters(pattern string) (names []string) {
	list, _ := d.operation(pattern)["parameters"].([]any)
	for _, p := range list {
		m, _ := p.(map[string]any)
		if ref, ok := m["$ref"].(string); ok {
			m = d.resolve(ref)
		}
		if m["in"] == "query" {
			names = append(names, m["name"].(string))
		}
	}
	return names
}

// fields are an object's, each with a value that fits, as JSON.
func (d document) fields(schema map[string]any, depth int) map[string]string {
	if ref, ok := schema["$ref"].(string); ok {
		schema = d.resolve(ref)
	}
	out := map[string]string{}
	props, _ := schema["properties"].(map[string]any)
	for name, s := range props {
		m, _ := s.(map[string]any)
		out[name] = d.fitting(m, depth+1)
	}
	return out
}

func (d document) fitting(s map[string]any, depth int) string {
	if ref, ok := s["$ref"].(string); ok {
		s = d.resolve(ref)
	}
	if list, ok := s["enum"].([]any); ok {
		text, _ := json.Marshal(list[0])
		return string(text)
	}
	for _, options := range []string{"anyOf", "oneOf"} {
		if list, ok := s[options].([]any); ok && len(list) > 0 {
			m, _ := list[0].(map[string]any)
			return d.fitting(m, depth+1)
		}
	}
	kind := s["type"]
	if list, ok := kind.([]any); ok {
		kind = list[0]
	}
	switch kind {
	case "integer", "number":
		return "1"
	case "boolean":
		return "true"
	case "array":
		m, _ := s["items"].(map[string]any)
		return "[" + d.fitting(m, depth+1) + "]"
	case "object":
		if depth > 5 {
			return "{}"
		}
		var parts []string
		for n, v := range d.fields(s, depth) {
			parts = append(parts, fmt.Sprintf("%q:%s", n, v))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return `"1001"`
}

// hostileQueries are queries of an operation.
func (d document) hostileQueries(pattern string) []string {
	all := []string{"", "x=1", "%zz", "a;b", "why=" + strings.Repeat("a", 300), "why=%00%ff", "&&&===", "limit=1&limit=2", strings.Repeat("a=1&", 2000)}
	for _, n := range d.parameters(pattern) {
		for _, v := range hostileTexts {
			if len(v) < 1000 {
				all = append(all, n+"="+percent(v))
			}
		}
	}
	return all
}

// percent writes every byte of a text as a query may have it.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}
