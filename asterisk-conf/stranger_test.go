package asteriskconf

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// strangers is how many calls a scanner makes in the test.
const strangers = 300

// TestStranger: a call from an address that is neither the trunk nor a phone is
// challenged and reaches no dialplan, a flood of them keeps nobody from the
// control, and each leaves a line that the filter for fail2ban matches: the
// switch's own lists cannot be changed while it runs.
func TestStranger(t *testing.T) {
	t.Parallel()
	in := boot(t, func(p *Params) { p.TrunkNetworks = []string{"192.0.2.0/24"} })
	began := time.Now()
	for range strangers {
		p := newPhone(t, in.Params().SIPPort)
		p.invite("4000")
		p.want(401)
	}
	took := time.Since(began)
	if code, text := ari(t, in, "GET", "/channels", testPassword, ""); code != 200 || strings.TrimSpace(text) != "[]" {
		t.Errorf("a stranger has a channel: %d %s", code, text)
	}
	t.Logf("%d calls of strangers were challenged in %s, %s each with the caller's own part", strangers, took.Round(time.Millisecond), (took / strangers).Round(time.Microsecond))
	conf, err := os.ReadFile(filepath.Join("..", "examples", "fail2ban", "threerings.conf"))
	if err != nil {
		t.Fatal(err)
	}
	_, filter, _ := strings.Cut(string(conf), "failregex = ")
	host := regexp.MustCompile(strings.ReplaceAll(strings.TrimSpace(filter), "<HOST>", `(?P<host>[0-9a-fA-F:.]+)`))
	log, err := os.ReadFile(filepath.Join(in.Params().Dir, "log", "messages"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(log)) {
		if m := host.FindStringSubmatch(line); m != nil {
			found++
			if m[1] != "127.0.0.1" {
				t.Errorf("the filter finds address %q in %s", m[1], line)
			}
		}
	}
	if found != strangers {
		t.Errorf("the filter finds %d of %d calls", found, strangers)
	}
	for _, innocent := range []string{
		`[2026-11-23 02:40:13.516] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'INVITE' from '"x' failed for '192.0.2.9:5060' (callid: 1) - No matching endpoint found" <sip:1@h>' failed for '192.0.2.1:5060' (callid: 2) - No matching endpoint found`,
		`[2026-11-23 02:40:13.516] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'INVITE' from '<sip:1@h>' failed for '192.0.2.1:5060' (callid: 2' failed for '192.0.2.9:5060' (callid: 3) - No matching endpoint found`,
		`[2026-11-23 02:40:13.516] NOTICE[1] loader.c: 117 modules will be loaded.`,
	} {
		if m := host.FindString(innocent); m != "" {
			t.Errorf("the filter takes %q", innocent)
		}
	}
}
