// Package strictyaml reads YAML files that people write by hand, and tells
// them all that is wrong with a file at once: one sentence per problem, each
// with file, line and key:
//
//	centre.yaml:14: queues.support.ring.agent: must be 1 to 20, not 40
//
// It is strict where YAML is generous. Every key must be known, none may come
// twice, and a value has the type that is asked for or is refused; `no` is
// never false by surprise. What a configuration has no use for, and what an
// attacker would use (anchors, aliases, merge keys, tags, deep nesting, huge
// files), is refused before the parser sees it.
//
// A reader asks for the fields it knows, and closes the mapping, which reports
// the others:
//
//	root := strictyaml.Read("centre.yaml", data)
//	f := root.Fields()
//	name := f.Get("name").Text("")
//	f.Close()
//	if err := root.Err(); err != nil { … }
//
// A field that is absent is a nil *Node, and every method works on nil: values
// come back as the default given, so that reading needs no branches.
package strictyaml
