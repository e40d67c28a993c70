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
}

func sessionOf(u User, expires time.Time) wireSession {
	return wireSession{User: wireUser{Name: u.Name, Role: u.Role, Agent: u.Agent}, Expires: stamp(expires)}
}

// signIn is POST /api/v1/session.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Name     string `json:"name"`
		Password string `json:"password"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if in.Name == "" || in.Password == "" || len(in.Name) > maxParameter {
		return newProblem(http.StatusBadRequest, codeBadBody, "give a name and a password")
	}
	now := time.Now()
	u, err := s.auth.login(r.Context(), now, in.Name, in.Password, addressKey(r.RemoteAddr))
	if err != nil {
		s.log.Warn("sign-in refused", "user", cut(in.Name), "addr", r.RemoteAddr)
		return err
	}
	s.auth.sessions.end(id.token) // who signs in again leaves no old session behind
	token, expires := s.auth.sessions.start(now, u)
	http.SetCookie(w, s.cookie(r, token, now.Add(sessionAbsolute)))
	s.log.Info("signed in", "user", u.Name, "role", u.Role, "addr", r.RemoteAddr)
	writeJSON(w, http.StatusOK, sessionOf(u, expires))
	return nil
}

// showSession is GET /api/v1/session.
func (s *Server) showSession(w http.ResponseWriter, _ *http.Request, id identity) error {
	writeJSON(w, http.StatusOK, sessionOf(id.user, id.expires))
	return nil
}

// signOut is DELETE /api/v1/session. It cannot fail: afterwards nobody is
// signed in.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, id identity) error {
	s.auth.sessions.end(id.token)
	http.SetCookie(w, s.cookie(r, "", time.Time{}))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// cookie holds a session's token, or removes it when that is empty.
func (s *Server) cookie(r *http.Request, token string, expires time.Time) *http.Cookie {
	c := &http.Cookie{Name: cookieName, Value: token, Path: "/", Expires: expires, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil || s.opts.SecureCookies}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
