package settings

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Settings are the settings of a process. Paths are absolute; the empty text
// means "not set" where a field may be so.
type Settings struct {
	Data            string // folder of everything this process keeps
	HTTP            HTTP
	WallboardPublic bool   // the wallboard is shown without a log-in
	DatabaseURL     Secret // empty: a private Postgres under Data
	RedisURL        Secret // empty: one node, no Redis
	Pool            string // the pool this node serves or follows
	Node            string // this node's name in lease, log and metrics
	Asterisk        Asterisk
	Recordings      string // folder of the kept recordings
	RecordingsKey   string // file of the master keys that they are encrypted with
	RecordingsQuota int64  // bytes from which there is an alarm; 0: none
	S3              S3     // where they are kept instead, if its endpoint is set
	Log             Log
	Centre          string // centre.yaml applied when nothing is applied yet; may be empty

	values map[string]string // by key, as they may be shown
}

// HTTP is what is served to browsers.
type HTTP struct {
	Addr    []string // host:port, one or more
	TLSCert string   // PEM file; empty together with TLSKey: plain HTTP
	TLSKey  string
}

// S3 is a bucket of an S3-compatible service.
type S3 struct {
	Endpoint  string // https://host, empty: none
	Bucket    string
	Region    string // empty: the service's own
	AccessKey Secret
	SecretKey Secret // from secret_key or secret_key_file
}

// Asterisk tells how Asterisk is reached and where it keeps files.
type Asterisk struct {
	URL      string // without /ari and without a slash at the end
	User     string
	Password Secret // from password or password_file
	App      string // Stasis application
	Trunk    string // host:port where numbers outside are called; empty: as Asterisk's endpoint "trunk" says
	// When a phone is taken for dead: no sound from it in a conversation, none
	// while it holds with its own keys, and how often it is asked (negative: never).
	Silence, Hold, Qualify time.Duration

	Recordings string // folder of its raw recordings, as we see it; may be empty
	Sounds     string // folder where our prompts are put; may be empty
}

// Log is how the process writes its log.
type Log struct {
	Level  slog.Level
	Format string // "text" or "json"
}

// Secret is a text that is not shown: whatever prints it shows what may be
// shown. Reveal has the text.
type Secret string

// Reveal is the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String is empty for an empty secret, an address without its password, or
// "(not shown)".
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(string(s))
	if err != nil || u.Host == "" && u.Path == "" || u.Scheme == "" || u.Opaque != "" {
		return "(not shown)"
	}
	u.RawQuery, u.Fragment = "", "" // may hold a password too
	return u.Redacted()
}

// GoString is for %#v.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// LogValue is for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String lists all settings, one a line, secrets masked.
func (s Settings) String() string {
	var b strings.Builder
	for _, f := range table {
		fmt.Fprintf(&b, "%s: %s\n", f.key, s.values[f.key])
	}
	return b.String()
}

// LogValue is all settings as a group, secrets masked.
func (s Settings) LogValue() slog.Value {
	attrs := make([]slog.Attr, 0, len(table))
	for _, f := range table {
		attrs = append(attrs, slog.String(f.key, s.values[f.key]))
	}
	return slog.GroupValue(attrs...)
}

// Default is the default of a setting as the file would have it, for commands
// that share one setting with serve.
func Default(key string) string {
	for _, f := range table {
		if f.key == key {
			return f.def
		}
	}
	return ""
}
