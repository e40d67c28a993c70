package dashboard

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost of argon2id: what OWASP asks at least, and about 30 ms here. A hash
// carries its own cost, so this can rise without breaking old ones.
const (
	hashMemory  = 19 * 1024 // KiB
	hashPasses  = 2
	hashThreads = 1
	hashKeyLen  = 32
	hashSaltLen = 16
)

// Limits of what a stored hash may ask for, so that a damaged one cannot take
// the machine down.
const (
	hashMaxMemory = 256 * 1024 // KiB
	hashMaxPasses = 10
)

// MinPassword is the fewest characters of a password that is accepted.
const MinPassword = 8

// MaxPassword bounds the work of a login, in bytes.
const MaxPassword = 256

// HashPassword returns the PHC string of a password, with a new salt.
func HashPassword(password string) (string, error) {
	if n := len([]rune(password)); n < MinPassword || len(password) > MaxPassword {
		return "", fmt.Errorf("hash password: %d characters; give %d or more, in at most %d bytes", n, MinPassword, MaxPassword)
	}
	salt := make([]byte, hashSaltLen)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	key := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashThreads, hashKeyLen)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashThreads,
		b64(salt), b64(key)), nil
}

// CheckPassword reports whether a password belongs to a PHC string of
// HashPassword. The error tells of a string that cannot be one.
func CheckPassword(phc, password string) (bool, error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return false, errors.New("check password: the stored hash is not argon2id in PHC form; set the password again")
	}
	var version int
	var memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, fmt.Errorf("check password: argon2 version %q is not %d; set the password again", parts[2], argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil ||
		memory < 8 || memory > hashMaxMemory || passes < 1 || passes > hashMaxPasses || threads < 1 {
		return false, fmt.Errorf("check password: cost %q is out of bounds; set the password again", parts[3])
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(key) < 16 || len(key) > 64 {
		return false, errors.New("check password: the stored salt or key is damaged; set the password again")
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}
