package centre

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// DefaultTimeZone is the calendar of a house that names none.
const DefaultTimeZone = "Asia/Shanghai"

// Roles of a user.
const (
	RoleSupervisor    = "supervisor"
	RoleAgent         = "agent"
	RoleQA            = "qa"
	RoleAdministrator = "administrator"
)

// Roles lists every role.
func Roles() []string { return []string{RoleSupervisor, RoleAgent, RoleQA, RoleAdministrator} }

// Centre is the house as its file describes it.
type Centre struct {
	Config   queue.Config
	Name     string // zh-CN
	NameEN   string
	TimeZone string // name in the IANA database; its days are the days of the figures
	Accounts []Account
	Users    []User
	Teams    []Team
	// SecondFactor lists the roles that must have one to sign in to the pages.
	SecondFactor []string
	Retention    Retention
	Prompts      []prompts.Line // what the switch must be able to say; made before the centre is in force
	Text         []byte         // the file, passwords included
}

// Account is a SIP account with which an agent's phone registers.
type Account struct {
	Agent    queue.AgentID
	Account  string
	Password string
}

// User may log in to the pages. Either Password or PasswordHash is set.
type User struct {
	Name         string
	Role         string        // one of the roles
	Agent        queue.AgentID // whose pages; always set for RoleAgent
	Password     string
	PasswordHash string // argon2id in PHC form
	// Teams are those to which a supervisor is limited; none: all agents.
	Teams []string
}

var (
	idPattern      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$`)
	numberPattern  = regexp.MustCompile(`^\+?[0-9]{1,20}$`)
	outsidePattern = regexp.MustCompile(`^\+?[0-9]{2,32}$`)
	codePattern    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	soundPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$`)
	classPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	userPattern    = regexp.MustCompile(`^[\pL\pN][\pL\pN._@-]{0,63}$`)
	hashPattern    = regexp.MustCompile(`^\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$`)
)

const (
	idRule     = "1 to 32 letters, digits, '.', '_' or '-', beginning with a letter or digit"
	numberRule = "a number of 1 to 20 digits, with or without a leading +"

	longestName  = 64 // letters
	minPassword  = 8  // the same as for logging in to the pages
	maxPassword  = 128
	accountTrunk = "trunk"  // the endpoint of everything that does not register
	accountFixed = "fixed-" // begins the endpoints of fixed phones
)

// Parse reads a centre file; the name is for the messages. The error is a
// strictyaml.Problems that lists everything that is wrong.
func Parse(file string, data []byte) (*Centre, error) {
	return read(strictyaml.Read(file, data), file, data)
}

func read(root *strictyaml.Node, file string, data []byte) (*Centre, error) {
	p := &parser{
		c:       &Centre{Text: bytes.Clone(data)},
		queues:  map[queue.QueueID]bool{},
		agents:  map[queue.AgentID]bool{},
		numbers: map[string]int{},
		phones:  map[queue.Phone]taken{},
		hours:   map[string]*queue.Hours{},
		menus:   map[queue.MenuID]bool{},
	}
	p.c.Config.Numbers = map[string]queue.QueueID{}
	f := root.Fields()
	p.house(f.Get("centre"))
	p.readHours(f.Get("hours"))
	p.readQueues(f.Need("queues", "name at least one queue"))
	p.readMenus(f.Get("menus"))
	p.readAgents(f.Get("agents"))
	p.emergencies(f.Get("emergency"))
	p.checkSkills()
	p.priority(f.Get("priority"))
	p.checkLevels()
	p.limits(f.Get("limits"))
	p.reasons(f.Get("reasons"))
	p.categories(f.Get("categories"))
	p.retention(f.Get("retention"))
	p.readTeams(f.Get("teams"))
	p.users(f.Get("users"))
	f.Close()
	if err := root.Err(); err != nil {
		return nil, err
	}
	version, err := fingerprint(p.c.Config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p.c.Config.Version = version
	// What the core would refuse must not get past this reader either.
	if err := p.c.Config.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p.c, nil
}

// fingerprint names a configuration by its content: comments, order of keys
// and passwords do not count.
func fingerprint(c queue.Config) (string, error) {
	c.Version = ""
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("naming the configuration: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6]), nil
}

// parser carries what later parts of the file are checked against.
type parser struct {
	c       *Centre
	queues  map[queue.QueueID]bool
	agents  map[queue.AgentID]bool
	numbers map[string]int // to the line that names it
	phones  map[queue.Phone]taken
	hours   map[string]*queue.Hours
	ways    []way
	wanted  []wanted
	menus   map[queue.MenuID]bool
	leads   []leading
	levels  []wantedLevel
	// language is what the house speaks by itself, english its name there, if it
	// gave one.
	language, english string
}

// taken tells where a phone was first named.
type taken struct {
	agent queue.AgentID
	line  int
}

func (p *parser) house(n *strictyaml.Node) {
	f := n.Fields()
	c := p.c
	c.Name = name(f.Get("name"), "客服中心")
	c.NameEN = name(f.Get("name_en"), c.Name)
	zone := f.Get("timezone")
	c.TimeZone = zone.Text(DefaultTimeZone)
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" || c.TimeZone == "Local" {
		zone.Refuse("there is no time zone %q; give one such as Asia/Shanghai", c.TimeZone)
	}
	p.english = f.Get("name_en").Text("")
	p.language = f.Get("language").OneOf(prompts.Chinese, prompts.Chinese, prompts.English, prompts.Chinese+"+"+prompts.English, prompts.English+"+"+prompts.Chinese)
	c.SecondFactor = rolesWithFactor(f.Get("second_factor"))
	c.Config.MessageLimit = f.Get("message_limit").Duration(0, 5*time.Second)
	c.Config.Country = country(f.Get("country"), queue.DefaultCountry)
	f.Close()
}

// rolesWithFactor are the roles that must have a second factor.
func rolesWithFactor(n *strictyaml.Node) (roles []string) {
	for _, item := range n.Items() {
		role := item.OneOf("", Roles()...)
		if role != "" && slices.Contains(roles, role) {
			item.Refuse("%s is named twice", role)
		}
		roles = append(roles, role)
	}
	return roles
}

// country is the key of a ringing cadence (R1.3).
func country(n *strictyaml.Node, missing string) string {
	return n.OneOf(missing, strings.Fields(queue.Countries())...)
}

// name is a text for people.
func name(n *strictyaml.Node, missing string) string {
	text := n.Text(missing)
	switch {
	case n == nil:
	case strings.TrimSpace(text) == "":
		n.Refuse("must not be empty")
	case len([]rune(text)) > longestName:
		n.Refuse("must be at most %d letters long", longestName)
	}
	return text
}

// entry is one of several things with an id: a queue, an agent.
type entry struct {
	id     string
	node   *strictyaml.Node
	fields *strictyaml.Fields
}

// entries reads things with ids, written either as a group of keys that are the
// ids, or as a list of groups with a key id.
func entries(n *strictyaml.Node, part, example string) []entry {
	var all []entry
	if !n.IsList() {
		f := n.Fields()
		for _, id := range f.Names() {
			e := entry{id: id, node: f.Get(id)}
			if !idPattern.MatchString(id) {
				e.node.Refuse("the id must be %s", idRule)
				continue
			}
			e.fields = e.node.Fields()
			all = append(all, e)
		}
		return all
	}
	first := map[string]int{}
	for _, item := range n.Items() {
		id := item.Peek("id")
		if idPattern.MatchString(id) {
			item = item.Called(part + "." + id)
		}
		e := entry{id: id, node: item, fields: item.Fields()}
		e.fields.Need("id", "give one, such as "+example).Word("", idPattern, idRule)
		switch line, twice := first[id]; {
		case !idPattern.MatchString(id):
			continue
		case twice:
			item.Refuse("the id is given twice; the first is in line %d", line)
			continue
		}
		first[id] = item.Line()
		all = append(all, e)
	}
	return all
}
