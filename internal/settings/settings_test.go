package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var rewrite = flag.Bool("rewrite", false, "write examples/threerings.yaml anew")

// load is Load in an own folder, with a file of the given text.
func load(t *testing.T, yaml string, env []string, args ...string) (*Settings, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if yaml != "" {
		write(t, "t.yaml", yaml)
		args = append([]string{"--config", "t.yaml"}, args...)
	}
	return Load(flagSet(), args, env)
}

func flagSet() *flag.FlagSet { return flag.NewFlagSet("serve", flag.ContinueOnError) }

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDefaults(t *testing.T) {
	s, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	want := &Settings{Data: here + "/.threerings/data", HTTP: HTTP{Addr: []string{"127.0.0.1:8080"}}, Pool: "main", Node: host,
		Asterisk:   Asterisk{URL: "http://127.0.0.1:8088", User: "threerings", App: "threerings", Silence: 30 * time.Second, Hold: 15 * time.Minute, Qualify: 10 * time.Second},
		Recordings: here + "/.threerings/data/recordings", RecordingsKey: here + "/.threerings/data/recordings.key", Log: Log{Level: slog.LevelInfo, Format: "text"}}
	if diff := cmp.Diff(want, s, cmpopts.IgnoreUnexported(Settings{})); diff != "" {
		t.Error(diff)
	}
}

func TestPrecedence(t *testing.T) {
	const yaml = "pool: file\ndatabase_url: postgres://file\nwallboard_public: true\nasterisk: {password: from-file}\n"
	for _, c := range []struct {
		name, yaml string
		env, args  []string
		want       string // pool, database, public, password
	}{
		{"default", "", nil, nil, "main,,false,"},
		{"file", yaml, nil, nil, "file,postgres://file,true,from-file"},
		{"environment over file", yaml, []string{"THREERINGS_POOL=env", "DATABASE_URL=postgres://plain", "THREERINGS_WALLBOARD_PUBLIC=false"}, nil, "env,postgres://plain,false,from-file"},
		{"own variable over the common one", yaml, []string{"THREERINGS_DATABASE_URL=postgres://own", "DATABASE_URL=postgres://plain"}, nil, "file,postgres://own,true,from-file"},
		{"flag over environment", yaml, []string{"THREERINGS_POOL=env", "DATABASE_URL=postgres://plain"}, []string{"--pool", "flag", "--database-url=postgres://flag", "--wallboard-public=false"}, "flag,postgres://flag,false,from-file"},
		{"flag without value", "", nil, []string{"--wallboard-public"}, "main,,true,"},
		{"empty flag means the default", yaml, []string{"DATABASE_URL=postgres://plain"}, []string{"--database-url=", "--pool="}, "main,,true,from-file"},
		{"empty variable means nothing", yaml, []string{"THREERINGS_POOL=", "DATABASE_URL="}, nil, "file,postgres://file,true,from-file"},
		{"empty in file means the default", "pool: ''\n", nil, nil, "main,,false,"},
		{"password file of a stronger source", yaml, []string{"THREERINGS_ASTERISK_PASSWORD_FILE=load_test.password"}, nil, "file,postgres://file,true,from-password-file"},
		{"password of a stronger source", "asterisk: {password_file: load_test.password}\n", []string{"THREERINGS_ASTERISK_PASSWORD=direct"}, nil, "main,,false,direct"},
		{"others' variables", "", []string{"THREERINGS_CACHE=/tmp", "THREERINGS_TEST_DATABASE_URL=x", "HOME=/"}, nil, "main,,false,"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "load_test.password", "from-password-file\n")
			write(t, "t.yaml", c.yaml+" ")
			if c.yaml != "" {
				c.env = append(c.env, "THREERINGS_CONFIG=t.yaml")
			}
			s, err := Load(flagSet(), c.args, c.env)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%s,%s,%t,%s", s.Pool, s.DatabaseURL.Reveal(), s.WallboardPublic, s.Asterisk.Password.Reveal())
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		yaml, env, arg, want string
	}{
		{"http:\n  adr: x", "", "", "t.yaml:2: http.adr: unknown key; did you mean addr?"},
		{"wallboard: true", "", "", "t.yaml:1: wallboard: unknown key; known are data, http, wallboard_public, database_url, redis_url, pool, node, asterisk, recordings, recordings_key, recordings_quota, s3, log, centre"},
		{"pool: a\npool: b", "", "", "t.yaml:2: pool: is given twice; the first is in line 1"},
		{"wallboard_public: yes", "", "", `t.yaml:1: wallboard_public: must be true or false, not "yes"`},
		{"http: {addr: [\"127.0.0.1\"]}", "", "", `t.yaml:1: http.addr: must be host:port such as 127.0.0.1:8080 or :8080, not "127.0.0.1"`},
		{"database_url: mysql://u:secret@h/x", "", "", "t.yaml:1: database_url: must be an address such as postgres://user:password@host:5432/name"},
		{"asterisk: {trunk: \"192.0.2.1\"}", "", "", `t.yaml:1: asterisk.trunk: must be host:port such as 192.0.2.10:5060, not "192.0.2.1"`},
		{"centre: missing.yaml", "", "", "t.yaml:1: centre: must be a file that can be read: open DIR/missing.yaml: no such file or directory"},
		{"asterisk:\n  password_file: /", "", "", "t.yaml:2: asterisk.password_file: must be a file, and / is a folder"},
		{"asterisk:\n  password: x\n  password_file: t.yaml", "", "", "t.yaml:3: asterisk.password_file: give password or password_file, not both"},
		{"http: {tls_cert: t.yaml}", "", "", "t.yaml:1: http.tls_cert: http.tls_cert and http.tls_key go together: give both"},
		{"log: {level: loud, format: xml}", "", "", "t.yaml:1: log.level: must be debug, info, warn or error, not \"loud\"\nt.yaml:1: log.format: must be text or json, not \"xml\""},
		{"asterisk: {url: 'http://u:p@h'}", "", "", "t.yaml:1: asterisk.url: must not contain a password: give asterisk.user and asterisk.password"},
		{"a: [", "", "", "t.yaml:1: is not valid YAML: sequence end token ']' not found"},
		{"", "THREERINGS_LOG_LEVEL=loud", "", `THREERINGS_LOG_LEVEL: must be debug, info, warn or error, not "loud"`},
		{"", "DATABASE_URL=nonsense", "", "DATABASE_URL: must be an address such as postgres://user:password@host:5432/name"},
		{"", "THREERINGS_DATABSE_URL=postgres://h", "", "THREERINGS_DATABSE_URL: unknown variable; did you mean THREERINGS_DATABASE_URL?"},
		{"", "THREERINGS_CONFIG=missing.yaml", "", "THREERINGS_CONFIG: must be a file that can be read: open missing.yaml: no such file or directory"},
		{"", "", "--config=missing.yaml", "--config: must be a file that can be read: open missing.yaml: no such file or directory"},
		{"", "", "--redis-url=http://h", "--redis-url: must be an address such as redis://host:6379/0"},
		{"", "", "--node=a b", `--node: must be 1 to 64 letters, digits, '.', '_' or '-', not "a b"`},
		{"", "", "--wallboard-public=maybe", `--wallboard-public: must be true or false, not "maybe"`},
		{"", "", "--nothing", "flag provided but not defined: -nothing; see threerings serve --help"},
		{"pool: a b", "REDIS_URL=x", "--pool=", "REDIS_URL: must be an address such as redis://host:6379/0"}, // the bad pool does not count
	} {
		var env, args []string
		if c.env != "" {
			env = []string{c.env}
		}
		if c.arg != "" {
			args = []string{c.arg}
		}
		got := "accepted"
		if _, err := load(t, c.yaml, env, args...); err != nil {
			here, wdErr := os.Getwd()
			if wdErr != nil {
				t.Fatal(wdErr)
			}
			got = strings.ReplaceAll(err.Error(), here, "DIR")
		}
		if got != c.want {
			t.Errorf("%s %s %s:\n got %s\nwant %s", c.yaml, c.env, c.arg, got, c.want)
		}
	}
}

func TestHelpComesFromTheTable(t *testing.T) {
	fs := flagSet()
	fs.Bool("json", false, "print JSON")
	var out bytes.Buffer
	fs.SetOutput(&out)
	if _, err := Load(fs, []string{"--help"}, nil); !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("got %v", err)
	}
	for _, f := range table {
		for _, part := range []string{"--" + f.flag() + " ", f.doc, f.variable(), f.def} {
			if !strings.Contains(out.String(), part) {
				t.Errorf("the help lacks %q of %s", part, f.key)
			}
		}
	}
	if !strings.Contains(out.String(), "--json\n        print JSON") || !strings.Contains(out.String(), "DATABASE_URL") {
		t.Errorf("the help lacks the caller's own flag:\n%s", out.String())
	}
}

// examples/threerings.yaml is the table, and says what the defaults are.
func TestExample(t *testing.T) {
	name, err := filepath.Abs(filepath.Join("..", "..", "examples", "threerings.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(name, Example(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(Example()), string(text)); diff != "" {
		t.Errorf("run go test ./internal/settings -rewrite: %s", diff)
	}
	t.Chdir(t.TempDir())
	with, err := Load(flagSet(), []string{"--config", name}, nil)
	if err != nil {
		t.Fatal(err)
	}
	without, err := Load(flagSet(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(without, with, cmp.AllowUnexported(Settings{})); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	s, err := load(t, "", []string{"DATABASE_URL=postgres://joe:hunter2@h:1/d?password=hunter2", "THREERINGS_ASTERISK_PASSWORD=hunter2", "REDIS_URL=redis://:hunter2@h/0"})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "settings", s, "value", *s, "asterisk", s.Asterisk, "url", s.DatabaseURL)
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(asJSON) + fmt.Sprintf("%v %+v %s %#v %v %+v %#v", s, *s, s, *s, s.Asterisk, s.Asterisk, s.Asterisk)
	if strings.Contains(all, "hunter2") {
		t.Errorf("a secret is shown: %s", all)
	}
	if !strings.Contains(s.String(), "database_url: postgres://joe:xxxxx@h:1/d\n") || !strings.Contains(log.String(), "(not shown)") {
		t.Errorf("what may be shown is not: %s", s)
	}
	if s.DatabaseURL.Reveal() != "postgres://joe:hunter2@h:1/d?password=hunter2" || s.Asterisk.Password.Reveal() != "hunter2" {
		t.Error("a secret was changed")
	}
}

func TestSizes(t *testing.T) {
	for v, want := range map[string]int64{"1048576": 1 << 20, "500G": 500 << 30, "2T": 2 << 40, "1K": 1024, "": -1, "G": -1, "0": -1, "-1G": -1, "1.5G": -1, "9999999999T": -1, "10X": -1} {
		got, err := int64(-1), error(nil)
		if v != "" {
			if got, err = size(v); err != nil {
				got = -1
			}
		}
		if got != want {
			t.Errorf("%q is %d (%v), want %d", v, got, err, want)
		}
	}
}
