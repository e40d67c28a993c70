package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Factor is a user's second factor: an app on a phone that makes codes, and
// codes on paper for when the phone is lost.
type Factor struct {
	User        string
	Secret      []byte    // of the app
	ConfirmedAt time.Time // zero: the app has not shown a right code yet, and none is asked for
	Step        int64     // time step of the last code taken: it and those before are used up
	Recovery    [][32]byte
}

// code asks for the second factor of a user who has one. A code is good once:
// who looked over a shoulder comes too late.
func (a *auth) code(ctx context.Context, now time.Time, u User, code, addr string) error {
	if !u.SecondFactor {
		return nil
	}
	code = strings.TrimSpace(code)
	if code == "" {
		return newProblem(http.StatusUnauthorized, codeCodeNeeded, "give the code that your app shows now, or a recovery code")
	}
	// Counted apart from passwords: who guesses codes has the password, so
	// longer pauses lock nobody out who is not known to somebody else.
	if wait := a.throttle.beginCode(now, u.Name, addr); wait > 0 {
		return tooMany(wait)
	}
	f, found, err := a.factors.Factor(ctx, u.Name)
	if err != nil {
		return fmt.Errorf("look up a second factor: %w", err)
	}
	ok := false
	switch step, fits := totpFits(f.Secret, code, now); {
	case !found:
	case fits:
		ok, err = a.factors.UseStep(ctx, u.Name, step)
	case len(code) > totpDigits && len(code) <= maxParameter:
		ok, err = a.factors.UseRecovery(ctx, u.Name, recoveryHash(code))
	}
	if err != nil {
		return fmt.Errorf("use a code: %w", err)
	}
	if !ok {
		return newProblem(http.StatusUnauthorized, codeWrongCode, "this code is wrong, over or used already: wait for the app's next one")
	}
	a.throttle.succeededCode(u.Name, addr)
	return nil
}

// mustEnrol tells whether a user's role demands a second factor that they do
// not have.
func (s *Server) mustEnrol(u User) bool {
	return !u.SecondFactor && u.Role != tokenRole && slices.Contains(s.opts.Centre().SecondFactor, u.Role)
}

type wireFactor struct {
	Enabled     bool  `json:"enabled"`
	ConfirmedAt stamp `json:"confirmed_at"`
	Recovery    int   `json:"recovery_codes_left"`
	Demanded    bool  `json:"demanded"` // of this role
}

// showFactor is GET /api/v1/second-factor: one's own.
func (s *Server) showFactor(w http.ResponseWriter, r *http.Request, id identity) error {
	f, found, err := s.auth.factors.Factor(r.Context(), id.user.Name)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	out := wireFactor{Demanded: slices.Contains(s.opts.Centre().SecondFactor, id.user.Role)}
	if found && !f.ConfirmedAt.IsZero() {
		out.Enabled, out.ConfirmedAt, out.Recovery = true, stamp(f.ConfirmedAt), len(f.Recovery)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// beginFactor is POST /api/v1/second-factor: a secret for an app, shown once.
// Nothing is asked for before the app has shown a right code. The password is
// asked for, since a desk left alone must not be enough.
func (s *Server) beginFactor(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Password string `json:"password"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	u, err := s.auth.login(r.Context(), time.Now(), id.user.Name, in.Password, addressKey(r.RemoteAddr))
	if err != nil {
		return err
	}
	if u.SecondFactor {
		return newProblem(http.StatusConflict, codeFactorThere, "there is a second factor already: end it first, then set up another phone")
	}
	secret := newTOTPSecret()
	if err := s.auth.factors.SaveFactor(r.Context(), Factor{User: u.Name, Secret: secret}); err != nil {
		return s.ledgerProblem(r, err)
	}
	writeJSON(w, http.StatusOK, map[string]string{"secret": totpText(secret), "uri": totpURI(s.issuer(), u.Name, secret)})
	return nil
}

// issuer is what an app calls us.
func (s *Server) issuer() string {
	if c := s.opts.Centre(); c.Name != "" {
		return strings.ReplaceAll(c.Name, ":", " ") // a colon parts it from the user
	}
	return "Threerings"
}

type codeRequest struct {
	Code string `json:"code"`
}

// confirmFactor is POST /api/v1/second-factor/confirm: the app shows a right
// code, and from now on it is asked for. The recovery codes are shown once.
func (s *Server) confirmFactor(w http.ResponseWriter, r *http.Request, id identity) error {
	var in codeRequest
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	now, addr := time.Now(), addressKey(r.RemoteAddr)
	f, found, err := s.auth.factors.Factor(r.Context(), id.user.Name)
	switch {
	case err != nil:
		return s.ledgerProblem(r, err)
	case !found:
		return newProblem(http.StatusConflict, codeNoFactor, "begin first: POST /api/v1/second-factor")
	case !f.ConfirmedAt.IsZero():
		return newProblem(http.StatusConflict, codeFactorThere, "this second factor is confirmed already")
	}
	if wait := s.auth.throttle.beginCode(now, f.User, addr); wait > 0 {
		return tooMany(wait)
	}
	step, ok := totpFits(f.Secret, strings.TrimSpace(in.Code), now)
	if !ok {
		return newProblem(http.StatusUnauthorized, codeWrongCode, "this code is wrong or over: wait for the app's next one; is the phone's clock right?")
	}
	s.auth.throttle.succeededCode(f.User, addr)
	shown, kept := newRecoveryCodes()
	f.ConfirmedAt, f.Step, f.Recovery = now.UTC(), step, kept
	if err := s.auth.factors.SaveFactor(r.Context(), f); err != nil {
		return s.ledgerProblem(r, err)
	}
	return s.renewed(w, r, now, id, map[string]any{"recovery_codes": shown})
}

// renewRecovery is POST /api/v1/second-factor/recovery: ten new codes; the old
// ones are void.
func (s *Server) renewRecovery(w http.ResponseWriter, r *http.Request, id identity) error {
	var in codeRequest
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	u, err := s.withFactor(r.Context(), id)
	if err != nil {
		return err
	}
	if err := s.auth.code(r.Context(), time.Now(), u, in.Code, addressKey(r.RemoteAddr)); err != nil {
		return err
	}
	f, _, err := s.auth.factors.Factor(r.Context(), u.Name)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	shown, kept := newRecoveryCodes()
	f.Recovery = kept
	if err := s.auth.factors.SaveFactor(r.Context(), f); err != nil {
		return s.ledgerProblem(r, err)
	}
	writeJSON(w, http.StatusOK, map[string]any{"recovery_codes": shown})
	return nil
}

// endFactor is POST /api/v1/second-factor/end: with password and code, as at a
// sign-in. Where the role demands one, another must be set up before anything
// else.
func (s *Server) endFactor(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Password string `json:"password"`
		Code     string `json:"code"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	u, err := s.withFactor(r.Context(), id)
	if err != nil {
		return err
	}
	now, addr := time.Now(), addressKey(r.RemoteAddr)
	if _, err := s.auth.login(r.Context(), now, u.Name, in.Password, addr); err != nil {
		return err
	}
	if err := s.auth.code(r.Context(), now, u, in.Code, addr); err != nil {
		return err
	}
	if err := s.auth.factors.RemoveFactor(r.Context(), u.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	return s.renewed(w, r, now, id, map[string]any{"recovery_codes": []string{}})
}

// withFactor is the account as it is now, not as the session remembers it.
func (s *Server) withFactor(ctx context.Context, id identity) (User, error) {
	u, found, err := s.opts.Users.User(ctx, id.user.Name)
	if err != nil {
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	if !found || !u.SecondFactor {
		return User{}, newProblem(http.StatusConflict, codeNoFactor, "there is no second factor")
	}
	return u, nil
}

// renewed ends every session of a user whose way of signing in has changed,
// and begins this browser's anew.
func (s *Server) renewed(w http.ResponseWriter, r *http.Request, now time.Time, id identity, answer map[string]any) error {
	if err := s.auth.sessions.endAll(r.Context(), id.user.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	u, found, err := s.opts.Users.User(r.Context(), id.user.Name)
	if err != nil || !found {
		return s.ledgerProblem(r, fmt.Errorf("look up user %s (found: %t): %w", id.user.Name, found, err))
	}
	if id.token != "" {
		token, expires, err := s.auth.sessions.start(r.Context(), now, u, addressKey(r.RemoteAddr), r.UserAgent())
		if err != nil {
			return s.ledgerProblem(r, err)
		}
		http.SetCookie(w, s.cookie(r, token, now.Add(limitsOfSession(u.Name).absolute)))
		answer["expires_at"] = stamp(expires)
	}
	s.log.Info("second factor changed", "user", u.Name, "on", u.SecondFactor, "addr", r.RemoteAddr)
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// resetFactor is DELETE /api/v1/users/{name}/second-factor: the phone is lost,
// and the paper too. The user signs in with the password and sets up another.
func (s *Server) resetFactor(w http.ResponseWriter, r *http.Request, _ identity) error {
	u, err := s.account(r)
	if err != nil {
		return err
	}
	if err := s.auth.factors.RemoveFactor(r.Context(), u.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	if err := s.auth.sessions.endAll(r.Context(), u.Name); err != nil {
		return s.ledgerProblem(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// noFactors is for a server that has nowhere to keep them: none can be set up.
type noFactors struct{}

var errNoFactors = newProblem(http.StatusServiceUnavailable, codeNoLedger, "there is nowhere to keep second factors")

func (noFactors) Factor(context.Context, string) (Factor, bool, error) { return Factor{}, false, nil }
func (noFactors) SaveFactor(context.Context, Factor) error             { return errNoFactors }
func (noFactors) UseStep(context.Context, string, int64) (bool, error) { return false, errNoFactors }
func (noFactors) RemoveFactor(context.Context, string) error           { return errNoFactors }
func (noFactors) UseRecovery(context.Context, string, [32]byte) (bool, error) {
	return false, errNoFactors
}
