package centre

import (
	"slices"
	"strings"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// Team is some of the agents, under supervisors of their own.
type Team struct {
	ID     string
	Name   string
	NameEN string
	Agents []queue.AgentID
}

func (p *parser) readTeams(n *strictyaml.Node) {
	for _, e := range entries(n, "teams", "day") {
		t := Team{ID: e.id}
		t.Name = name(e.fields.Get("name"), e.id)
		t.NameEN = name(e.fields.Get("name_en"), t.Name)
		for _, item := range e.fields.Get("agents").Items() {
			agent := queue.AgentID(item.Text(""))
			switch {
			case !p.agents[agent]:
				item.Refuse("there is no agent %q", agent)
			case slices.Contains(t.Agents, agent):
				item.Refuse("agent %s is named twice", agent)
			}
			t.Agents = append(t.Agents, agent)
		}
		e.fields.Close()
		p.c.Teams = append(p.c.Teams, t)
	}
}

// teamsOf reads to whose teams a supervisor is limited.
func (p *parser) teamsOf(n *strictyaml.Node, role string) (teams []string) {
	for _, item := range n.Items() {
		id := item.Text("")
		switch {
		case role != RoleSupervisor:
			item.Refuse("only a supervisor is limited to teams")
		case !slices.ContainsFunc(p.c.Teams, func(t Team) bool { return t.ID == id }):
			item.Refuse("there is no team %q", id)
		case slices.Contains(teams, id):
			item.Refuse("team %s is named twice", id)
		}
		teams = append(teams, id)
	}
	return teams
}

func teamsShape() *shape {
	return byID("Teams of agents. A supervisor may be limited to some.", "Its id.", "A team.",
		opt("name", label("In Chinese.").unless("the id")),
		opt("name_en", label("In English.").unless("the name")),
		opt("agents", list("Their work numbers.", text("A work number."))),
	)
}

func teamThings(c *Centre) (all []thing) {
	for _, t := range c.Teams {
		agents := make([]string, len(t.Agents))
		for i, g := range t.Agents {
			agents[i] = string(g)
		}
		all = append(all, thing{"team " + t.ID, t.Name, []fact{
			{"name", t.Name, false}, {"name_en", t.NameEN, false}, {"agents", strings.Join(agents, " "), false},
		}})
	}
	return all
}
