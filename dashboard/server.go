package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// Options are what a Server needs. Core, Ledger, Recordings and Users must be
// given.
type Options struct {
	Core       Core
	Ledger     Ledger
	Recordings Recordings
	Users      Users
	// Custody holds and erases recordings; nil: none are kept.
	Custody Custody
	// Search finds recordings and keeps remarks on them; nil: nothing is found.
	Search Search
	// Proofs tells what was found in recordings; nil: nothing is.
	Proofs Proofs
	// Sessions keeps who is signed in; nil: in memory, until the next restart.
	Sessions Sessions
	// Tokens lets programs and screens in; nil: none can be made.
	Tokens Tokens
	// Factors keeps second factors; nil: none can be set up.
	Factors Factors
	// Quality keeps forms, evaluations and what follows from them; nil: none.
	Quality Quality
	// Sampling keeps plans, draws and tasks; nil: none.
	Sampling Sampling
	// Audit is told who did and saw what; nil: nothing is kept of it.
	Audit Audit
	// Leader says whether this node leads the pool; nil means that it is the
	// only one.
	Leader func() bool
	// Metrics is where the other parts tell their figures; nil for none.
	Metrics *Metrics
	Log     *slog.Logger // nil: slog.Default

	// Centre is asked for each frame: a new centre.yaml may rename the house.
	Centre func() Centre
	// WallboardPublic opens the wallboard to anybody who can reach the port.
	WallboardPublic bool
	// SecureCookies marks cookies Secure even without TLS here, for a proxy
	// that ends TLS in front of us. With TLS here they always are.
	SecureCookies bool
	// Origins that may use the API and the WebSocket beside our own
	// ("https://desk.example.com").
	Origins []string
	// MaxWatchers limits the wallboards at once, MaxWatchersPerAddress those of
	// one address; zero means 500 and 300.
	MaxWatchers           int
	MaxWatchersPerAddress int
	// FrameEvery is the shortest pause between two frames that tell changes;
	// zero means 100 ms.
	FrameEvery time.Duration
}

// Server is the dashboard. New makes it, Run or Serve runs it until its
// context ends.
type Server struct {
	opts    Options
	log     *slog.Logger
	since   time.Time
	auth    *auth
	rates   *rates
	audit   *auditor
	hub     *hub
	origin  *http.CrossOriginProtection
	metrics *Metrics
	spec    []byte
	app     *webApp
	handler http.Handler
}

// New checks the options and builds a Server.
func New(o Options) (*Server, error) {
	switch {
	case o.Core == nil, o.Ledger == nil, o.Recordings == nil, o.Users == nil:
		return nil, errors.New("dashboard: Core, Ledger, Recordings and Users must all be given")
	case o.MaxWatchers < 0 || o.MaxWatchersPerAddress < 0 || o.FrameEvery < 0:
		return nil, errors.New("dashboard: limits of watchers and frames cannot be negative")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Centre == nil {
		o.Centre = func() Centre { return Centre{} }
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	o.MaxWatchers = cmp.Or(o.MaxWatchers, 500)
	o.MaxWatchersPerAddress = cmp.Or(o.MaxWatchersPerAddress, 300)
	o.FrameEvery = cmp.Or(o.FrameEvery, 100*time.Millisecond)
	s := &Server{opts: o, log: o.Log, since: time.Now(), origin: http.NewCrossOriginProtection(), metrics: o.Metrics, rates: newRates()}
	for _, origin := range o.Origins {
		if err := s.origin.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("dashboard: origin %q: %w", origin, err)
		}
	}
	var err error
	if s.auth, err = newAuth(o.Users, o.Sessions, o.Tokens, o.Factors); err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	s.audit = newAuditor(o.Audit, func(err error, lost int) {
		s.log.Error("audit log not written", "err", err, "lost", lost)
	})
	if s.spec, err = openAPIDocument(); err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	if s.app, err = newWebApp(webFiles); err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	s.hub = newHub(o, s.since)
	o.Metrics.attach(o.Core, s.hub)
	s.handler = s.build()
	return s, nil
}

// Handler serves everything. Wallboards over WebSocket are fed only while Run
// or Serve runs.
func (s *Server) Handler() http.Handler { return s.handler }

func (s *Server) build() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, rt := range routes() {
		mux.Handle(rt.pattern, s.operation(rt))
		method, path, _ := strings.Cut(rt.pattern, " ")
		methods[path] = append(methods[path], method)
	}
	for path, allowed := range methods {
		// Less specific than the patterns above: reached by other methods only.
		allow := strings.Join(allowed, ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			writeProblem(w, newProblem(http.StatusMethodNotAllowed, codeNoMethod, r.Method+" is not possible here; use "+allow))
		})
	}
	none := func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, newProblem(http.StatusNotFound, codeNotFound, "there is nothing here; see /api/v1/openapi.json"))
	}
	mux.HandleFunc("/api/", none)
	mux.HandleFunc("/ws/", none)
	mux.Handle("/", s.app)
	return s.guard(mux)
}

// operation wraps a route: who may, how long, what went wrong.
func (s *Server) operation(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &statusWriter{ResponseWriter: w}
		defer func() { s.metrics.request(rt.pattern, seen.code(), time.Since(began)) }()
		// Set per operation and not on the http.Server: a recording may take
		// long to play.
		_ = http.NewResponseController(w).SetWriteDeadline(began.Add(apiTimeout))
		id, err := identity{}, s.bounded(r, rt.pattern, identity{}) // before any work is done
		if err != nil {
			s.refuse(seen, r, err)
			return
		}
		id, err = s.identify(r)
		if id.signedIn() && err == nil {
			if err := s.bounded(r, rt.pattern, id); err != nil {
				s.refuse(seen, r, err)
				return
			}
		}
		if rt.access.open(s, r) {
			if err != nil {
				id, err = identity{}, nil // old credentials do not close an open door
			}
		} else if err == nil {
			err = s.allow(rt, r, id)
		}
		if err == nil && rt.pattern == soundPattern {
			err = mayHear(r, id)
		}
		if action, ok := looks[rt.pattern]; ok && err == nil && id.shown(action) {
			if failed := s.audit.look(r.Context(), notice(r, id, action)); failed != nil {
				err = s.ledgerProblem(r, failed)
			}
		}
		if err == nil {
			err = rt.handle(s, seen, r, id)
		}
		if action, ok := deeds[rt.pattern]; ok && id.signedIn() {
			n := notice(r, id, action)
			n.Subject, n.Detail, n.Outcome = cmp.Or(seen.subject, n.Subject), seen.detail, outcomeOf(err)
			s.audit.deed(n)
		}
		if err != nil {
			s.refuse(seen, r, err)
		}
	})
}

func (s *Server) allow(rt route, r *http.Request, id identity) error {
	switch {
	case !id.signedIn() && strings.HasPrefix(rt.pattern, "GET /ws/"):
		return nil // the handler says so in the socket's own way, with a close code
	case !id.signedIn():
		return newProblem(http.StatusUnauthorized, codeNotSignedIn, "sign in first: POST /api/v1/session, or HTTP Basic")
	case id.user.MustChange && !rt.access.first:
		return newProblem(http.StatusForbidden, codeMustChange, "choose a password of your own first: POST /api/v1/password")
	case s.mustEnrol(id.user) && !rt.access.first:
		return newProblem(http.StatusForbidden, codeMustEnrol, "your role needs a second factor: set one up first, POST /api/v1/second-factor")
	case id.user.Role == tokenRole && !rt.access.opens(rt.pattern, id.user.Scopes):
		return newProblem(http.StatusForbidden, codeForbidden, "this token's scopes do not cover this")
	case id.user.Role != tokenRole && !rt.access.permits(id.user.Role):
		return newProblem(http.StatusForbidden, codeForbidden, "the role "+string(id.user.Role)+" may not do this")
	}
	return nil
}

func (s *Server) refuse(w *statusWriter, r *http.Request, err error) {
	if w.status != 0 { // too late to say anything
		s.log.Warn("answer broken off", "method", r.Method, "path", r.URL.Path, "err", err)
		return
	}
	var later *retryLater
	if errors.As(err, &later) {
		w.Header().Set("Retry-After", later.after)
	}
	p := s.problemOf(r, err)
	if p.Status == http.StatusUnauthorized && r.Header.Get("Sec-Fetch-Mode") == "" {
		// Not to browsers: they would open a window of their own.
		w.Header().Set("WWW-Authenticate", `Basic realm="threerings", charset="UTF-8"`)
	}
	writeProblem(w, p)
}

// guard is around everything: headers, other sites' requests, bugs.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secureHeaders(w.Header(), r)
		defer func() {
			switch bug := recover(); bug {
			case nil:
			case http.ErrAbortHandler:
				panic(bug)
			default:
				s.log.Error("handler panicked", "method", r.Method, "path", r.URL.Path, "panic", bug, "stack", string(debug.Stack()))
				writeProblem(w, newProblem(http.StatusInternalServerError, codeInternal, "something failed here; the log has the details"))
			}
		}()
		// Also without a cookie: a foreign page must not sign anybody in.
		if err := s.origin.Check(r); err != nil {
			writeProblem(w, newProblem(http.StatusForbidden, codeCrossOrigin, "requests that change something must come from our own pages"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Limits of connections.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	apiTimeout    = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 5 * time.Second
	maxHeader     = 32 << 10
)

// Run listens on addr ("127.0.0.1:8080") and serves until ctx ends.
func (s *Server) Run(ctx context.Context, addr string) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for the dashboard (another program on that port? choose another): %w", err)
	}
	return s.Serve(ctx, ln)
}

// Serve is Run on listeners, which it closes. When ctx ends, wallboards are
// told to come back (1012) and requests under way get a few seconds.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	hubCtx, stopHub := context.WithCancel(context.WithoutCancel(ctx))
	hubDone := make(chan struct{})
	go func() { defer close(hubDone); s.hub.run(hubCtx) }()
	err := s.pages(ctx, func(stop context.Context) {
		stopHub() // sockets are not the http.Server's any more, so they are ended first
		<-hubDone
		s.hub.wait(stop)
	}, listeners...)
	s.audit.finish()
	return err
}

// pages serves until ctx ends, or a listener fails; ending is called when no
// more connections come.
func (s *Server) pages(ctx context.Context, ending func(context.Context), listeners ...net.Listener) error {
	b := &busy{conns: map[net.Conn]struct{}{}}
	srv := &http.Server{Handler: s.handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ConnState: b.state,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	failed := make(chan error, len(listeners))
	var open []net.Listener
	for _, ln := range listeners {
		ln := &once{Listener: ln}
		open = append(open, ln)
		go func() { failed <- srv.Serve(ln) }()
	}
	var err error
	left := len(listeners)
	select {
	case err = <-failed:
		left--
		err = fmt.Errorf("serve the dashboard: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for _, ln := range open {
		ln.Close()
	}
	for range left {
		<-failed
	}
	ending(stop)
	b.wait(stop)
	if srv.Shutdown(stop) != nil {
		_ = srv.Close()
	}
	return err
}
