package centre

import (
	"reflect"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func TestLimits(t *testing.T) {
	c := mustParse(t, small+`limits:
  per_second: 5
  per_trunk: 30
  trunks: {cmcc: 60, unicom-2: 0}
  per_caller: 20
  ban: {after: 3, for: 1h}
`)
	want := queue.DefaultLimits()
	want.PerSecond, want.PerTrunk, want.PerCaller = 5, 30, 20
	want.Ban.After, want.Ban.For = 3, time.Hour
	want.Trunks = map[string]int{"cmcc": 60, "unicom-2": 0}
	if !reflect.DeepEqual(c.Config.Limits, want) {
		t.Errorf("limits are %+v, want %+v", c.Config.Limits, want)
	}
	for _, wrong := range []string{"per_second: -1", "per_second: 1001", "waiting: few", "ban: {within: 2h}", "ban: {for: 721h}", "ban: {for: 0}", "per_minute: 3",
		"trunks: {cmcc: -1}", "trunks: {cmcc: 100001}", "trunks: {\"a b\": 3}", "trunks: 5"} {
		if c, err := Parse("centre.yaml", []byte(small+"limits: {"+wrong+"}\n")); err == nil {
			t.Errorf("%s is taken: %+v", wrong, c.Config.Limits)
		}
	}
}
