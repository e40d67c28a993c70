package centre

import (
	"fmt"
	"strings"
	"time"
)

// shape is what may stand in one place of the file: what a JSON Schema says of
// it, and the keys below it. The functions here are the words in which
// schema.go describes the file.
type shape struct {
	says  map[string]any // type, pattern, description, …
	keys  []key          // of a group; no others are allowed, unless free is set
	names string         // pattern of the names in free
	free  *shape         // behind each name that the house chooses
	items *shape         // of a list
	forms []*shape       // one of these
}

type key struct {
	name string
	is   *shape
	must bool
}

func opt(name string, is *shape) key  { return key{name: name, is: is} }
func need(name string, is *shape) key { return key{name, is, true} }

// with adds a default, and says it.
func (s *shape) with(missing any) *shape {
	s.says["default"] = missing
	return s.tell(fmt.Sprintf("Default: %v.", missing))
}

// unless says a default that no single value is.
func (s *shape) unless(text string) *shape { return s.tell("Default: " + text + ".") }

func (s *shape) tell(text string) *shape {
	s.says["description"] = strings.TrimSpace(fmt.Sprint(s.says["description"], " ", text))
	return s
}

func (s *shape) limit(keyword string, n int) *shape {
	s.says[keyword] = n
	return s
}

func said(about, kind string, more ...any) *shape {
	s := &shape{says: map[string]any{"description": about}}
	if kind != "" {
		s.says["type"] = kind
	}
	for i := 0; i < len(more); i += 2 {
		s.says[more[i].(string)] = more[i+1]
	}
	return s
}

// group has fixed keys, named has names that match a pattern, each with the same.
func group(about string, keys ...key) *shape {
	s := said(about, "object")
	s.keys = keys
	return s
}

func named(about, pattern string, each *shape) *shape {
	s := said(about, "object")
	s.names, s.free = pattern, each
	return s
}

func list(about string, each *shape) *shape {
	s := said(about, "array")
	s.items = each
	return s
}

func either(about string, forms ...*shape) *shape {
	s := said(about, "")
	s.forms = forms
	return s
}

// byID are things with ids: a group whose names they are, or a list.
func byID(about, id, one string, keys ...key) *shape {
	withID := append([]key{need("id", word(id, idPattern.String(), idRule))}, keys...)
	return either(about, named("By id.", idPattern.String(), group(one, keys...)), list("Each with its id.", group(one, withID...)))
}

// text is a line of text; a number counts as one (see strictyaml.Node.Text).
func text(about string) *shape {
	s := said(about, "")
	s.says["type"] = []string{"string", "number"}
	return s
}

func label(about string) *shape {
	s := text(about)
	s.says["minLength"], s.says["maxLength"] = 1, longestName
	return s
}

// word matches a pattern. A number cannot be matched, and is judged by apply.
func word(about, pattern, rule string) *shape {
	s := text(about)
	s.says["pattern"] = portable(pattern)
	return s.tell("Must be " + rule + ".")
}

func password(about string) *shape {
	s := text(about)
	s.says["minLength"], s.says["maxLength"] = minPassword, maxPassword
	return s.tell(fmt.Sprintf("%d characters or more.", minPassword))
}

func oneOf[W ~string](about string, words ...W) *shape { return said(about, "string", "enum", words) }

// whole is a whole number; noMost as the largest means that there is none.
func whole(about string, least, most int) *shape {
	s := said(about, "integer", "minimum", least)
	if most == noMost {
		return s.tell(fmt.Sprintf("From %d.", least))
	}
	s.says["maximum"] = most
	return s.tell(fmt.Sprintf("%d to %d.", least, most))
}

func flag(about string) *shape { return said(about, "boolean") }

const timePattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`

// length is a length of time. Zero needs no unit, and has no meaning where
// positive.
func length(about string) *shape {
	s := either(about, said("A time with its unit.", "string", "pattern", timePattern), said("None.", "integer", "const", 0))
	return s.tell("A time such as 15s, 2m or 1h30m.")
}

func positive(about string) *shape {
	return said(about, "string", "pattern", timePattern).tell("A time such as 15s, 2m or 1h30m.")
}

func (s *shape) lasting(missing time.Duration) *shape { return s.with(short(missing)) }

func money(about string) *shape {
	return either(about, said("Yuan.", "number", "minimum", 0), said("Yuan.", "string", "pattern", `^[0-9]{1,7}(\.[0-9]{1,2})?$`)).
		tell("In yuan, such as 15 or 15.50.")
}

func share(about string) *shape {
	return either(about, said("Of one.", "number", "minimum", 0, "maximum", 1), said("Of a hundred, or of one.", "string", "pattern", `^[0-9]{1,3}(\.[0-9]{1,6})?\s*%?$`)).
		tell("A share such as 95% or 0.95.")
}

// portable writes a pattern as editors read it: they want \p{L} where Go also
// takes \pL.
func portable(pattern string) string {
	return strings.NewReplacer(`\pL`, `\p{L}`, `\pN`, `\p{N}`).Replace(pattern)
}

// json is the shape as a JSON Schema.
func (s *shape) json() map[string]any {
	out := map[string]any{}
	for k, v := range s.says {
		if v != "" {
			out[k] = v
		}
	}
	if s.says["type"] == "object" {
		out["additionalProperties"] = false
	}
	var must []string
	properties := map[string]any{}
	for _, k := range s.keys {
		properties[k.name] = k.is.json()
		if k.must {
			must = append(must, k.name)
		}
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	if len(must) > 0 {
		out["required"] = must
	}
	if s.free != nil {
		out["additionalProperties"] = s.free.json()
		if s.names != "" {
			out["propertyNames"] = map[string]any{"pattern": portable(s.names)}
		}
	}
	if s.items != nil {
		out["items"] = s.items.json()
	}
	for _, f := range s.forms {
		any, _ := out["anyOf"].([]any)
		out["anyOf"] = append(any, f.json())
	}
	return out
}
