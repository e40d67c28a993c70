package asteriskconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOptionsAreAnswered(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)
	p := newPhone(t, in.Params().SIPPort)
	p.options()
	p.want(200)
}

// With no application connected a caller is answered and hears something.
func TestFallbackAnswersByItself(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)
	p := newPhone(t, in.Params().SIPPort)
	p.invite("4000")
	p.want(180)
	p.want(200)
	p.hears(450) // China's congestion tone: there is no announcement in this instance
	p.bye()
	p.want(200)
	in.wantSilence(t)
}

// With members the group rings first, and its answer connects the two.
func TestFallbackRingsItsMembers(t *testing.T) {
	t.Parallel()
	member := newPhone(t, 0)
	in := boot(t, func(p *Params) {
		p.FallbackMembers = []string{"PJSIP/trunk/sip:" + member.sip.LocalAddr().String()}
	})
	member.peer.Port = in.Params().SIPPort
	p := newPhone(t, in.Params().SIPPort)
	p.play(440)
	member.play(700)
	p.invite("4000")
	select {
	case <-member.invited:
	case <-time.After(20 * time.Second):
		t.Fatal("the member's phone does not ring")
	}
	if from := header(member.asked(), "From"); !strings.Contains(from, "13800000000") {
		t.Errorf("the member sees %q, want the caller's number", from)
	}
	if pai := header(member.asked(), "P-Asserted-Identity"); !strings.Contains(pai, "13800000000") {
		t.Errorf("P-Asserted-Identity is %q, want the caller's number", pai)
	}
	member.reply("180 Ringing", false)
	p.want(180)
	member.reply("200 OK", true)
	p.want(200)
	p.hears(700)
	member.hears(440)
	p.bye()
	p.want(200)
}

// A feature code with no application must end, too.
func TestFeatureCodeWithoutApplication(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)
	p := newPhone(t, in.Params().SIPPort)
	p.invite("*121")
	p.want(200)
	p.hears(450)
	p.bye()
	p.want(200)
}

// What is dialled must stay one argument, and one file name.
func TestHostileNumbers(t *testing.T) {
	t.Parallel()
	in := boot(t, nil)
	p := newPhone(t, in.Params().SIPPort)
	p.invite("4000,%2e%2e%2fx,evil")
	p.want(200)
	channels, err := in.Command(t.Context(), "core show channels concise")
	if err != nil || !strings.Contains(channels, "!fallback!") {
		t.Errorf("the call is not in the fallback: %v %q", err, channels)
	}
	p.bye()
	p.want(200)
	files, err := filepath.Glob(in.Params().RecordingDir + "/*")
	if err != nil || len(files) != 1 || !strings.HasPrefix(filepath.Base(files[0]), in.Params().SystemName+"-") {
		t.Errorf("recordings %v, %v: want one, named by the channel's id", files, err)
	}
}

// wantSilence fails the test when Asterisk logged a warning or an error, but for those that say that no
// application and no announcement are here.
func (in *Instance) wantSilence(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(in.params.dir("log/messages"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if (strings.Contains(line, "ERROR") || strings.Contains(line, "WARNING")) && !strings.Contains(line, "hreerings") {
			t.Errorf("Asterisk complains: %s", line)
		}
	}
}
