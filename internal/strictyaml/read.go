package strictyaml

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a file. The parser needs time that grows with the square of the
// keys in one mapping, and stack that grows with them and with the depth:
// unlimited, a megabyte of hostile text would stop a centre.
const (
	MaxBytes  = 1 << 20
	maxTokens = 300_000
	maxKeys   = 5_000 // in one mapping
	maxDepth  = 20
	maxColumn = 2_000 // of anything that nests
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	File string
	Line int // from 1; zero: the file as a whole
	Key  string
	Text string
}

// String is the problem in one line.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is all that is wrong with a file, in the order of its lines.
type Problems []Problem

// Error is one line per problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// reader collects what is wrong while a file is read.
type reader struct {
	file     string
	problems Problems
	asked    func(path []string) // nil: nobody listens
	probe    bool                // there is no text: every key is there, see Probe
}

func (r *reader) refuse(line int, key, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

// Read parses one document. The node returned is never nil; Err tells what was
// wrong with the text, and later with the values that were asked for.
func Read(file string, data []byte) *Node {
	r := &reader{file: file}
	root := &Node{r: r}
	if body := r.parse(data); body != nil {
		root.ast, root.line = body, lineOf(body)
	}
	return root
}

// Err is nil, or a Problems.
func (n *Node) Err() error {
	if len(n.r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(n.r.problems, func(a, b Problem) int { return a.Line - b.Line })
	return n.r.problems
}

func (r *reader) parse(data []byte) (body ast.Node) {
	defer func() {
		// A file must not be able to end a process that carries calls, whatever
		// the parser thinks of it.
		if p := recover(); p != nil {
			r.refuse(0, "", "is not valid YAML: the parser cannot make sense of it")
			body = nil
		}
	}()
	text := strings.TrimPrefix(string(data), "\ufeff")
	switch {
	case len(data) > MaxBytes:
		r.refuse(0, "", "is %d bytes long; at most %d are read", len(data), MaxBytes)
		return nil
	case !utf8.ValidString(text):
		r.refuse(0, "", "is not UTF-8 text: save it as UTF-8")
		return nil
	case strings.ContainsRune(text, 0):
		r.refuse(0, "", "is not text: it holds a zero byte")
		return nil
	}
	tokens := lexer.Tokenize(text)
	if !r.harmless(tokens) {
		return nil
	}
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil {
			r.refuse(syntax.Token.Position.Line, "", "is not valid YAML: %s", syntax.Message)
		} else {
			r.refuse(0, "", "is not valid YAML: %v", err)
		}
		return nil
	}
	for _, doc := range f.Docs {
		switch {
		case doc.Body == nil:
		case body != nil:
			r.refuse(lineOf(doc.Body), "", "a second document begins here; give one")
			return nil
		default:
			body = doc.Body
		}
	}
	if body == nil {
		r.refuse(0, "", "is empty")
	}
	return body
}

// harmless looks at the tokens, which cost little, before the parser does.
func (r *reader) harmless(tokens token.Tokens) bool {
	if len(tokens) > maxTokens {
		r.refuse(0, "", "is too large: %d words and signs, at most %d are read", len(tokens), maxTokens)
		return false
	}
	type mapping struct{ column, keys int }
	var block []mapping // the columns that are open
	flow := 0
	for i, t := range tokens {
		line, column := t.Position.Line, t.Position.Column
		entry := t.Type == token.SequenceEntryType
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			r.refuse(line, "", "anchors and aliases (& * <<) are not read here: write the value out, in quotes if it contains such a sign")
			return false
		case token.TagType, token.DirectiveType, token.MappingKeyType:
			r.refuse(line, "", "tags, directives and complex keys (! %% ?) are not read here: put the value in quotes if it contains such a sign")
			return false
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.MappingValueType:
			if i > 0 {
				column = tokens[i-1].Position.Column
			}
			entry = true
		}
		if entry && flow <= 0 {
			for len(block) > 0 && block[len(block)-1].column > column {
				block = block[:len(block)-1]
			}
			if len(block) == 0 || block[len(block)-1].column < column {
				block = append(block, mapping{column: column})
			}
			if t.Type == token.MappingValueType {
				block[len(block)-1].keys++
			}
			if block[len(block)-1].keys > maxKeys {
				r.refuse(line, "", "more than %d keys in one place: use a list", maxKeys)
				return false
			}
		}
		if flow+len(block) > maxDepth || entry && column > maxColumn {
			r.refuse(line, "", "nested too deeply")
			return false
		}
	}
	return true
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil {
		return 0
	}
	return n.GetToken().Position.Line
}
