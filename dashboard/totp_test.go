package dashboard

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The counters of RFC 4226, appendix D, and the last six digits of the times
// of RFC 6238, appendix B (SHA-1).
func TestTOTPAgainstTheStandards(t *testing.T) {
	secret := []byte("12345678901234567890")
	for i, want := range strings.Fields("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489") {
		if got := totpAt(secret, int64(i)); got != want {
			t.Errorf("counter %d: %s, want %s", i, got, want)
		}
	}
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totpAt(secret, stepOf(time.Unix(at, 0))); got != want {
			t.Errorf("time %d: %s, want %s", at, got, want)
		}
	}
}

func TestTOTPClocks(t *testing.T) {
	secret, now := newTOTPSecret(), time.Unix(1_800_000_015, 0)
	for off, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		step, ok := totpFits(secret, totpAt(secret, stepOf(now)+off), now)
		if ok != want || ok && step != stepOf(now)+off {
			t.Errorf("a phone %d steps off: %d %t", off, step, ok)
		}
	}
	for _, bad := range []string{"", "12345", "1234567", "abcdef", "１２３４５６"} {
		if _, ok := totpFits(secret, bad, now); ok {
			t.Errorf("%q fits", bad)
		}
	}
}

func TestTOTPAddress(t *testing.T) {
	u, err := url.Parse(totpURI("客服 中心", "li.na@x", []byte("12345678901234567890")))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/客服 中心:li.na@x" || strings.Contains(u.RawQuery, "+") ||
		u.Query().Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || u.Query().Get("issuer") != "客服 中心" {
		t.Errorf("%v %v", u, err)
	}
}

func TestRecoveryCodes(t *testing.T) {
	shown, kept := newRecoveryCodes()
	seen := map[string]bool{}
	for i, c := range shown {
		seen[c] = true
		if recoveryHash(c) != kept[i] || recoveryHash(" "+strings.ToUpper(strings.ReplaceAll(c, "-", " "))) != kept[i] {
			t.Errorf("%s does not fit, however it is written", c)
		}
	}
	if len(seen) != recoveryCodes {
		t.Error(fmt.Sprint("not ten different ones: ", shown))
	}
}
