package dashboard

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// One-time codes as every authenticator app makes them (RFC 6238): HMAC-SHA-1,
// 30 seconds, six digits. Apps know no other kind reliably.
const (
	totpStep    = 30 * time.Second
	totpDigits  = 6
	totpSkew    = 1  // steps that a phone's clock may be off, either way
	totpSecret  = 20 // bytes, what RFC 4226 recommends
	totpModulus = 1_000_000
)

// totpAt is the code of a time step (RFC 4226, section 5.3).
func totpAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%0*d", totpDigits, (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%totpModulus)
}

func stepOf(now time.Time) int64 { return now.Unix() / int64(totpStep/time.Second) }

// totpFits finds the time step, around now, that a code belongs to.
func totpFits(secret []byte, code string, now time.Time) (step int64, ok bool) {
	for s := stepOf(now) - totpSkew; s <= stepOf(now)+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(totpAt(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

func newTOTPSecret() []byte {
	secret := make([]byte, totpSecret)
	_, _ = rand.Read(secret)
	return secret
}

// totpText is a secret as it is typed into a phone.
func totpText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// totpURI is a secret as a QR code carries it.
func totpURI(house, user string, secret []byte) string {
	v := url.Values{"secret": {totpText(secret)}, "issuer": {house}}
	// An app shows the plus sign that Go writes for a blank.
	return "otpauth://totp/" + url.PathEscape(house+":"+user) + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")
}

const recoveryCodes = 10

// newRecoveryCodes are codes to be kept on paper, each good for one sign-in,
// and what is kept of them. They are as strong as a first password, so a plain
// hash keeps them.
func newRecoveryCodes() (shown []string, kept [][32]byte) {
	for range recoveryCodes {
		c := firstPassword()
		shown, kept = append(shown, c), append(kept, recoveryHash(c))
	}
	return shown, kept
}

// recoveryHash does not mind how a code was copied from paper.
func recoveryHash(code string) [32]byte {
	return sha256.Sum256([]byte(strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))))
}
