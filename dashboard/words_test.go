package dashboard

import (
	"os"
	"strings"
	"testing"

	"github.com/threerings/threerings/queue"
)

// TestEveryEventHasWords: what a call's page can show of its timeline has a name
// in both languages.
func TestEveryEventHasWords(t *testing.T) {
	silent := map[string]bool{"FeatureUsed": true, "FeatureEnded": true}
	for _, file := range []string{"zh.ts", "en.ts"} {
		text, err := os.ReadFile("web/src/i18n/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range queue.EventTypes() {
			_, call := e.FieldByName("Call")
			_, offer := e.FieldByName("Offer")
			if (call || offer) && !silent[e.Name()] && !strings.Contains(string(text), "'event."+e.Name()+"'") {
				t.Errorf("%s has no words for %s: add 'event.%s'", file, e.Name(), e.Name())
			}
		}
	}
}
