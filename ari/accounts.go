package ari

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// Account is a SIP account that a phone registers with.
type Account struct {
	ID       string // user name and Asterisk endpoint, such as 1001
	Password string
	Name     string        // shown on phones it calls
	Agent    queue.AgentID // whose phone it is; empty: nobody's
}

// FixedPhone is an agent's phone at a fixed SIP address, without registration.
type FixedPhone struct {
	Agent   queue.AgentID
	Address string // host:port
	Name    string
}

// Plan is everything Asterisk must be told beside its files.
type Plan struct {
	Accounts []Account
	Fixed    []FixedPhone
	// Recorded tells of each dialled number whether its calls are kept.
	Recorded map[string]bool
}

// PlanFor makes the plan of a configuration. Passwords are by account.
func PlanFor(c *queue.Config, passwords map[string]string) Plan {
	p := Plan{Recorded: make(map[string]bool, len(c.Numbers))}
	for _, g := range c.Agents {
		switch g.Phone.Kind {
		case queue.PhoneAccount:
			p.Accounts = append(p.Accounts, Account{ID: g.Phone.Value, Password: passwords[g.Phone.Value], Name: g.Name, Agent: g.ID})
		case queue.PhoneFixed:
			p.Fixed = append(p.Fixed, FixedPhone{Agent: g.ID, Address: g.Phone.Value, Name: g.Name})
		}
	}
	for number := range c.Numbers {
		p.Recorded[number] = c.Recorded(number)
	}
	for number := range c.Entrances {
		p.Recorded[number] = c.Recorded(number)
	}
	return p
}

var (
	idPattern     = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
	numberPattern = regexp.MustCompile(`^[0-9+]{1,32}$`)
)

// reservedEndpoint is the endpoint of pjsip.conf for everything unregistered.
const reservedEndpoint = "trunk"

// Validate names everything in the plan that Asterisk would misread.
func (p Plan) Validate() error {
	var faults []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	seen := map[string]bool{}
	for _, a := range p.Accounts {
		refuse(!idPattern.MatchString(a.ID), "account %q: use 1 to 64 letters, digits, '-', '_' or '.'", a.ID)
		refuse(a.ID == reservedEndpoint || strings.HasPrefix(a.ID, fixedPrefix), "account %q: this name has another meaning; choose one that is neither %q nor begins with %q", a.ID, reservedEndpoint, fixedPrefix)
		refuse(a.Password == "", "account %s: give it a password", a.ID)
		refuse(strings.ContainsAny(a.Password, "\r\n\x00"), "account %s: the password has a line break in it", a.ID)
		refuse(seen[a.ID], "account %s: given twice", a.ID)
		seen[a.ID] = true
	}
	for _, f := range p.Fixed {
		refuse(!idPattern.MatchString(string(f.Agent)), "agent %q: an agent with a fixed phone needs an id of letters, digits, '-', '_' or '.'", f.Agent)
		refuse(!isHostPort(f.Address), "phone of agent %s: %q is no address; give host:port such as 192.0.2.7:5060", f.Agent, f.Address)
		refuse(seen[fixedPrefix+string(f.Agent)], "agent %s: two fixed phones", f.Agent)
		seen[fixedPrefix+string(f.Agent)] = true
	}
	for _, n := range slices.Sorted(maps.Keys(p.Recorded)) {
		refuse(!numberPattern.MatchString(n), "number %q: use digits and +", n)
	}
	if len(faults) > 0 {
		return fmt.Errorf("SIP accounts: %w", errors.Join(faults...))
	}
	return nil
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9.:-]+$`)

func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || !hostPattern.MatchString(host) {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 1 && n <= 65535
}

// fixedPrefix begins the endpoints of phones at fixed addresses.
const fixedPrefix = "fixed-"

// endpointOf is the PJSIP endpoint on which an agent is called.
func endpointOf(agent queue.AgentID, p queue.Phone) string {
	if p.Kind == queue.PhoneFixed {
		return fixedPrefix + string(agent)
	}
	return p.Value
}

func (p Plan) devices() devices {
	d := devices{}
	for _, a := range p.Accounts {
		if a.Agent != "" {
			d[a.ID] = device{agent: a.Agent}
		}
	}
	for _, f := range p.Fixed {
		d[fixedPrefix+string(f.Agent)] = device{agent: f.Agent, fixed: f.Address}
	}
	return d
}

// attribute is one line of an object, named as in pjsip.conf.
type attribute struct {
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
}

// objectName is that of a dynamic object of res_pjsip (facts 7.1).
type objectName struct{ kind, id string } // auth, aor, endpoint

func fields(pairs ...string) []attribute {
	out := make([]attribute, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, attribute{pairs[i], pairs[i+1]})
	}
	return out
}

// ownerMark, as account code, tells our endpoints from those of files, so that
// only ours are ever deleted.
const ownerMark = "threerings"

// Limits are when a phone is taken for dead that says nothing (facts 1.8).
type Limits struct {
	// Silence ends the leg of a phone that sends no sound; default 30 s, since
	// some send nothing while they are muted.
	Silence time.Duration
	// Hold is the same while the phone has put the call on hold with its own
	// keys, when it may send nothing; default 15 min.
	Hold time.Duration
	// Qualify is how often a registered phone is asked whether it is there: one
	// that does not answer is offered no calls; default 10 s, negative: never.
	Qualify time.Duration
}

// Defaults of Limits, and how long a phone has to answer when it is asked.
const (
	DefaultSilence = 30 * time.Second
	DefaultHold    = 15 * time.Minute
	DefaultQualify = 10 * time.Second
	qualifyTimeout = 3 * time.Second
)

func (l Limits) filled() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&l.Silence, DefaultSilence)
	def(&l.Hold, DefaultHold)
	def(&l.Qualify, DefaultQualify)
	l.Qualify = max(l.Qualify, 0)
	return l
}

// inSeconds is a limit as pjsip.conf has it: whole seconds, at least one unless
// there is none.
func inSeconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}

// common is what every phone of ours has, in the sense of the trunk in pjsip.conf.
func common(name, number string, l Limits) []attribute {
	return fields(
		"accountcode", ownerMark,
		"context", "from-agents",
		"disallow", "all",
		"allow", "ulaw,alaw",
		"direct_media", "no",
		"rtp_symmetric", "yes",
		"force_rport", "yes",
		"rewrite_contact", "yes",
		"rtp_timeout", inSeconds(l.Silence), // a phone that lost its power ends its call (facts 1.8)
		"rtp_timeout_hold", inSeconds(l.Hold),
		"callerid", callerID(name, number),
		// The caller's number goes to the phone, in From and P-Asserted-Identity.
		"trust_id_outbound", "yes",
		"send_pai", "yes",
		"send_connected_line", "no",
		"trust_connected_line", "no",
		"inband_progress", "no",
		"100rel", "no",
		"timers", "no",
		// A REFER is told to us and does nothing by itself, by what the
		// dialplan and DialAgent say of each call: the endpoint's own set_var
		// is lost in astdb (facts 5.11).
		"allow_transfer", "yes",
		// To whom nobody speaks for a while (on hold, waiting for another) some
		// packets come all the same: telephones hang up without any.
		"rtp_keepalive", "5",
		"allow_subscribe", "no",
		"dtmf_mode", "auto_info",
	)
}

// objects are an account's in res_pjsip.
func (a Account) objects(l Limits) map[objectName][]attribute {
	return map[objectName][]attribute{
		{"auth", a.ID}: fields("auth_type", "userpass", "username", a.ID, "password", a.Password),
		{"aor", a.ID}: fields("max_contacts", "1", "remove_existing", "yes", "minimum_expiration", "30",
			"default_expiration", "120", "qualify_frequency", inSeconds(l.Qualify), "qualify_timeout", inSeconds(qualifyTimeout)),
		{"endpoint", a.ID}: append(common(a.Name, a.ID, l), fields("identify_by", "username", "auth", a.ID, "aors", a.ID)...),
	}
}

func (f FixedPhone) objects(l Limits) map[objectName][]attribute {
	id := fixedPrefix + string(f.Agent)
	return map[objectName][]attribute{
		// Not asked whether it is there: it may be a gateway that answers no such question.
		{"aor", id}: fields("contact", "sip:"+f.Address, "qualify_frequency", "0"),
		// Nobody can come in as this endpoint: a call from the phone is the
		// trunk's, told apart by its address.
		{"endpoint", id}: append(common(f.Name, string(f.Agent), l), fields("identify_by", "header", "aors", id)...),
	}
}
