package settings

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/threerings/threerings/internal/strictyaml"
)

// ConfigVariable names the file when --config does not.
const ConfigVariable = "THREERINGS_CONFIG"

// given is a value and where it comes from.
type given struct {
	value  string
	source source
	report func(error) // notes what is wrong with it
}

type source int

const (
	fromDefault source = iota
	fromFile
	fromEnvironment
	fromFlag
)

// Load adds a flag for each setting to fs, parses args, and reads the settings
// from all four sources. The caller may have flags of its own in fs. With
// --help the error is flag.ErrHelp, and the help has been written to fs's
// output. environ is as os.Environ returns it.
func Load(fs *flag.FlagSet, args, environ []string) (*Settings, error) {
	flags := map[string]*string{}
	config := fs.String("config", "", "")
	for _, f := range table {
		if f.kind == truth { // --wallboard-public without a value is true
			fs.Var(boolFlag{flags, f.key}, f.flag(), f.doc)
			continue
		}
		fs.Func(f.flag(), f.doc, func(v string) error { flags[f.key] = &v; return nil })
	}
	if err := parse(fs, args); err != nil {
		return nil, err
	}
	l := &loader{values: map[string]given{}}
	env := l.environment(environ)
	name, reportName := *config, func(err error) { l.problem("--config: %v", err) }
	if name == "" {
		name, reportName = env[ConfigVariable], func(err error) { l.problem("%s: %v", ConfigVariable, err) }
	}
	root := l.file(name, reportName)
	for _, f := range table {
		for _, variable := range []string{f.env, f.variable()} {
			if value := env[variable]; variable != "" && value != "" {
				l.values[f.key] = given{value, fromEnvironment, func(err error) { l.problem("%s: %v", variable, err) }}
			}
		}
		if value := flags[f.key]; value != nil {
			l.values[f.key] = given{*value, fromFlag, func(err error) { l.problem("--%s: %v", f.flag(), err) }}
		}
	}
	s := l.settings()
	if root != nil && root.Err() != nil {
		l.problems = append([]error{root.Err()}, l.problems...)
	}
	if err := errors.Join(l.problems...); err != nil {
		return nil, err
	}
	return s, nil
}

// parse leaves it to the caller to print errors: the package flag would print
// them above a screenful of help.
func parse(fs *flag.FlagSet, args []string) error {
	out := fs.Output()
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	err := fs.Parse(args)
	fs.SetOutput(out)
	fs.Usage = func() { help(fs) }
	switch {
	case errors.Is(err, flag.ErrHelp):
		fs.Usage()
	case err != nil:
		return fmt.Errorf("%w; see threerings %s --help", err, fs.Name())
	}
	return err
}

// boolFlag is a flag that may stand without a value.
type boolFlag struct {
	flags map[string]*string
	key   string
}

func (b boolFlag) String() string     { return "" }
func (b boolFlag) IsBoolFlag() bool   { return true }
func (b boolFlag) Set(v string) error { b.flags[b.key] = &v; return nil }

type loader struct {
	values   map[string]given
	problems []error
}

func (l *loader) problem(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf(format, args...))
}

// environment finds our variables. One that is nearly ours is taken for a slip
// of the pen; others belong to somebody else.
func (l *loader) environment(environ []string) map[string]string {
	known := []string{ConfigVariable}
	for _, f := range table {
		known = append(known, f.variable())
		if f.env != "" {
			known = append(known, f.env)
		}
	}
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if slices.Contains(known, name) {
			env[name] = value
		} else if strings.HasPrefix(name, "THREERINGS_") {
			if near := strictyaml.Nearest(name, known); near != "" {
				l.problem("%s: unknown variable; did you mean %s?", name, near)
			}
		}
	}
	return env
}

// file reads the YAML file, if there is one.
func (l *loader) file(name string, report func(error)) *strictyaml.Node {
	if name == "" {
		return nil
	}
	data, err := readLimited(name)
	if err != nil {
		report(err)
		return nil
	}
	root := strictyaml.Read(name, data)
	groups := map[string]*strictyaml.Fields{"": root.Fields()}
	var order []string
	for _, f := range table {
		group, key, nested := strings.Cut(f.key, ".")
		if !nested {
			group, key = "", f.key
		} else if _, open := groups[group]; !open {
			groups[group] = groups[""].Get(group).Fields()
			order = append(order, group)
		}
		n := groups[group].Get(key)
		if n == nil {
			continue
		}
		if value, ok := yamlValue(f, n); ok {
			l.values[f.key] = given{value, fromFile, func(err error) { n.Refuse("%v", err) }}
		}
	}
	for _, group := range append(order, "") {
		groups[group].Close()
	}
	return root
}

func readLimited(name string) ([]byte, error) {
	if err := readable(name); err != nil {
		return nil, err
	}
	r, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, strictyaml.MaxBytes+1)) // one more: then it is refused as too long
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	return data, nil
}

func yamlValue(f field, n *strictyaml.Node) (value string, ok bool) {
	const wrong = "\x00"
	switch {
	case f.kind == truth:
		return fmt.Sprint(n.Bool(false)), true
	case f.kind == list && n.IsList():
		var all []string
		for _, item := range n.Items() {
			all = append(all, item.Text(""))
		}
		return strings.Join(all, ","), true
	case f.kind == secret:
		value = n.Secret(wrong)
	default:
		value = n.Text(wrong)
	}
	return value, value != wrong
}

// settings applies defaults, then what was given.
func (l *loader) settings() *Settings {
	s := &Settings{values: map[string]string{}}
	l.oneOf("asterisk.password", "asterisk.password_file")
	l.oneOf("s3.secret_key", "s3.secret_key_file")
	for _, f := range table {
		g, isGiven := l.values[f.key]
		if err := f.set(s, g.value); err != nil {
			if !isGiven {
				g.report = func(err error) { l.problem("%s: its default: %v", f.key, err) }
			}
			g.report(err)
		}
	}
	if (s.HTTP.TLSCert == "") != (s.HTTP.TLSKey == "") {
		g := l.values["http.tls_cert"]
		if g.value == "" {
			g = l.values["http.tls_key"]
		}
		if g.report != nil {
			g.report(errors.New("http.tls_cert and http.tls_key go together: give both"))
		}
	}
	if g := l.values["s3.endpoint"]; s.S3.Endpoint != "" && (s.S3.Bucket == "" || s.S3.AccessKey == "" || s.S3.SecretKey == "") {
		g.report(errors.New("s3.endpoint needs s3.bucket, s3.access_key and s3.secret_key (or s3.secret_key_file): give them too"))
	}
	l.derive(s)
	return s
}

// oneOf leaves one of a secret and the file that holds it: the stronger source
// wins; two of one kind contradict each other.
func (l *loader) oneOf(secret, inFile string) {
	given, file := l.values[secret], l.values[inFile]
	if given.value == "" || file.value == "" {
		return
	}
	switch {
	case given.source > file.source:
		delete(l.values, inFile)
	case given.source < file.source:
		delete(l.values, secret)
	default:
		_, key, _ := strings.Cut(secret, ".")
		file.report(fmt.Errorf("give %s or %s_file, not both", key, key))
		delete(l.values, inFile)
	}
}

// derive fills in the defaults that depend on other settings or on the machine.
func (l *loader) derive(s *Settings) {
	if s.Recordings == "" {
		s.Recordings = s.Data + "/recordings"
		s.values["recordings"] = s.Recordings
	}
	if s.RecordingsKey == "" {
		s.RecordingsKey = s.Data + "/recordings.key"
		s.values["recordings_key"] = s.RecordingsKey
	}
	if s.Node == "" {
		host, err := os.Hostname()
		if err != nil || word(host) != nil {
			l.problem("node: the host name %q cannot serve as this node's name: give one", host)
		}
		s.Node = host
		s.values["node"] = host
	}
}
