package settings

import (
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// kind is the type of a setting.
type kind string

const (
	text   kind = "TEXT"
	secret kind = "SECRET"
	truth  kind = "BOOL"
	span   kind = "TIME"
	list   kind = "LIST" // in YAML a list or one text, elsewhere with commas
	folder kind = "FOLDER"
	file   kind = "FILE" // must be readable
)

// field is one setting. apply puts a value that is not empty into Settings, or
// says what it must be.
type field struct {
	key, def string
	kind     kind
	doc      string
	env      string // a further variable, weaker than our own
	apply    func(*Settings, string) error
}

// table is every setting, in the order of help and example.
var table = []field{
	{key: "data", def: "./.threerings/data", kind: folder, doc: "folder of everything this process keeps; made if it is missing",
		apply: func(s *Settings, v string) error { s.Data = v; return nil }},
	{key: "http.addr", def: "127.0.0.1:8080", kind: list, doc: "addresses to serve pages and API on, host:port",
		apply: func(s *Settings, v string) error { return addresses(&s.HTTP.Addr, v) }},
	{key: "http.tls_cert", kind: file, doc: "certificate chain (PEM) for HTTPS; needs http.tls_key",
		apply: func(s *Settings, v string) error { s.HTTP.TLSCert = v; return nil }},
	{key: "http.tls_key", kind: file, doc: "private key (PEM) for HTTPS; needs http.tls_cert",
		apply: func(s *Settings, v string) error { s.HTTP.TLSKey = v; return nil }},
	{key: "wallboard_public", def: "false", kind: truth, doc: "show the wallboard without a log-in, for a television on the wall",
		apply: func(s *Settings, v string) error { s.WallboardPublic = v == "true"; return nil }},
	{key: "database_url", kind: secret, env: "DATABASE_URL", doc: "Postgres, such as postgres://user:password@host:5432/name; empty: a private one in the data folder",
		apply: func(s *Settings, v string) error {
			s.DatabaseURL = Secret(v)
			return address(v, "postgres://user:password@host:5432/name", "postgres", "postgresql")
		}},
	{key: "redis_url", kind: secret, env: "REDIS_URL", doc: "Redis, such as redis://host:6379/0, for more than one node; empty: none",
		apply: func(s *Settings, v string) error {
			s.RedisURL = Secret(v)
			return address(v, "redis://host:6379/0", "redis", "rediss", "unix")
		}},
	{key: "pool", def: "main", kind: text, doc: "the pool of queues and agents that this node serves",
		apply: func(s *Settings, v string) error { s.Pool = v; return word(v) }},
	{key: "node", kind: text, doc: "name of this node; empty: the machine's host name",
		apply: func(s *Settings, v string) error { s.Node = v; return word(v) }},
	{key: "asterisk.url", def: "http://127.0.0.1:8088", kind: text, doc: "Asterisk's HTTP server",
		apply: func(s *Settings, v string) error {
			s.Asterisk.URL = strings.TrimSuffix(strings.TrimRight(v, "/"), "/ari")
			u, err := url.Parse(v)
			if err == nil && u.User != nil {
				return fmt.Errorf("must not contain a password: give asterisk.user and asterisk.password")
			}
			return address(v, "http://127.0.0.1:8088", "http", "https")
		}},
	{key: "asterisk.user", def: "threerings", kind: text, doc: "user in ari.conf",
		apply: func(s *Settings, v string) error { s.Asterisk.User = v; return word(v) }},
	{key: "asterisk.password", kind: secret, doc: "password in ari.conf; better in a file of its own, see the next key",
		apply: func(s *Settings, v string) error { s.Asterisk.Password = Secret(v); return nil }},
	{key: "asterisk.password_file", kind: file, doc: "file that holds the password and nothing else",
		apply: func(s *Settings, v string) error { return passwordFrom(&s.Asterisk.Password, v) }},
	{key: "asterisk.app", def: "threerings", kind: text, doc: "name of the Stasis application in the dialplan",
		apply: func(s *Settings, v string) error { s.Asterisk.App = v; return word(v) }},
	{key: "asterisk.trunk", kind: text, doc: "host:port of whoever carries calls to numbers outside; empty: where Asterisk's endpoint trunk has its contact",
		apply: func(s *Settings, v string) error { s.Asterisk.Trunk = v; return trunk(v) }},
	{key: "asterisk.silence", def: "30s", kind: span, doc: "an agent's phone that sends no sound for so long in a conversation is dead; whole seconds",
		apply: func(s *Settings, v string) error { return seconds(&s.Asterisk.Silence, v, 5*time.Second) }},
	{key: "asterisk.hold", def: "15m", kind: span, doc: "the same while the phone holds the call with its own keys, when it may send nothing",
		apply: func(s *Settings, v string) error { return seconds(&s.Asterisk.Hold, v, 5*time.Second) }},
	{key: "asterisk.qualify", def: "10s", kind: span, doc: "how often a registered phone is asked whether it is there: one that does not answer is offered no calls; never: not at all",
		apply: func(s *Settings, v string) error {
			if s.Asterisk.Qualify = -1; v == "never" {
				return nil
			}
			return seconds(&s.Asterisk.Qualify, v, time.Second)
		}},
	{key: "asterisk.recordings", kind: folder, doc: "folder where Asterisk writes raw recordings, as this process sees it",
		apply: func(s *Settings, v string) error { s.Asterisk.Recordings = v; return nil }},
	{key: "asterisk.sounds", kind: folder, doc: "folder where prompts are put for Asterisk to play",
		apply: func(s *Settings, v string) error { s.Asterisk.Sounds = v; return nil }},
	{key: "recordings", kind: folder, doc: "folder of the kept recordings; empty: recordings in the data folder",
		apply: func(s *Settings, v string) error { s.Recordings = v; return nil }},
	{key: "recordings_key", kind: folder, doc: "file of the master keys that recordings are encrypted with: keep a copy elsewhere; empty: recordings.key in the data folder",
		apply: func(s *Settings, v string) error { s.RecordingsKey = v; return nil }},
	{key: "recordings_quota", kind: text, doc: "how much room the recordings may take, such as 500G (K, M, G, T, of 1024): an alarm from 90% on; they are kept all the same; empty: no alarm",
		apply: func(s *Settings, v string) (err error) { s.RecordingsQuota, err = size(v); return err }},
	{key: "s3.endpoint", kind: text, doc: "S3-compatible service where recordings are kept instead of the folder, such as https://s3.example.com; empty: the folder",
		apply: func(s *Settings, v string) error {
			s.S3.Endpoint = v
			u, err := url.Parse(v)
			if err == nil && u.User != nil {
				return fmt.Errorf("must not contain a password: give s3.access_key and s3.secret_key")
			}
			return address(v, "https://s3.example.com", "http", "https")
		}},
	{key: "s3.bucket", kind: text, doc: "bucket of the recordings, which must be there",
		apply: func(s *Settings, v string) error { s.S3.Bucket = v; return word(v) }},
	{key: "s3.region", kind: text, doc: "region, where the service asks for one",
		apply: func(s *Settings, v string) error { s.S3.Region = v; return word(v) }},
	{key: "s3.access_key", kind: secret, doc: "id of the key that may read, write, list and delete there",
		apply: func(s *Settings, v string) error { s.S3.AccessKey = Secret(v); return nil }},
	{key: "s3.secret_key", kind: secret, doc: "the key itself; better in a file of its own, see the next key",
		apply: func(s *Settings, v string) error { s.S3.SecretKey = Secret(v); return nil }},
	{key: "s3.secret_key_file", kind: file, doc: "file that holds the secret key and nothing else",
		apply: func(s *Settings, v string) error { return passwordFrom(&s.S3.SecretKey, v) }},
	{key: "log.level", def: "info", kind: text, doc: "debug, info, warn or error",
		apply: func(s *Settings, v string) error { return level(&s.Log.Level, v) }},
	{key: "log.format", def: "text", kind: text, doc: "text or json",
		apply: func(s *Settings, v string) error {
			s.Log.Format = v
			if v != "text" && v != "json" {
				return fmt.Errorf("must be text or json, not %q", v)
			}
			return nil
		}},
	{key: "centre", kind: file, doc: "centre.yaml to apply at the start when nothing has been applied yet",
		apply: func(s *Settings, v string) error { s.Centre = v; return nil }},
}

// variable is the environment variable of a setting.
func (f field) variable() string {
	return "THREERINGS_" + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

// flag is the name on the command line.
func (f field) flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(f.key) }

// set checks and applies one value; empty means the default.
func (f field) set(s *Settings, value string) error {
	if value == "" {
		value = f.def
	}
	if value != "" && (f.kind == folder || f.kind == file) {
		path, err := filepath.Abs(value)
		if err != nil {
			return fmt.Errorf("must be a path: %w", err)
		}
		value = path
	}
	if f.kind == truth && value != "true" && value != "false" {
		return fmt.Errorf("must be true or false, not %q", value)
	}
	if value != "" && f.kind == file {
		if err := readable(value); err != nil {
			return err
		}
	}
	s.values[f.key] = value
	if f.kind == secret {
		s.values[f.key] = Secret(value).String()
	}
	if value == "" {
		return nil // the field has its zero value: only defaults come before
	}
	return f.apply(s, value)
}

func readable(path string) error {
	r, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("must be a file that can be read: %w", err)
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return fmt.Errorf("must be a file that can be read: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("must be a file, and %s is a folder", path)
	}
	return nil
}

var wordPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func word(v string) error {
	if !wordPattern.MatchString(v) {
		return fmt.Errorf("must be 1 to 64 letters, digits, '.', '_' or '-', not %q", v)
	}
	return nil
}

// address checks a URL without showing it: it may hold a password.
func address(v, example string, schemes ...string) error {
	u, err := url.Parse(v)
	if err == nil {
		for _, scheme := range schemes {
			if u.Scheme == scheme && (u.Host != "" || scheme == "unix" || strings.HasPrefix(scheme, "postgres")) {
				return nil
			}
		}
	}
	return fmt.Errorf("must be an address such as %s", example)
}

func addresses(to *[]string, v string) error {
	var all []string
	for one := range strings.SplitSeq(v, ",") {
		one = strings.TrimSpace(one)
		_, port, err := net.SplitHostPort(one)
		n, portErr := strconv.Atoi(port)
		if err != nil || portErr != nil || n < 0 || n > 65535 {
			return fmt.Errorf("must be host:port such as 127.0.0.1:8080 or :8080, not %q", one)
		}
		all = append(all, one)
	}
	*to = all
	return nil
}

var trunkPattern = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[1-9][0-9]{0,4}$`)

func trunk(v string) error {
	if !trunkPattern.MatchString(v) {
		return fmt.Errorf("must be host:port such as 192.0.2.10:5060, not %q", v)
	}
	return nil
}

func seconds(to *time.Duration, v string, least time.Duration) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > 24*time.Hour || d%time.Second != 0 {
		return fmt.Errorf("must be a time in whole seconds from %s to 24h, such as 15s or 5m, not %q", least, v)
	}
	*to = d
	return nil
}

func level(to *slog.Level, v string) error {
	switch v {
	case "debug", "info", "warn", "error":
		return to.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("must be debug, info, warn or error, not %q", v)
}

func passwordFrom(to *Secret, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("must be a file that can be read: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" || strings.ContainsAny(password, "\r\n\x00") {
		return fmt.Errorf("must hold the password in one line and nothing else")
	}
	*to = Secret(password)
	return nil
}

// size reads an amount of bytes: 500G, 2T, 1048576.
func size(v string) (int64, error) {
	const units = "KMGT"
	number, factor := v, int64(1)
	if i := strings.IndexByte(units, v[len(v)-1]); i >= 0 {
		number, factor = v[:len(v)-1], int64(1)<<(10*(i+1))
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("must be an amount such as 500G or 2T, not %q", v)
	}
	return n * factor, nil
}
