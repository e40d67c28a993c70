package dashboard

import (
	"net/http"
	"time"

	"github.com/threerings/threerings/queue"
)

type wireSession struct {
	User    wireUser `json:"user"`
	Expires stamp    `json:"expires_at"` // null with HTTP Basic
}

type wireUser struct {
	Name  string        `json:"name"`
	Role  Role          `json:"role"`
	Agent queue.AgentID `json:"agent"`
	// MustChange: nothing is possible but POST /api/v1/password.
	MustChange bool `json:"must_change"`
	// MustEnrol: the role demands a second factor, and nothing else is possible
	// before there is one.
	MustEnrol bool `json:"must_enrol"`
	// SecondFactor: codes are asked for at a sign-in.
	SecondFactor bool `json:"second_factor"`
}

func (s *Server) sessionOf(u User, expires time.Time) wireSession {
	return wireSession{User: wireUser{Name: u.Name, Role: u.Role, Agent: u.Agent, MustChange: u.MustChange, MustEnrol: s.mustEnrol(u), SecondFactor: u.SecondFactor},
		Expires: stamp(expires)}
}

// signIn is POST /api/v1/session.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Name     string `json:"name"`
		Password string `json:"password"`
		Code     string `json:"code"`  // of the second factor, where there is one
		Token    string `json:"token"` // instead of both: for the browser of a screen
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if in.Token != "" {
		return s.signInToken(w, r, in.Token)
	}
	if in.Name == "" || in.Password == "" || len(in.Name) > maxParameter {
		return newProblem(http.StatusBadRequest, codeBadBody, "give a name and a password")
	}
	now := time.Now()
	addr := addressKey(r.RemoteAddr)
	u, err := s.auth.login(r.Context(), now, in.Name, in.Password, addr)
	if err == nil {
		err = s.auth.code(r.Context(), now, u, in.Code, addr)
	}
	n := notice(r, identity{user: u}, signInAction)
	n.User, n.Outcome = cut(in.Name), outcomeOf(err)
	s.audit.deed(n)
	if err != nil {
		s.log.Warn("sign-in refused", "user", cut(in.Name), "addr", r.RemoteAddr)
		return err
	}
	if id.token != "" { // who signs in again leaves no old session behind
		if err := s.auth.sessions.end(r.Context(), idOf(id.token)); err != nil {
			return err
		}
	}
	s.log.Info("signed in", "user", u.Name, "role", u.Role, "addr", r.RemoteAddr)
	return s.welcome(w, r, now, u)
}

// signInToken begins a session that lasts as long as the token: a screen on
// the wall has nobody to sign it in again.
func (s *Server) signInToken(w http.ResponseWriter, r *http.Request, secret string) error {
	id, err := s.identifyToken(r, secret)
	n := notice(r, id, signInAction)
	n.Outcome = outcomeOf(err)
	s.audit.deed(n)
	if err != nil {
		return err
	}
	return s.welcome(w, r, time.Now(), id.user)
}

// welcome begins a session.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request, now time.Time, u User) error {
	token, expires, err := s.auth.sessions.start(r.Context(), now, u, addressKey(r.RemoteAddr), r.UserAgent())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	http.SetCookie(w, s.cookie(r, token, now.Add(limitsOfSession(u.Name).absolute)))
	writeJSON(w, http.StatusOK, s.sessionOf(u, expires))
	return nil
}

// showSession is GET /api/v1/session.
func (s *Server) showSession(w http.ResponseWriter, _ *http.Request, id identity) error {
	writeJSON(w, http.StatusOK, s.sessionOf(id.user, id.expires))
	return nil
}

// signOut is DELETE /api/v1/session. The cookie goes whatever happens; a
// session that the ledger could not be told of ends by its limits.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, id identity) error {
	http.SetCookie(w, s.cookie(r, "", time.Time{}))
	if id.token != "" {
		if err := s.auth.sessions.end(r.Context(), idOf(id.token)); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type wireBrowser struct {
	Began   stamp  `json:"began_at"`
	Used    stamp  `json:"used_at"`
	Expires stamp  `json:"expires_at"`
	Address string `json:"address"`
	Browser string `json:"browser"`
	This    bool   `json:"this"`
}

// listSessions is GET /api/v1/sessions: where this user is signed in.
func (s *Server) listSessions(w http.ResponseWriter, r *http.Request, id identity) error {
	all, err := s.auth.sessions.of(r.Context(), time.Now(), id.user.Name)
	if err != nil {
		return err
	}
	out := make([]wireBrowser, 0, len(all))
	for _, n := range all {
		out = append(out, wireBrowser{Began: stamp(n.Began), Used: stamp(n.Used), Expires: stamp(n.Expires()),
			Address: n.Address, Browser: n.Browser, This: id.token != "" && n.ID == idOf(id.token)})
	}
	writeJSON(w, http.StatusOK, map[string]any{"sessions": out})
	return nil
}

// signOutEverywhere is DELETE /api/v1/sessions.
func (s *Server) signOutEverywhere(w http.ResponseWriter, r *http.Request, id identity) error {
	if err := s.auth.sessions.endAll(r.Context(), id.user.Name); err != nil {
		return err
	}
	s.log.Info("signed out everywhere", "user", id.user.Name, "addr", r.RemoteAddr)
	http.SetCookie(w, s.cookie(r, "", time.Time{}))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// cookie holds a session's token, or removes it when that is empty.
func (s *Server) cookie(r *http.Request, token string, expires time.Time) *http.Cookie {
	c := &http.Cookie{Name: cookieName, Value: token, Path: "/", Expires: expires, HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
		// Whoever claims a proxy with TLS gets a stricter cookie, and no more.
		Secure: r.TLS != nil || s.opts.SecureCookies || r.Header.Get("X-Forwarded-Proto") == "https"}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
