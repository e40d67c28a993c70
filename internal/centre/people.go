package centre

import (
	"regexp"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

var digitPattern = regexp.MustCompile(`^[0-9]$`)

// reasons reads what *12 and a digit may mean (R5.4).
func (p *parser) reasons(n *strictyaml.Node) {
	if n == nil {
		p.c.Config.Reasons = queue.DefaultReasons()
		return
	}
	digits, codes := map[string]int{}, map[string]int{queue.ReasonRONA: 0}
	for _, item := range n.Items() {
		f := item.Fields()
		digit := f.Need("digit", "give the digit dialled after *12, 0 to 9")
		code := f.Need("code", "give a short English word, such as break")
		r := queue.Reason{
			Digit: digit.Word("", digitPattern, "one digit, 0 to 9"),
			Code:  code.Word("", codePattern, "a short word of small letters, digits and '_', such as break"),
		}
		r.Limit = f.Get("limit").Duration(queue.DefaultAbsence, 0)
		r.Name = name(f.Get("name"), r.Code)
		r.NameEN = name(f.Get("name_en"), r.Name)
		if line, twice := digits[r.Digit]; twice && r.Digit != "" {
			digit.Refuse("digit %s is already taken in line %d", r.Digit, line)
		}
		switch line, twice := codes[r.Code]; {
		case r.Code == queue.ReasonRONA:
			code.Refuse("%s is given by the system to an agent who did not answer: choose another word", r.Code)
		case twice && r.Code != "":
			code.Refuse("%s is already taken in line %d", r.Code, line)
		}
		digits[r.Digit], codes[r.Code] = digit.Line(), code.Line()
		f.Close()
		p.c.Config.Reasons = append(p.c.Config.Reasons, r)
	}
}

// users reads who may log in to the pages.
func (p *parser) users(n *strictyaml.Node) {
	first := map[string]int{}
	for _, item := range n.Items() {
		f := item.Fields()
		nameNode := f.Need("name", "give the name to log in with")
		u := User{Name: nameNode.Word("", userPattern, "1 to 64 letters, digits, '.', '_', '-' or '@'")}
		if line, twice := first[u.Name]; twice && u.Name != "" {
			nameNode.Refuse("user %s is already in line %d", u.Name, line)
		}
		first[u.Name] = nameNode.Line()
		u.Role = f.Need("role", "give supervisor, agent, qa or administrator").OneOf("", RoleSupervisor, RoleAgent, RoleQA, RoleAdministrator)
		agent := f.Get("agent")
		u.Agent = queue.AgentID(agent.Text(""))
		switch {
		case u.Agent != "" && !p.agents[u.Agent]:
			agent.Refuse("there is no agent %q", u.Agent)
		case u.Agent == "" && u.Role == RoleAgent && agent == nil:
			item.Refuse("a user with the role agent needs the key agent: whose pages are they?")
		}
		u.Teams = p.teamsOf(f.Get("teams"), u.Role)
		p.password(f, item, &u)
		f.Close()
		p.c.Users = append(p.c.Users, u)
	}
}

func (p *parser) password(f *strictyaml.Fields, item *strictyaml.Node, u *User) {
	password, hash := f.Get("password"), f.Get("password_hash")
	switch {
	case item == nil || f == nil:
	case password != nil && hash != nil:
		hash.Refuse("give password or password_hash, not both")
	case password != nil:
		u.Password = secret(password, u.Name)
	case hash != nil:
		u.PasswordHash = hash.Secret("")
		if !hashPattern.MatchString(u.PasswordHash) {
			hash.Refuse("must be argon2id in PHC form ($argon2id$v=19$…); or give password instead")
		}
	default:
		item.Refuse("a user needs password (%d characters or more) or password_hash", minPassword)
	}
}
