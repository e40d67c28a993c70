package asteriskconf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Params are the settings of one Asterisk. Dir, Prefix and ARIPassword must be given; the zero value
// of every other field means its default. Render and Start refuse what Asterisk would misread.
type Params struct {
	Dir    string // instance folder, absolute; at most 90 bytes (its control socket's path is limited by the kernel)
	Prefix Prefix // the installed Asterisk; see Find

	SystemName string // part of every channel id, so it must differ between Asterisks of one centre; default: from host and Dir
	App        string // Stasis application; default "threerings"

	SIPHost string // address SIP and RTP are bound to; default 127.0.0.1
	SIPPort int    // UDP; default 5060
	// HTTPPort is ARI's, always on 127.0.0.1: ARI hands out SIP passwords (facts 7.1). Default 8088.
	HTTPPort int
	// ManagerPort is on 127.0.0.1 too. Nobody uses it: the manager is asked on HTTPPort. Default 5038.
	ManagerPort int
	ARIUser     string // default "threerings"
	ARIPassword string // letters, digits, '-' and '_'
	RTPFirst    int    // first UDP port for audio, two per channel; default 10000
	RTPLast     int    // default 19999

	Country       string   // whose tones the caller hears, see Countries; default "cn"
	Language      string   // of prompts; default "zh"
	TrunkNetworks []string // addresses or networks calls are taken from without registration; default 127.0.0.0/8
	Trunk         string   // host:port where numbers outside are called; empty: nowhere
	// RescueAfter is how long an application may give no sign of life before callers who wait are taken from
	// it, and RetryFor how long a new caller rings while it is not connected; both then go to the fallback.
	// Whole seconds; default 20 s and 5 s.
	RescueAfter, RetryFor time.Duration
	RTPTimeout            time.Duration // a caller without audio for so long is hung up (facts 1.8); default 30 s, whole seconds
	HoldTimeout           time.Duration // the same for one whose phone holds us; default 15 min, whole seconds

	RecordingDir    string   // raw stereo recordings, one per call: UNIQUEID.raw; default DIR/spool/recording
	MusicDir        string   // music on hold; default: music in the cache beside the root, else the package's
	FallbackMembers []string // dial strings rung when no application is connected, such as PJSIP/1001; none: announcement at once
	AccountPattern  string   // dialplan pattern of agents' account names; default _1XXX
	Verbose         bool     // log every dialplan step and event: for looking at trouble
}

// Countries lists the values Country may have.
func Countries() []string {
	return []string{"au", "br", "cn", "de", "es", "fr", "in", "it", "jp", "sg", "tw", "uk", "us"}
}

const (
	longestDir   = 90 // sun_path has 108 bytes, "/run/asterisk.ctl" needs 17
	versionLimit = 5 * time.Second
)

var (
	wordPattern     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	languagePattern = regexp.MustCompile(`^[a-z]{2}(_[A-Z]{2})?$`)
	pathPattern     = regexp.MustCompile(`^/[A-Za-z0-9/._+@ -]*$`)
	memberPattern   = regexp.MustCompile(`^(PJSIP|Local)/[A-Za-z0-9_./:@-]+$`)
	trunkPattern    = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[1-9][0-9]{0,4}$`)
	accountPattern  = regexp.MustCompile(`^(_[0-9XZN]+|[0-9]+)$`)
)

// filled returns the parameters with defaults in place of zero values.
func (p Params) filled() Params {
	text := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	number := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	host, _ := os.Hostname() // unknown host: the folder alone must do
	sum := sha256.Sum256([]byte(host + "\x00" + p.Dir))
	text(&p.SystemName, "tr"+hex.EncodeToString(sum[:4]))
	text(&p.App, "threerings")
	text(&p.SIPHost, "127.0.0.1")
	number(&p.SIPPort, 5060)
	number(&p.HTTPPort, 8088)
	number(&p.ManagerPort, 5038)
	text(&p.ARIUser, "threerings")
	number(&p.RTPFirst, 10000)
	number(&p.RTPLast, 19999)
	text(&p.Country, "cn")
	text(&p.Language, "zh")
	if p.TrunkNetworks == nil {
		p.TrunkNetworks = []string{"127.0.0.0/8"}
	}
	if p.RTPTimeout == 0 {
		p.RTPTimeout = 30 * time.Second
	}
	if p.HoldTimeout == 0 {
		p.HoldTimeout = 15 * time.Minute
	}
	if p.RescueAfter == 0 {
		p.RescueAfter = 20 * time.Second
	}
	if p.RetryFor == 0 {
		p.RetryFor = 5 * time.Second
	}
	text(&p.RecordingDir, filepath.Join(p.Dir, "spool", "recording"))
	text(&p.AccountPattern, "_1XXX")
	return p
}

// check refuses values that Asterisk would misread or that would open a door: a value with a comma,
// a semicolon or a line break would become other settings. All faults are named at once.
func (p Params) check() error {
	var faults []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	refuse(!filepath.IsAbs(p.Dir) || filepath.Clean(p.Dir) != p.Dir, "instance folder %q: give a clean absolute path", p.Dir)
	refuse(len(p.Dir) > longestDir, "instance folder %q is %d bytes long: choose one of at most %d, for Asterisk's control socket", p.Dir, len(p.Dir), longestDir)
	refuse(p.Prefix.Binary == "", "no Asterisk given: set Prefix to what Find returns")
	for name, path := range map[string]string{"instance folder": p.Dir, "recording folder": p.RecordingDir, "music folder": p.MusicDir} {
		refuse(path != "" && !pathPattern.MatchString(path), "%s %q: use an absolute path of letters, digits, spaces and /._+@-", name, path)
	}
	for name, word := range map[string]string{"system name": p.SystemName, "application name": p.App, "ARI user": p.ARIUser} {
		refuse(!wordPattern.MatchString(word), "%s %q: use 1 to 64 letters, digits, '-' or '_'", name, word)
	}
	refuse(!wordPattern.MatchString(p.ARIPassword), "ARI password (not shown): use 1 to 64 letters, digits, '-' or '_'")
	_, err := netip.ParseAddr(p.SIPHost)
	refuse(err != nil, "SIP address %q: give an IP address of this machine, such as 127.0.0.1 or 0.0.0.0", p.SIPHost)
	for name, port := range map[string]int{"SIP port": p.SIPPort, "HTTP port": p.HTTPPort, "first RTP port": p.RTPFirst, "last RTP port": p.RTPLast} {
		refuse(port < 1 || port > 65535, "%s %d: use 1 to 65535", name, port)
	}
	refuse(p.ManagerPort < 1024 || p.ManagerPort > 65535, "manager port %d: use 1024 to 65535", p.ManagerPort)
	refuse(p.RTPLast-p.RTPFirst < 3, "RTP ports %d-%d: a call needs at least four", p.RTPFirst, p.RTPLast)
	refuse(p.SIPPort >= p.RTPFirst && p.SIPPort <= p.RTPLast, "SIP port %d lies within the RTP ports %d-%d: move one of them", p.SIPPort, p.RTPFirst, p.RTPLast)
	refuse(!slices.Contains(Countries(), p.Country), "country %q: use one of %s", p.Country, strings.Join(Countries(), ", "))
	refuse(!languagePattern.MatchString(p.Language), "language %q: use a code such as zh, en or en_US", p.Language)
	refuse(len(p.TrunkNetworks) == 0, "no trunk networks: name at least one address calls come from")
	for _, network := range p.TrunkNetworks {
		refuse(!isNetwork(network), "trunk network %q: give an address or a network such as 192.0.2.10 or 192.0.2.0/24", network)
	}
	refuse(p.Trunk != "" && !trunkPattern.MatchString(p.Trunk), "trunk %q: give host:port of whoever carries calls to numbers outside, such as 192.0.2.10:5060", p.Trunk)
	refuse(p.RTPTimeout < time.Second || p.RTPTimeout%time.Second != 0, "RTP timeout %s: use whole seconds, at least 1", p.RTPTimeout)
	for name, d := range map[string]time.Duration{"rescue after": p.RescueAfter, "retry for": p.RetryFor} {
		refuse(d < time.Second || d%time.Second != 0, "%s %s: use whole seconds, at least 1", name, d)
	}
	refuse(p.HoldTimeout < time.Second || p.HoldTimeout%time.Second != 0, "RTP timeout on hold %s: use whole seconds, at least 1", p.HoldTimeout)
	for _, member := range p.FallbackMembers {
		refuse(!memberPattern.MatchString(member), "fallback member %q: use a dial string such as PJSIP/1001 or PJSIP/trunk/sip:127.0.0.1:5070", member)
	}
	refuse(!accountPattern.MatchString(p.AccountPattern), "account pattern %q: use a dialplan pattern of digits, X, Z and N, such as _1XXX", p.AccountPattern)
	if len(faults) > 0 {
		return fmt.Errorf("asterisk settings: %w", errors.Join(faults...))
	}
	return nil
}

func isNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

func (p Params) sipHostPort() string { return net.JoinHostPort(p.SIPHost, strconv.Itoa(p.SIPPort)) }
