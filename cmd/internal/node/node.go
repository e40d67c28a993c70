package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
	"github.com/threerings/threerings/recording/qa"
)

// Node is one running process of a centre. Start makes it, Close ends it.
type Node struct {
	set      settings.Settings
	log      *slog.Logger
	db       *postgres.DB
	dbURL    string
	private  *private.Server   // nil with a Postgres of the house
	standby  *postgres.Standby // nil: at its start this node folds the log itself
	core     *core
	house    *house
	keeper   *recording.Keeper
	metrics  *dashboard.Metrics
	addrs    []net.Addr
	plain    []net.Listener // of the pages, without TLS around them
	control  *net.UnixListener
	leadNow  leading
	token    atomic.Uint64    // of the lease when this node led last; 0 without Redis
	spool    sync.Mutex       // held while this node leads, or tells what it left in its spool
	handing  sync.Mutex       // held while this node hands over
	handOver chan *succession // to who governs
	stop     context.CancelFunc
	ended    chan struct{} // closed when err is known
	err      error
	cleanups []func() // in order of making; run in reverse
}

// stopWithin limits how long an orderly end may take.
const stopWithin = 20 * time.Second

// Start brings a node up: when it returns, pages and API are served, and the
// node leads its pool or waits for its turn. ctx only limits the start; Close
// ends the node.
func Start(ctx context.Context, set settings.Settings, log *slog.Logger) (*Node, error) {
	return begin(ctx, set, log, nil)
}

func begin(ctx context.Context, set settings.Settings, log *slog.Logger, before *predecessor) (_ *Node, err error) {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	n := &Node{set: set, log: log.With("node", set.Node, "pool", set.Pool), stop: stop, ended: make(chan struct{}),
		metrics: dashboard.NewMetrics(), core: newCore(), handOver: make(chan *succession)}
	governed := false
	defer func() {
		if err != nil {
			err = disk.Blame(err, set.Data) // before what was begun gives its room back
			stop()
			if governed {
				<-n.ended
			}
			n.unwind()
		}
	}()
	govern := func() {
		governed = true
		go func() {
			n.err = n.govern(run)
			close(n.ended)
		}()
	}
	if set.Asterisk.Password == "" {
		return nil, errors.New("asterisk.password is not set: give the password of the user in ari.conf, or its file in asterisk.password_file")
	}
	if err := os.MkdirAll(set.Data, 0o750); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if before != nil {
		n.onClose(before.close) // last of all: then the one before goes on
		if err := before.fits(set); err != nil {
			return nil, err
		}
	}
	if err := n.openLedger(ctx, before); err != nil {
		return nil, err
	}
	n.house = newHouse(n.db, n.log)
	n.house.say = n.makePrompts
	if err := n.house.load(ctx, set.Centre); err != nil {
		return nil, err
	}
	if n.house.fresh || before != nil {
		_ = n.house.speak(ctx, n.house.current()) // told there
	} // else callers have heard it all before: control first, and what an upgrade brings after it
	if err := n.openVault(ctx); err != nil {
		return nil, err
	}
	n.keeper = NewKeeper(n.set, n.db, n.log)
	n.keeper.Spool = set.Asterisk.Recordings
	n.keeper.Books, n.keeper.Location, n.keeper.Retention = n.db, n.house.location, n.house.retention
	n.keeper.Stamped = n.stamped
	n.keeper.Late, n.keeper.Doubtful, n.keeper.Ended = n.seenLate, n.doubtful, n.endedEarlier
	serve, err := n.preparePages()
	if err != nil {
		return nil, err
	}
	if before == nil {
		if err := n.listen(nil); err != nil {
			return nil, err
		}
		if n.control, err = n.listenControl(); err != nil {
			return nil, err
		}
		govern()
	} else if err := n.succeed(ctx, run, before, govern); err != nil {
		return nil, err
	}
	n.servePages(run, serve)
	n.serveControl()
	n.registerFigures()
	n.watchDisks(run)
	if before != nil {
		if err := n.confirm(ctx, before); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// Addrs are where pages and API are served.
func (n *Node) Addrs() []net.Addr { return n.addrs }

// Ended is closed when the node can go no further by itself; Err says why.
func (n *Node) Ended() <-chan struct{} { return n.ended }

// Err is why the node ended, nil if it was told to.
func (n *Node) Err() error {
	<-n.ended
	return n.err
}

// Close ends the node in order: the switch first, the ledger last. Calls that
// run are not touched.
func (n *Node) Close() error {
	n.stop()
	<-n.ended
	n.unwind()
	return n.err
}

func (n *Node) unwind() {
	for i := len(n.cleanups) - 1; i >= 0; i-- {
		n.cleanups[i]()
	}
	n.cleanups = nil
}

func (n *Node) onClose(f func()) { n.cleanups = append(n.cleanups, f) }

// openLedger connects to Postgres: the house's, or a private one.
func (n *Node) openLedger(ctx context.Context, before *predecessor) error {
	url := n.set.DatabaseURL.Reveal()
	if url == "" {
		n.onClose(func() {
			if n.private == nil {
				return
			}
			if before != nil && !before.over {
				_, _ = n.private.Leave() // it is the other's still
			}
			ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
			defer cancel()
			if err := n.private.Stop(ctx); err != nil {
				n.log.Error("stop the private Postgres", "err", err)
			}
		})
	}
	switch {
	case before != nil:
		url = before.state.Database
	case url == "":
		if n.set.RedisURL != "" {
			n.log.Warn("redis_url is set, but the ledger is this node's own: other nodes can take over only with a database_url that all share")
		}
		if err := RoomForLedger(n.set.Data); err != nil {
			return err
		}
		server, err := private.Start(ctx, filepath.Join(n.set.Data, "postgres"))
		if err != nil {
			return fmt.Errorf("private Postgres (set DATABASE_URL to use another): %w", err)
		}
		n.private, url = server, server.URL()
	}
	db, err := postgres.Open(ctx, url)
	if err != nil && n.set.DatabaseURL == "" {
		err = disk.Suspect(err, n.set.Data)
	}
	if err != nil {
		return err
	}
	n.onClose(db.Close)
	if err := db.FirstForm(ctx, qa.FormVersion{Form: qa.Standard(), Author: "threerings", Reason: "the form a house begins with", PublishedAt: time.Now().UTC()}); err != nil {
		n.log.Warn("the standard form of the quality checks is not there yet", "err", err)
	}
	n.db, n.dbURL = db, url
	return nil
}

// makePrompts puts what a centre lets callers hear where Asterisk looks for it:
// spoken prompts, music, and the lines of the configuration.
func (n *Node) makePrompts(ctx context.Context, c *centre.Centre) error {
	if n.set.Asterisk.Sounds == "" {
		return nil
	}
	maker := prompts.Maker{Company: c.Name, CompanyEnglish: c.NameEN}
	err := maker.Generate(ctx, n.set.Asterisk.Sounds)
	if said := maker.Say(ctx, n.set.Asterisk.Sounds, c.Prompts); said != nil && !errors.Is(err, prompts.ErrNoVoice) {
		err = errors.Join(err, said)
	}
	return err
}

// frameEvery is the shortest pause between frames that tell changes: with
// 100 ms the pause alone would keep a change from screens for that long
// (docs/adr/0007).
const frameEvery = 50 * time.Millisecond

// pages are ready to be served.
type pages struct {
	server *dashboard.Server
	secure *tls.Config // nil: plain HTTP
}

func (n *Node) preparePages() (p pages, err error) {
	p.server, err = dashboard.New(dashboard.Options{Core: n.core, Ledger: ledger{n.db, n.leadNow.journal.Load}, Recordings: recordings{n.keeper}, Custody: custody{n.keeper, n.db}, Proofs: proofs{n.db}, Search: search{n.db},
		Users: users{n.db}, Sessions: sessions{n.db}, Tokens: tokens{n.db}, Factors: factors{n.db}, Audit: audit{n.db}, Quality: n.db, Sampling: n.db, Leader: n.leadNow.is, Metrics: n.metrics, Log: n.log, Centre: n.house.shown,
		WallboardPublic: n.set.WallboardPublic, FrameEvery: frameEvery})
	if err != nil {
		return p, err
	}
	if n.set.HTTP.TLSCert != "" {
		cert, err := newCertificate(n.set.HTTP.TLSCert, n.set.HTTP.TLSKey, n.log)
		if err != nil {
			return p, err
		}
		p.secure = cert.config()
	}
	return p, nil
}

// listen opens the ports of the pages but those that are there already, by
// address.
func (n *Node) listen(there map[string]net.Listener) error {
	n.onClose(func() { // who serves them closes them too
		for _, ln := range n.plain {
			ln.Close()
		}
	})
	for _, addr := range n.set.HTTP.Addr {
		ln := there[addr]
		if ln == nil {
			var err error
			if ln, err = net.Listen("tcp", addr); err != nil {
				return fmt.Errorf("pages cannot be served (is another program on that port? set http.addr): %w", err)
			}
		}
		delete(there, addr)
		n.addrs = append(n.addrs, ln.Addr())
		n.plain = append(n.plain, ln)
	}
	return nil
}

func (n *Node) servePages(run context.Context, p pages) {
	var listeners []net.Listener
	for _, ln := range n.plain {
		switch {
		case p.secure != nil:
			ln = tls.NewListener(ln, p.secure)
		case beyond(ln.Addr()):
			n.log.Warn("pages are served without TLS beyond this machine: passwords can be read on the way; set http.tls_cert and http.tls_key, or let a proxy on this machine do it", "addr", ln.Addr())
		}
		listeners = append(listeners, ln)
	}
	run, stop := context.WithCancel(run)
	done := make(chan error, 1)
	go func() { done <- p.server.Serve(run, listeners...) }()
	n.onClose(func() {
		stop()
		if err := <-done; err != nil {
			n.log.Error("pages", "err", err)
		}
	})
}

// errEnded is the cause when one part ended and takes the others with it.
var errEnded = errors.New("a part of the node ended")

// Ready waits until the pool has a leader that hears the switch.
func (n *Node) Ready(ctx context.Context) error {
	return n.ready(ctx, func() bool { return true })
}

// ready waits for that, and for a condition that changes with it.
func (n *Node) ready(ctx context.Context, and func() bool) error {
	changed, cancel := n.core.Subscribe()
	defer cancel()
	for !n.core.Snapshot().Switch || !and() {
		select {
		case <-changed:
		case <-n.ended:
			return fmt.Errorf("the node ended: %w", n.err)
		case <-ctx.Done():
			return fmt.Errorf("waiting for Asterisk's events: %w", ctx.Err())
		}
	}
	return nil
}

// Snapshot is the newest present of the pool.
func (n *Node) Snapshot() *queue.Snapshot { return n.core.Snapshot() }

// Subscribe tells of changes of the snapshot.
func (n *Node) Subscribe() (<-chan struct{}, func()) { return n.core.Subscribe() }

// Ask sends an input with a request id to the core and waits for its answer.
func (n *Node) Ask(ctx context.Context, in queue.Input, req string) (queue.Event, error) {
	return n.core.Ask(ctx, in, req)
}

// Ledger is the node's database.
func (n *Node) Ledger() *postgres.DB { return n.db }

// Flush waits until all that happened is in the ledger.
func (n *Node) Flush(ctx context.Context) error {
	if j := n.leadNow.journal.Load(); j != nil {
		return j.Flush(ctx)
	}
	return errNoLeader
}
