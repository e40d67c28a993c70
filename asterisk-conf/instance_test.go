package asteriskconf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

const testPassword = "s3cret-of-the-test"

// boot starts a real Asterisk for one test and stops it at the end.
func boot(t *testing.T, change func(*Params)) *Instance {
	t.Helper()
	prefix, err := Find("")
	if err != nil {
		t.Fatalf("these tests need a real Asterisk: %v", err)
	}
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ports.Close)
	dir, err := os.MkdirTemp("", "tr-ast-") // short: the socket's path is limited; and mode 0700
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := Params{Dir: dir, Prefix: prefix, ARIPassword: testPassword}
	ports.Apply(&p)
	if change != nil {
		change(&p)
	}
	start := time.Now()
	in, err := Start(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("Asterisk answers ARI, fully booted, after %v", time.Since(start).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := in.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return in
}

// ari sends one request to ARI and returns the status and the body.
func ari(t *testing.T, in *Instance, method, path, password, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, in.ARIURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if password != "" {
		req.SetBasicAuth(in.Params().ARIUser, password)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestAsteriskRuns(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)

	if code, body := ari(t, in, "GET", "/asterisk/ping", testPassword, ""); code != 200 {
		t.Errorf("ping with the password: %d %s", code, body)
	}
	if code, _ := ari(t, in, "GET", "/asterisk/ping", "", ""); code != 401 {
		t.Errorf("ping without a password: %d, want 401", code)
	}
	if code, _ := ari(t, in, "GET", "/asterisk/ping", "wrong", ""); code != 401 {
		t.Errorf("ping with a wrong password: %d, want 401", code)
	}
	version, err := in.Command(t.Context(), "core show version")
	if err != nil || !strings.HasPrefix(version, "Asterisk ") {
		t.Errorf("core show version: %q, %v", version, err)
	}
	if version, err := in.Params().Prefix.Version(t.Context()); err != nil || !Enough(version) {
		t.Errorf("the program says it is version %q, %v", version, err)
	}
	plan, err := in.Command(t.Context(), "dialplan show fallback")
	if err != nil || !strings.Contains(plan, "Playback(threerings/fallback)") {
		t.Errorf("the fallback is not in the dialplan: %v\n%s", err, plan)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", in.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(status), "\nUid:\t0\t") {
		t.Error("Asterisk runs as root")
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "Threads") || strings.HasPrefix(line, "CapEff") {
			t.Log(strings.TrimSpace(line))
		}
	}
	messages, err := os.ReadFile(in.params.dir("log/messages"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(messages)) {
		if strings.Contains(line, "ERROR") || strings.Contains(line, "WARNING") {
			t.Errorf("Asterisk complains about its configuration: %s", line)
		}
	}
}

func TestAccountsArePushedAndKept(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)
	push := func(kind, id, fields string) {
		t.Helper()
		path := "/asterisk/config/dynamic/res_pjsip/" + kind + "/" + id
		if code, body := ari(t, in, "PUT", path, testPassword, `{"fields":[`+fields+`]}`); code != 200 {
			t.Errorf("PUT %s: %d %s", path, code, body)
		}
	}
	push("auth", "1001", `{"attribute":"auth_type","value":"userpass"},{"attribute":"username","value":"1001"},{"attribute":"password","value":"pw"}`)
	push("aor", "1001", `{"attribute":"max_contacts","value":"1"}`)
	push("endpoint", "1001", `{"attribute":"context","value":"from-agents"},{"attribute":"disallow","value":"all"},{"attribute":"allow","value":"ulaw,alaw"},`+
		`{"attribute":"auth","value":"1001"},{"attribute":"aors","value":"1001"}`)
	for _, when := range []string{"after the push", "after a restart"} {
		if code, body := ari(t, in, "GET", "/endpoints/PJSIP/1001", testPassword, ""); code != 200 {
			t.Errorf("%s the account is not there: %d %s", when, code, body)
		}
		if when == "after a restart" {
			break
		}
		if err := in.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		again, err := Start(t.Context(), in.Params())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { again.Stop(context.Background()) })
		in = again
	}
}

func TestTwoInstancesAtOnce(t *testing.T) {
	t.Parallel()
	a, b := boot(t, nil), boot(t, nil)
	if a.Params().SystemName == b.Params().SystemName {
		t.Error("both have one system name: their channel ids could be the same")
	}
	for _, in := range []*Instance{a, b} {
		if code, _ := ari(t, in, "GET", "/asterisk/ping", testPassword, ""); code != 200 {
			t.Errorf("instance in %s does not answer: %d", in.Params().Dir, code)
		}
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code, _ := ari(t, b, "GET", "/asterisk/ping", testPassword, ""); code != 200 {
		t.Errorf("stopping one instance took the other with it: %d", code)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)
	start := time.Now()
	if err := in.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped after %v", time.Since(start).Round(time.Millisecond))
	if err := syscall.Kill(-in.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("something is left in Asterisk's process group: %v", err)
	}
	if err := in.Stop(t.Context()); err != nil {
		t.Errorf("stopping twice: %v", err)
	}
}

// A run that was killed leaves its Asterisk behind; the next one must get its folder and ports back.
func TestStaleInstanceIsEnded(t *testing.T) {
	t.Parallel()
	old := boot(t, nil)
	again, err := Start(t.Context(), old.Params())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop(context.Background())
	select {
	case <-old.Ended():
	default:
		t.Error("the old Asterisk still runs")
	}
}

func TestForeignProcessIsNeverTouched(t *testing.T) {
	p := good(t)
	if err := os.MkdirAll(p.dir("run"), 0o755); err != nil {
		t.Fatal(err)
	}
	// Our own process stands for any program that was given the old process id.
	if err := os.WriteFile(p.dir("run/asterisk.pid"), fmt.Append(nil, os.Getpid()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := endStale(t.Context(), p); err != nil {
		t.Error(err)
	}
}

func TestStartSaysWhyNot(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)
	p := in.Params()
	p.Dir = t.TempDir()
	if _, err := Start(t.Context(), p); err == nil || !strings.Contains(err.Error(), "SIP port") {
		t.Errorf("with the port taken: got %v, want a sentence about the SIP port", err)
	}
}
