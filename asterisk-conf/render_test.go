package asteriskconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// good are parameters that Render accepts, with a made-up installed Asterisk.
func good(t *testing.T) Params {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"usr/sbin/asterisk", "usr/lib/x86_64-linux-gnu/asterisk/modules/res_ari.so",
		"usr/share/asterisk/documentation/core-en_US.xml", "lib64/ld-linux-x86-64.so.2"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	prefix, err := At(root)
	if err != nil {
		t.Fatal(err)
	}
	return Params{Dir: t.TempDir(), Prefix: prefix, ARIPassword: "x"}.filled()
}

func TestRenderRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		break_ func(*Params)
		want   string
	}{
		"relative folder":      {func(p *Params) { p.Dir = "here" }, "absolute path"},
		"long folder":          {func(p *Params) { p.Dir = "/" + strings.Repeat("x", 100) }, "at most 90"},
		"no asterisk":          {func(p *Params) { p.Prefix = Prefix{} }, "Find"},
		"no password":          {func(p *Params) { p.ARIPassword = "" }, "ARI password"},
		"password with line":   {func(p *Params) { p.ARIPassword = "x\nread_only=no" }, "ARI password"},
		"user with bracket":    {func(p *Params) { p.ARIUser = "a]" }, "ARI user"},
		"app with comma":       {func(p *Params) { p.App = "a,b" }, "application name"},
		"system name":          {func(p *Params) { p.SystemName = "a/b" }, "system name"},
		"SIP host name":        {func(p *Params) { p.SIPHost = "localhost" }, "IP address"},
		"SIP port":             {func(p *Params) { p.SIPPort = 70000 }, "SIP port 70000"},
		"SIP in RTP":           {func(p *Params) { p.SIPPort = p.RTPFirst }, "within the RTP ports"},
		"few RTP ports":        {func(p *Params) { p.RTPLast = p.RTPFirst + 1 }, "at least four"},
		"country":              {func(p *Params) { p.Country = "xx" }, "use one of au, br"},
		"language":             {func(p *Params) { p.Language = "Chinese" }, "language"},
		"network":              {func(p *Params) { p.TrunkNetworks = []string{"everywhere"} }, "trunk network"},
		"trunk without port":   {func(p *Params) { p.Trunk = "192.0.2.1" }, "trunk \"192.0.2.1\""},
		"trunk with line":      {func(p *Params) { p.Trunk = "h:1\nx=y" }, "host:port"},
		"no network":           {func(p *Params) { p.TrunkNetworks = []string{} }, "no trunk networks"},
		"hold timeout":         {func(p *Params) { p.HoldTimeout = 1500 * time.Millisecond }, "whole seconds"},
		"RTP timeout":          {func(p *Params) { p.RTPTimeout = 1500 * time.Millisecond }, "whole seconds"},
		"member with commas":   {func(p *Params) { p.FallbackMembers = []string{"PJSIP/1,30,g"} }, "fallback member"},
		"account pattern":      {func(p *Params) { p.AccountPattern = "_." }, "account pattern"},
		"recording, semicolon": {func(p *Params) { p.RecordingDir = "/rec;x" }, "recording folder"},
	} {
		t.Run(name, func(t *testing.T) {
			p := good(t)
			c.break_(&p)
			err := Render(p)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			if err != nil && p.ARIPassword != "x" && p.ARIPassword != "" && strings.Contains(err.Error(), p.ARIPassword) {
				t.Error("the error shows the password")
			}
		})
	}
}

func TestRenderWritesWhatWasAsked(t *testing.T) {
	p := good(t)
	p.FallbackMembers = []string{"PJSIP/1001", "PJSIP/trunk/sip:127.0.0.1:5070"}
	p.TrunkNetworks = []string{"192.0.2.0/24", "198.51.100.7"}
	if err := Render(p); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"extensions.conf":  "Dial(PJSIP/1001&PJSIP/trunk/sip:127.0.0.1:5070,30)",
		"pjsip.conf":       "match = 192.0.2.0/24\nmatch = 198.51.100.7\n",
		"modules.conf":     "load = res_ari.so\n",
		"indications.conf": "country = cn\n",
		"ari.conf":         "password = x\n",
		"asterisk.conf":    "systemname = " + p.SystemName + "\n",
	} {
		text, err := os.ReadFile(filepath.Join(p.confDir(), file))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q", file, want)
		}
	}
	info, err := os.Stat(p.confDir())
	if err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("the folder with the passwords is open to others: %v %v", info.Mode(), err)
	}
	if err := Render(p); err != nil {
		t.Errorf("rendering a second time: %v", err)
	}
}

func TestEveryCountryHasItsTones(t *testing.T) {
	for _, country := range Countries() {
		p := good(t)
		p.Country = country
		files, err := renderAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(files["indications.conf"]), "\n["+country+"]\n") {
			t.Errorf("indications.conf has no section for %s", country)
		}
	}
}

func TestFindSaysWhatToDo(t *testing.T) {
	t.Setenv("THREERINGS_ASTERISK_ROOT", t.TempDir())
	if _, err := Find(""); err == nil || !strings.Contains(err.Error(), "THREERINGS_ASTERISK_ROOT") {
		t.Errorf("got %v, want an error that names the variable", err)
	}
}

// A port that somebody asked for is not given away as one of a block.
func TestPortsLeaveOthersAlone(t *testing.T) {
	first, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	wanted := first.RTPFirst + 100
	first.Close()
	p, err := FreePorts(wanted)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if wanted >= p.SIP-1 && wanted <= p.RTPLast {
		t.Errorf("port %d is wanted, and the block is %+v", wanted, p)
	}
}

func TestPortsAreReservedForOne(t *testing.T) {
	a, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if a.RTPLast >= b.SIP && b.RTPLast >= a.SIP {
		t.Errorf("two reservations overlap: %+v and %+v", a, b)
	}
}
