package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/settings"
)

// well is a machine in good health.
func well() machine {
	return machine{
		free:      func(string) (uint64, error) { return 100 << 30, nil },
		openFiles: func() (uint64, uint64, error) { return 65536, 65536, nil },
		clock:     func() (bool, error) { return true, nil },
		now:       func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
		program:   func(name string) (string, error) { return "/usr/bin/" + name, nil },
		glob:      func(string) []string { return nil },
		listen:    func(string) error { return nil },
		uid:       func(string) (uint32, bool) { return uint32(os.Geteuid()), true },
		postgres: func(context.Context, string) (postgresFacts, error) {
			return postgresFacts{150004, false, true, 0}, nil
		},
		redis: func(context.Context, string) (string, error) { return "7.0", nil },
	}
}

// fakeARI answers as a healthy Asterisk does; override changes an answer.
type fakeARI map[string]string // path to "status body"

func (f fakeARI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/rawman" {
		said, changed := f[r.FormValue("Action")]
		switch {
		case changed:
		case r.FormValue("Action") == "Login" && r.FormValue("Username") == "threerings" && r.FormValue("Secret") == "secret":
			said = "Response: Success\r\nMessage: Authentication accepted\r\n"
		case r.FormValue("Action") == "MixMonitorMute":
			said = "Response: Error\r\nMessage: No such channel\r\n"
		}
		http.SetCookie(w, &http.Cookie{Name: "mansession_id", Value: "1"})
		_, _ = w.Write([]byte(said)) // as below
		return
	}
	user, password, _ := r.BasicAuth()
	if user != "threerings" || password != "secret" {
		http.Error(w, `{"message":"Authentication required"}`, http.StatusUnauthorized)
		return
	}
	answers := map[string]string{
		"GET /ari/asterisk/info":                                    `200 {"system":{"version":"22.10.1"},"config":{"setid":{"user":"asterisk"}}}`,
		"GET /ari/asterisk/modules":                                 "200 " + moduleList(""),
		"GET /ari/applications/threerings":                          "200 {}",
		"GET /ari/asterisk/config/dynamic/res_pjsip/endpoint/trunk": `200 [{"attribute":"allow","value":"(ulaw|alaw)"}]`,
		"DELETE /ari/bridges/threerings-doctor":                     `404 {"message":"Bridge not found"}`,
	}
	key := r.Method + " " + r.URL.Path
	answer, changed := f[key]
	if !changed {
		answer = answers[key]
	}
	status, body, _ := strings.Cut(answer, " ")
	codes := map[string]int{"200": 200, "403": 403, "404": 404, "302": 302}
	if codes[status] == 0 {
		http.NotFound(w, r)
		return
	}
	w.WriteHeader(codes[status])
	_, _ = w.Write([]byte(body)) // a client that left shows in its own result
}

// moduleList lists all needed modules as running but one.
func moduleList(but string) string {
	var all []map[string]string
	for _, name := range neededModules {
		status := "Running"
		if name == but {
			status = "Not Running"
		}
		all = append(all, map[string]string{"name": name + ".so", "status": status})
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// house makes folders and settings in which everything is well.
func house(t *testing.T, asterisk string, args ...string) *settings.Settings {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"raw", "data/sounds/threerings", "etc/asterisk"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "etc/asterisk/rtp.conf"), "[general]\nrtpstart = 10000 ; first\nrtpend=19999\n")
	for _, name := range prompts.Names() {
		write(t, filepath.Join(dir, "data/sounds", name+".wav"), "RIFF")
	}
	all := append([]string{"--asterisk-url", asterisk, "--asterisk-password", "secret", "--asterisk-recordings", dir + "/raw",
		"--asterisk-sounds", dir + "/data/sounds", "--data", dir + "/own", "--database-url", "postgres://u:hunter2@h/d", "--redis-url", "redis://:hunter2@h"}, args...)
	s, err := settings.Load(flag.NewFlagSet("doctor", flag.ContinueOnError), all, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, results []Result, name string) Result {
	t.Helper()
	for _, r := range results {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no result called %s", name)
	return Result{}
}

func TestAllIsWell(t *testing.T) {
	server := httptest.NewServer(fakeARI{})
	defer server.Close()
	results := Run(t.Context(), checksOn(house(t, server.URL), well()), nil)
	for _, r := range results {
		if r.Status != OK || r.Found == "" || r.Mend != "" {
			t.Errorf("%+v", r)
		}
	}
	if ExitCode(results) != 0 {
		t.Error("exit code is not 0")
	}
}

// Each ailment is found by its check, named, and comes with a remedy.
func TestAsterisk(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, check string
		fake        fakeARI
		args        []string
		want        Status
		found       string
	}{
		{"refused", "asterisk login", nil, []string{"--asterisk-url", refusing}, Fail, "nothing listens at " + refusing},
		{"no host", "asterisk login", nil, []string{"--asterisk-url", "http://no..host"}, Fail, `there is no host "no..host"`},
		{"wrong password", "asterisk login", nil, []string{"--asterisk-password", "wrong"}, Fail, `Asterisk refuses user "threerings" (401)`},
		{"no password", "asterisk login", nil, []string{"--asterisk-password="}, Fail, `no password is set for user "threerings"`},
		{"not Asterisk", "asterisk login", fakeARI{"GET /ari/asterisk/info": "200 <html>"}, nil, Fail, "is not an Asterisk with ARI (HTTP 200)"},
		{"ARI off", "asterisk login", fakeARI{"GET /ari/asterisk/info": "404 no"}, nil, Fail, "is not an Asterisk with ARI (HTTP 404)"},
		{"elsewhere", "asterisk login", fakeARI{"GET /ari/asterisk/info": "302 "}, nil, Fail, "is not an Asterisk with ARI (HTTP 302)"},
		{"old", "asterisk version", fakeARI{"GET /ari/asterisk/info": `200 {"system":{"version":"18.20.0"}}`}, nil, Fail, "18.20.0 is too old: its recordings would have one channel, and phones' transfer keys would move calls behind our back"},
		{"certified", "asterisk version", fakeARI{"GET /ari/asterisk/info": `200 {"system":{"version":"certified/22.8-cert1"}}`}, nil, OK, "certified/22.8-cert1"},
		{"from git", "asterisk version", fakeARI{"GET /ari/asterisk/info": `200 {"system":{"version":"GIT-master-1a2b"}}`}, nil, Warn, `cannot tell the version from "GIT-master-1a2b"`},
		{"no log-in", "asterisk version", nil, []string{"--asterisk-password", "wrong"}, Skip, notReached},
		{"no manager", "asterisk manager", fakeARI{"Login": "Response: Error\r\nMessage: Authentication failed\r\n"}, nil, Warn, "Asterisk's manager refuses Login: Authentication failed"},
		{"manager without rights", "asterisk manager", fakeARI{"MixMonitorMute": "Response: Error\r\nMessage: Permission denied\r\n"}, nil, Warn, "refuses MixMonitorMute: Permission denied"},
		{"read only", "asterisk rights", fakeARI{"DELETE /ari/bridges/threerings-doctor": "403 {}"}, nil, Fail, `user "threerings" may only read`},
		{"module", "asterisk modules", fakeARI{"GET /ari/asterisk/modules": "200 " + moduleList("app_mixmonitor")}, nil, Fail, "are not running: app_mixmonitor"},
		{"no modules", "asterisk modules", fakeARI{"GET /ari/asterisk/modules": "404 {}"}, nil, Fail, "cannot list the modules: Asterisk answers 404"},
		{"application", "asterisk application", fakeARI{"GET /ari/applications/threerings": "404 {}"}, nil, Warn, `"threerings" is not connected: callers meet the dialplan's fallback`},
		{"wideband", "asterisk codecs", fakeARI{"GET /ari/asterisk/config/dynamic/res_pjsip/endpoint/trunk": `200 [{"attribute":"allow","value":"(ulaw|opus)"}]`}, nil, Fail, "endpoint trunk also allows opus; recordings need 8 kHz on every call"},
		{"codecs unseen", "asterisk codecs", fakeARI{"GET /ari/asterisk/config/dynamic/res_pjsip/endpoint/trunk": "404 {}"}, nil, Skip, "cannot be seen through ARI (Asterisk answers 404): endpoint trunk in pjsip.conf has to allow ulaw and alaw only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.fake)
			defer server.Close()
			r := find(t, Run(t.Context(), checksOn(house(t, server.URL, c.args...), well()), nil), c.check)
			if r.Status != c.want || !strings.HasSuffix(r.Found, c.found) {
				t.Errorf("got %+v, want %s %s", r, c.want, c.found)
			}
			if (r.Status == Fail || r.Status == Warn) == (r.Mend == "") {
				t.Errorf("the remedy is %q", r.Mend)
			}
		})
	}
}

func TestAsteriskThatDoesNotAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := &patient{s: house(t, "http://"+l.Addr().String()), m: well()}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if r := p.login(ctx); r.Status != Fail || !strings.HasSuffix(r.Found, "does not answer in time") {
		t.Errorf("got %+v", r)
	}
}

func TestMachine(t *testing.T) {
	server := httptest.NewServer(fakeARI{})
	defer server.Close()
	taken := func(string) error {
		return &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	free := func(bytes uint64) func(*machine) {
		return func(m *machine) { m.free = func(string) (uint64, error) { return bytes, nil } }
	}
	facts := func(f postgresFacts, err error) func(*machine) {
		return func(m *machine) {
			m.postgres = func(context.Context, string) (postgresFacts, error) { return f, err }
		}
	}
	badCentre := filepath.Join(t.TempDir(), "bad.yaml")
	write(t, badCentre, "queues: {}")
	noProgram := func(m *machine) {
		m.program = func(string) (string, error) { return "", fs.ErrNotExist }
	}
	for _, c := range []struct {
		name, check string
		ail         func(*machine)
		args        []string
		want        Status
		found       string
	}{
		{"little disk", "data folder", free(3 << 30), nil, Warn, "has 3.0 GB free"},
		{"no disk", "recordings folder", free(100 << 20), nil, Fail, "has 100 MB free"},
		{"disk full", "data folder", free(0), nil, Fail, "has 0 kB free"},
		{"no disk for Asterisk", "raw recordings", free(100 << 20), nil, Fail, "has 100 MB free"},
		{"data is a file", "data folder", nil, []string{"--data", "/etc/passwd"}, Fail, "/etc/passwd is not a folder"},
		{"no raw folder", "raw recordings", nil, []string{"--asterisk-recordings", "/nonexistent/raw"}, Fail, "/nonexistent/raw is not there: Asterisk would record nothing"},
		{"raw folder not set", "raw recordings", nil, []string{"--asterisk-recordings="}, Fail, "not set: conversations cannot be kept"},
		{"raw folder of another", "raw recordings", func(m *machine) { m.uid = func(string) (uint32, bool) { return 4242, true } }, nil, Warn, "does not look writable by asterisk"},
		{"no prompts", "prompts", nil, []string{"--asterisk-sounds", t.TempDir()}, Warn, strings.Join(prompts.Names(), " ")},
		{"prompts not set", "prompts", nil, []string{"--asterisk-sounds="}, Warn, "nobody puts our prompts in place"},
		{"no voice", "speech", noProgram, nil, Warn, "espeak-ng is not installed: prompts are tones instead of words"},
		{"postgres gone", "postgres", facts(postgresFacts{}, errors.New("connection\nrefused")), nil, Fail, "postgres://u:xxxxx@h/d: connection refused"},
		{"postgres old", "postgres", facts(postgresFacts{120003, false, true, 0}, nil), nil, Fail, "version 12 is too old"},
		{"postgres standby", "postgres", facts(postgresFacts{150000, true, true, 0}, nil), nil, Fail, "it can only be read"},
		{"postgres rights", "postgres", facts(postgresFacts{150000, false, false, 0}, nil), nil, Fail, "we may not make tables in it"},
		{"postgres clock", "postgres", facts(postgresFacts{150000, false, true, -3 * time.Second}, nil), nil, Fail, "its clock is -3s from ours"},
		{"private postgres", "postgres", nil, []string{"--database-url="}, OK, "a private one, from /usr/bin"},
		{"no postgres", "postgres", noProgram, []string{"--database-url="}, Fail, "no server is installed, and database_url is not set"},
		{"redis gone", "redis", func(m *machine) {
			m.redis = func(context.Context, string) (string, error) { return "", errors.New("connection refused") }
		}, nil, Fail, "redis://:xxxxx@h: connection refused"},
		{"no redis", "redis", nil, []string{"--redis-url="}, OK, "not used: redis_url is not set, one node needs none"},
		{"clock adrift", "clock", func(m *machine) { m.clock = func() (bool, error) { return false, nil } }, nil, Warn, "but nothing keeps it right"},
		{"clock unknown", "clock", func(m *machine) { m.clock = func() (bool, error) { return false, errors.New("EPERM") } }, nil, Skip, "the kernel does not tell: EPERM"},
		{"clock at zero", "clock", func(m *machine) { m.now = func() time.Time { return time.Unix(0, 0).UTC() } }, nil, Fail, "it shows 1970-01-01"},
		{"few files", "open files", func(m *machine) { m.openFiles = func() (uint64, uint64, error) { return 1024, 2048, nil } }, nil, Warn, "at most 1024 (hard limit 2048); 4096 are wanted"},
		{"no files", "open files", func(m *machine) { m.openFiles = func() (uint64, uint64, error) { return 256, 256, nil } }, nil, Fail, "at most 256 (hard limit 256)"},
		{"port taken", "http address", func(m *machine) { m.listen = taken }, []string{"--http-addr", "127.0.0.1:1"}, Fail, "127.0.0.1:1 is taken by another program"},
		{"port forbidden", "http address", func(m *machine) { m.listen = func(string) error { return syscall.EACCES } }, nil, Fail, "may not be used by this account"},
		{"not our address", "http address", func(m *machine) { m.listen = func(string) error { return syscall.EADDRNOTAVAIL } }, nil, Fail, "is not an address of this machine"},
		{"bad centre", "time zone", nil, []string{"--centre", badCentre}, Fail, badCentre + ":1: queues: names no queue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := well()
			if c.ail != nil {
				c.ail(&m)
			}
			r := find(t, Run(t.Context(), checksOn(house(t, server.URL, c.args...), m), nil), c.check)
			if r.Status != c.want || !strings.Contains(r.Found, c.found) {
				t.Errorf("got %+v, want %s %s", r, c.want, c.found)
			}
			if (r.Status == Fail || r.Status == Warn) == (r.Mend == "") {
				t.Errorf("the remedy is %q", r.Mend)
			}
		})
	}
}

// An address that a running threerings serves is no fault.
func TestServedByOurselves(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewServer(mux)
	defer server.Close()
	addr := server.Listener.Addr().String()
	m := well()
	m.listen = tryListen
	p := &patient{s: house(t, server.URL, "--http-addr", addr), m: m}
	if r := p.httpAddress(t.Context()); r.Status != OK || r.Found != addr+", served by a running threerings" {
		t.Errorf("got %+v", r)
	}
}

func TestRTPPorts(t *testing.T) {
	s := house(t, "http://127.0.0.1:1")
	conf := filepath.Join(s.Asterisk.Sounds, "..", "..", "etc", "asterisk", "rtp.conf")
	p := &patient{s: s, m: well()}
	for _, c := range []struct {
		text string
		want Status
	}{
		{"rtpstart=10000\nrtpend=10099", OK}, {"rtpstart=10000\nrtpend=10050", Warn}, {"rtpstart=20000\nrtpend=10000", Fail},
		{";rtpstart=1\n", OK}, {"rtpstart=10000\nrtpend=70000", Fail},
	} {
		write(t, conf, c.text)
		if r := p.rtpPorts(t.Context()); r.Status != c.want {
			t.Errorf("%q: %+v", c.text, r)
		}
	}
	s.Centre = filepath.Join("..", "..", "examples", "centre.yaml") // six agents
	write(t, conf, "rtpstart=10000\nrtpend=10098")
	if r := p.rtpPorts(t.Context()); r.Status != Fail {
		t.Errorf("too few for the agents: %+v", r)
	}
}

// The functions that ask this very machine answer at all.
func TestThisMachine(t *testing.T) {
	m := thisMachine()
	if free, err := m.free(t.TempDir()); err != nil || free == 0 {
		t.Errorf("free space: %d %v", free, err)
	}
	if soft, hard, err := m.openFiles(); err != nil || soft == 0 || hard < soft {
		t.Errorf("open files: %d %d %v", soft, hard, err)
	}
	if uid, known := m.uid("root"); !known || uid != 0 {
		t.Errorf("root is %d %t", uid, known)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := m.postgres(ctx, "postgres://u:hunter2@127.0.0.1:1/d"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("postgres: %v", err)
	}
	if _, err := m.redis(ctx, "redis://:hunter2@127.0.0.1:1"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("redis: %v", err)
	}
}

func TestWriting(t *testing.T) {
	results := []Result{{"disk", Warn, "3 GB free", "free some"}, {"clock", OK, "fine", ""}, {"asterisk login", Fail, "no", "start it"}}
	var b bytes.Buffer
	for _, r := range results {
		if err := Write(&b, r, false); err != nil {
			t.Fatal(err)
		}
	}
	want := "WARN  disk                  3 GB free\n                            → free some\nOK    clock                 fine\nFAIL  asterisk login        no\n                            → start it\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if ExitCode(results) != 1 || ExitCode(results[:2]) != 0 {
		t.Error("the exit code does not follow FAIL")
	}
	b.Reset()
	if err := WriteJSON(&b, results); err != nil {
		t.Fatal(err)
	}
	var back struct {
		OK      bool
		Results []Result
	}
	if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.OK || len(back.Results) != 3 || back.Results[0] != results[0] {
		t.Errorf("%v %+v", err, back)
	}
}
