package dashboard

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// userName is what centre.yaml allows too.
var userName = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,64}$`)

type wireAccount struct {
	Name       string        `json:"name"`
	Role       Role          `json:"role"`
	Agent      queue.AgentID `json:"agent"`
	Disabled   bool          `json:"disabled"`
	MustChange bool          `json:"must_change"`
	Teams      []string      `json:"teams"`
	Factor     bool          `json:"second_factor"`
	CreatedAt  stamp         `json:"created_at"`
	// Password is shown once, to whoever set it.
	Password string `json:"password,omitempty"`
}

// wireTeam is a team that a supervisor can be limited to.
type wireTeam struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
}

func accountOf(u User) wireAccount {
	return wireAccount{Name: u.Name, Role: u.Role, Agent: u.Agent, Disabled: u.Disabled, MustChange: u.MustChange, Factor: u.SecondFactor, Teams: notNil(u.Teams), CreatedAt: stamp(u.CreatedAt)}
}

// listUsers is GET /api/v1/users.
func (s *Server) listUsers(w http.ResponseWriter, r *http.Request, _ identity) error {
	all, err := s.opts.Users.AllUsers(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	out := make([]wireAccount, 0, len(all))
	for _, u := range all {
		out = append(out, accountOf(u))
	}
	teams := []wireTeam{}
	for _, t := range s.opts.Centre().Teams {
		teams = append(teams, wireTeam{t.ID, t.Name, english(t.NameEN, t.Name)})
	}
	writeJSON(w, http.StatusOK, map[string]any{"users": out, "teams": teams})
	return nil
}

// addUser is POST /api/v1/users. The first password is made here, shown once,
// and good for choosing another only.
func (s *Server) addUser(w http.ResponseWriter, r *http.Request, _ identity) error {
	var in struct {
		Name  string        `json:"name"`
		Role  Role          `json:"role"`
		Agent queue.AgentID `json:"agent"`
		Teams []string      `json:"teams"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, in.Name, string(in.Role), string(in.Agent), strings.Join(in.Teams, ","))
	if !userName.MatchString(in.Name) {
		return newProblem(http.StatusBadRequest, codeBadBody, "name: give 1 to 64 letters, digits, '.', '_', '-' or '@'")
	}
	all, err := s.opts.Users.AllUsers(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	if slices.ContainsFunc(all, func(u User) bool { return u.Name == in.Name }) {
		return newProblem(http.StatusConflict, codeUserThere, fmt.Sprintf("there is a user %s already, perhaps a disabled one", in.Name))
	}
	return s.saveWithPassword(w, r, User{Name: in.Name, Role: in.Role, Agent: in.Agent, Teams: in.Teams})
}

// resetPassword is POST /api/v1/users/{name}/password: a new first password.
// It ends the user's sessions, since theirs began with another.
func (s *Server) resetPassword(w http.ResponseWriter, r *http.Request, _ identity) error {
	u, err := s.account(r)
	if err != nil {
		return err
	}
	return s.saveWithPassword(w, r, u)
}

func (s *Server) saveWithPassword(w http.ResponseWriter, r *http.Request, u User) error {
	if err := s.fits(u); err != nil {
		return err
	}
	password := firstPassword()
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	u.Hash, u.MustChange = hash, true
	if err := s.opts.Users.SaveUser(r.Context(), u); err != nil {
		return s.ledgerProblem(r, err)
	}
	if err := s.auth.sessions.endAll(r.Context(), u.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	out := accountOf(u)
	out.Password = password
	writeJSON(w, http.StatusOK, out)
	return nil
}

// firstPassword can be read to somebody: groups of letters and digits that are
// not mistaken for one another (80 bits).
func firstPassword() string {
	text := strings.ToLower(rand.Text())[:16] // base32: no 0, 1, 8, 9
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// changeUser is PATCH /api/v1/users/{name}: what is not given stays.
func (s *Server) changeUser(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Role     *Role          `json:"role"`
		Agent    *queue.AgentID `json:"agent"`
		Teams    *[]string      `json:"teams"`
		Disabled *bool          `json:"disabled"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	u, err := s.account(r)
	if err != nil {
		return err
	}
	if in.Role != nil {
		u.Role = *in.Role
	}
	if in.Agent != nil {
		u.Agent = *in.Agent
	}
	if u.Role != Supervisor {
		u.Teams = nil // so that it need not be said with the role
	}
	if in.Teams != nil {
		u.Teams = *in.Teams
	}
	if in.Disabled != nil {
		u.Disabled = *in.Disabled
	}
	noteSubject(w, u.Name, string(u.Role), string(u.Agent), strings.Join(u.Teams, ","), map[bool]string{true: "disabled"}[u.Disabled])
	if u.Name == id.user.Name && (u.Disabled || u.Role != id.user.Role) {
		return newProblem(http.StatusConflict, codeOneself, "nobody disables themself or takes their own role away: ask another administrator")
	}
	if err := s.fits(u); err != nil {
		return err
	}
	if err := s.opts.Users.SaveUser(r.Context(), u); err != nil {
		return s.ledgerProblem(r, err)
	}
	if u.Disabled {
		if err := s.auth.sessions.endAll(r.Context(), u.Name); err != nil {
			return s.ledgerProblem(r, err)
		}
	}
	writeJSON(w, http.StatusOK, accountOf(u))
	return nil
}

// endUserSessions is DELETE /api/v1/users/{name}/sessions.
func (s *Server) endUserSessions(w http.ResponseWriter, r *http.Request, _ identity) error {
	u, err := s.account(r)
	if err != nil {
		return err
	}
	if err := s.auth.sessions.endAll(r.Context(), u.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// account is the user that a path names.
func (s *Server) account(r *http.Request) (User, error) {
	name := r.PathValue("name")
	all, err := s.opts.Users.AllUsers(r.Context())
	if err != nil {
		return User{}, s.ledgerProblem(r, err)
	}
	for _, u := range all {
		if u.Name == name {
			return u, nil
		}
	}
	return User{}, newProblem(http.StatusNotFound, codeUnknownUser, fmt.Sprintf("there is no user %q", cut(name)))
}

// fits refuses accounts that make no sense.
func (s *Server) fits(u User) error {
	if !slices.Contains(Roles(), u.Role) {
		return newProblem(http.StatusBadRequest, codeBadBody, "role: must be supervisor, agent, qa or administrator")
	}
	switch extra := s.strangeTeam(u.Teams); {
	case len(u.Teams) > 0 && u.Role != Supervisor:
		return newProblem(http.StatusBadRequest, codeBadBody, "teams: only a supervisor is limited to teams")
	case extra != "":
		return newProblem(http.StatusBadRequest, codeBadBody, "teams: "+extra)
	}
	known := slices.ContainsFunc(s.opts.Core.Snapshot().Agents, func(a queue.Agent) bool { return a.ID == u.Agent })
	switch {
	case u.Agent == "" && u.Role == AgentRole:
		return newProblem(http.StatusBadRequest, codeBadBody, "agent: say who this user is on the phone; the role agent needs it")
	case u.Agent != "" && !known:
		return newProblem(http.StatusBadRequest, codeUnknownAgent, fmt.Sprintf("agent: there is no agent %q", cut(string(u.Agent))))
	}
	return nil
}

// changePassword is POST /api/v1/password: one's own. Everywhere else this
// user is signed out.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	now := time.Now()
	u, err := s.auth.login(r.Context(), now, id.user.Name, in.Current, addressKey(r.RemoteAddr))
	if err != nil {
		return err
	}
	if err := acceptable(u.Name, in.Current, in.New); err != nil {
		return err
	}
	if u.Hash, err = s.auth.hash(r.Context(), in.New); err != nil {
		return err
	}
	u.MustChange = false
	if err := s.opts.Users.SaveUser(r.Context(), u); err != nil {
		return s.ledgerProblem(r, err)
	}
	if err := s.auth.sessions.endAll(r.Context(), u.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	s.log.Info("password changed", "user", u.Name, "addr", r.RemoteAddr)
	if id.token == "" { // HTTP Basic
		writeJSON(w, http.StatusOK, s.sessionOf(u, time.Time{}))
		return nil
	}
	return s.welcome(w, r, now, u)
}

// acceptable says what is wrong with a new password. Length is what counts;
// rules about kinds of characters make people write them down.
func acceptable(name, current, next string) error {
	switch {
	case len([]rune(next)) < MinPassword || len(next) > MaxPassword:
		return newProblem(http.StatusBadRequest, codeWeakPassword, fmt.Sprintf("new: give %d characters or more, in at most %d bytes", MinPassword, MaxPassword))
	case next == current:
		return newProblem(http.StatusBadRequest, codeWeakPassword, "new: it is the password you have")
	case strings.EqualFold(next, name):
		return newProblem(http.StatusBadRequest, codeWeakPassword, "new: it is your name, the first that anybody tries")
	case strings.Count(next, next[:1]) == len(next):
		return newProblem(http.StatusBadRequest, codeWeakPassword, "new: it is one character, many times")
	}
	return nil
}

// hash is HashPassword within the bound on memory that logins share.
func (a *auth) hash(ctx context.Context, password string) (string, error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return HashPassword(password)
}

// strangeTeam says what is wrong with a list of teams.
func (s *Server) strangeTeam(teams []string) string {
	all := s.opts.Centre().Teams
	for i, id := range teams {
		switch {
		case !slices.ContainsFunc(all, func(t Team) bool { return t.ID == id }):
			return fmt.Sprintf("there is no team %q in the centre", cut(id))
		case slices.Contains(teams[:i], id):
			return fmt.Sprintf("%q is named twice", id)
		}
	}
	return ""
}
