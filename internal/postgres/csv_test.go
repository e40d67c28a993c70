package postgres

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/threerings/threerings/queue"
)

// TestNoFormulaInCSV: a caller's name is data in a spreadsheet too.
func TestNoFormulaInCSV(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "li": "li", "a=b": "a=b", "+8613800138000": "+8613800138000", "13800138000": "13800138000",
		`=HYPERLINK("http://x")`: `'=HYPERLINK("http://x")`, "+1+cmd|x": "'+1+cmd|x", "+": "'+", "-1": "'-1", "@SUM(1)": "'@SUM(1)",
		"\t=1": "'\t=1", "\r=1": "'\r=1", "＝1+1": "'＝1+1",
	} {
		var name, out = queue.CallID(text), bytes.Buffer{}
		rows := csvRows{w: csv.NewWriter(&out)}
		if err := rows.row([]any{word(&name), stamp{&dayStart}}); err != nil {
			t.Fatal(err)
		}
		if err := rows.end(); err != nil {
			t.Fatal(err)
		}
		line, err := csv.NewReader(&out).Read()
		if err != nil || line[0] != want {
			t.Errorf("%q is exported as %q (%v), want %q", text, line, err, want)
		}
	}
}
