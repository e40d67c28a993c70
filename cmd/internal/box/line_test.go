package box

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/robot"
)

// TestLinePlaysUntouched: Asterisk plays a spoken line to callers of either law
// in the law they have; nothing is transcoded.
func TestLinePlaysUntouched(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	line := prompts.SurveyQuestion.In(prompts.Chinese) // long enough to be looked at
	b, err := Start(ctx, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Centre: fmt.Appendf(nil, "queues: {a: {name: A, numbers: [\"4000\"], greeting: %s, ring: {country: uk, budget: 1}}}\n", line.Sound())})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := (prompts.Maker{}).Say(ctx, b.Settings.Asterisk.Sounds, []prompts.Line{line}); err != nil {
		t.Fatal(err)
	}
	for codec, name := range map[robot.Codec]string{robot.PCMU: "ulaw", robot.PCMA: "alaw"} {
		caller := newPhone(t, robot.Behaviour{})
		call, err := caller.Call(ctx, robot.CallOptions{To: "sip:4000@" + b.SIP, Codecs: []robot.Codec{codec}})
		if err != nil {
			t.Fatal(err)
		}
		if err := call.WaitAnswered(ctx); err != nil {
			t.Fatal(err)
		}
		for loud := false; !loud; time.Sleep(50 * time.Millisecond) {
			for _, x := range call.Heard(400 * time.Millisecond) {
				loud = loud || x > 3000 || x < -3000
			}
			if ctx.Err() != nil {
				t.Fatalf("%s: nothing is heard", name)
			}
		}
		channels, err := b.Asterisk.Command(ctx, "core show channels concise")
		if err != nil {
			t.Fatal(err)
		}
		_, channels, _ = strings.Cut("\n"+channels, "\nPJSIP/") // beside the dialplan's sentinel
		channel, _, _ := strings.Cut("PJSIP/"+channels, "!")
		shown, err := b.Asterisk.Command(ctx, "core show channel "+channel)
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]string{}
		for text := range strings.Lines(shown) {
			if field, value, ok := strings.Cut(text, ":"); ok {
				fields[strings.TrimSpace(field)] = strings.TrimSpace(value)
			}
		}
		if fields["WriteFormat"] != name || !strings.HasPrefix(fields["WriteTranscode"], "No") {
			t.Errorf("to a caller with %s Asterisk writes %q, transcoding %q:\n%s", name, fields["WriteFormat"], fields["WriteTranscode"], shown)
		}
		call.Hangup()
		if err := call.WaitEnded(ctx); err != nil {
			t.Error(err)
		}
	}
}
