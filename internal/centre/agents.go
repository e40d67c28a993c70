package centre

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

func (p *parser) readAgents(n *strictyaml.Node) {
	for _, e := range entries(n, "agents", "1001") {
		p.agent(e)
	}
}

func (p *parser) agent(e entry) {
	f := e.fields
	g := queue.AgentConfig{ID: queue.AgentID(e.id)}
	p.agents[g.ID] = true
	g.Name = name(f.Get("name"), e.id)
	g.NameEN = name(f.Get("name_en"), g.Name)
	phone := f.Need("phone", `give the phone's account {account: "1001", password: …} or its address "sip:192.0.2.7:5060"`)
	g.Phone = p.phone(phone, g.ID)
	if g.Phone.Value != "" {
		if other, twice := p.phones[g.Phone]; twice {
			phone.Refuse("%s is already the phone of agent %s (line %d)", g.Phone.Value, other.agent, other.line)
		} else {
			p.phones[g.Phone] = taken{g.ID, phone.Line()}
		}
	}
	p.serves(f.Get("queues"), &g)
	g.Skills = p.skills(f.Get("skills"))
	f.Close()
	p.c.Config.Agents = append(p.c.Config.Agents, g)
}

func (p *parser) phone(n *strictyaml.Node, agent queue.AgentID) queue.Phone {
	if n == nil {
		return queue.Phone{}
	}
	if !n.IsGroup() {
		text := n.Text("")
		if text == "" {
			return queue.Phone{}
		}
		address, err := sipAddress(text)
		if err != nil {
			n.Refuse("%v", err)
			return queue.Phone{}
		}
		return queue.Phone{Kind: queue.PhoneFixed, Value: address}
	}
	f := n.Fields()
	accountNode := f.Need("account", `give the name the phone registers with, such as "1001"`)
	account := accountNode.Word("", idPattern, idRule)
	if line, isNumber := p.numbers[account]; isNumber {
		accountNode.Refuse("%s is already a number that callers dial (line %d)", account, line)
	}
	if account == accountTrunk || strings.HasPrefix(account, accountFixed) {
		accountNode.Refuse("%s has another meaning in Asterisk: choose another name", account)
	}
	password := f.Need("password", fmt.Sprintf("give %d characters or more, and the same ones in the phone; `openssl rand -base64 12` makes a good one", minPassword))
	a := Account{Agent: agent, Account: account, Password: secret(password, account)}
	f.Close()
	if account == "" {
		return queue.Phone{}
	}
	p.c.Accounts = append(p.c.Accounts, a)
	return queue.Phone{Kind: queue.PhoneAccount, Value: account}
}

// secret is a password that is worth its name: SIP ports and log-in pages are
// searched for weak ones all day.
func secret(n *strictyaml.Node, owner string) string {
	text := n.Secret("")
	switch length := len([]rune(text)); {
	case n == nil:
	case length < minPassword:
		n.Refuse("is too short: give %d characters or more", minPassword)
	case len(text) > maxPassword:
		n.Refuse("is too long: give at most %d bytes", maxPassword)
	case text == owner:
		n.Refuse("must not be the same as the name")
	}
	return text
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

const sipPort = "5060"

// sipAddress turns sip:host, sip:host:port or sip:[v6]:port into host:port.
func sipAddress(text string) (string, error) {
	const usage = `must be {account: …, password: …} or an address such as "sip:192.0.2.7:5060"`
	rest, ok := strings.CutPrefix(text, "sip:")
	switch {
	case !ok:
		return "", fmt.Errorf("%s, not %q", usage, text)
	case strings.ContainsAny(rest, "@;?"):
		return "", fmt.Errorf("a user or parameters in the address have no use here: give sip:host:port, not %q", text)
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil { // no port
		host, port = strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]"), sipPort
		if strings.Contains(host, ":") && !strings.HasPrefix(rest, "[") {
			return "", fmt.Errorf("an IPv6 address goes in brackets: sip:[2001:db8::7]:5060, not %q", text)
		}
	}
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && (addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast()):
		return "", fmt.Errorf("%q is not the address of a phone", text)
	case err == nil:
		host = addr.String() // one spelling, so that one phone is not two
	case !hostPattern.MatchString(host) || len(host) > 253 || !strings.ContainsFunc(host, func(r rune) bool { return r > '9' }):
		return "", fmt.Errorf("%s, not %q", usage, text)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
		return "", fmt.Errorf("the port must be 1 to 65535, not %q", port)
	}
	return net.JoinHostPort(host, port), nil
}
