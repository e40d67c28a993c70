package centre

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

func TestRetention(t *testing.T) {
	c := mustParse(t, small+"retention: {days: 180, queues: {support: 365}, classes: {voicemail: 90, complaint: 0}}\n")
	want := Retention{Days: 180, Queues: map[queue.QueueID]int{"support": 365}, Classes: map[string]int{"voicemail": 90, "complaint": 0}}
	if d := cmp.Diff(want, c.Retention); d != "" {
		t.Error(d)
	}
	if got := retentionText(want); got != "180 days, queue support 365 days, complaint for ever, voicemail 90 days" {
		t.Errorf("as people read it: %q", got)
	}
	for wrong, why := range map[string]string{
		"days: -1":                "0 to 36525",
		"queues: {none: 1}":       `there is no queue "none"`,
		"classes: {none: 1}":      `there is no category "none"`,
		"classes: {voicemail: x}": "0 to 36525",
		"weeks: 2":                "weeks",
	} {
		if _, err := Parse("centre.yaml", []byte(small+"retention: {"+wrong+"}\n")); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", wrong, err, why)
		}
	}
}
