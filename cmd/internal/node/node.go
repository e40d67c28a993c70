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
)

// Node is one running process of a centre. Start makes it, Close ends it.
type Node struct {
	set      settings.Settings
	log      *slog.Logger
	db       *postgres.DB
	dbURL    string
	standby  *postgres.Standby // nil without other nodes
	core     *core
	house    *house
	keeper   *recording.Keeper
	metrics  *dashboard.Metrics
	addrs    []net.Addr
	leadNow  leading
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
func Start(ctx context.Context, set settings.Settings, log *slog.Logger) (_ *Node, err error) {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	n := &Node{set: set, log: log.With("node", set.Node, "pool", set.Pool), stop: stop, ended: make(chan struct{}),
		metrics: dashboard.NewMetrics(), core: newCore()}
	defer func() {
		if err != nil {
			err = disk.Blame(err, set.Data) // before what was begun gives its room back
			stop()
			n.unwind()
		}
	}()
	if set.Asterisk.Password == "" {
		return nil, errors.New("asterisk.password is not set: give the password of the user in ari.conf, or its file in asterisk.password_file")
	}
	if err := os.MkdirAll(set.Data, 0o750); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := n.openLedger(ctx); err != nil {
		return nil, err
	}
	n.house = newHouse(n.db, n.log)
	n.house.say = n.makePrompts
	if err := n.house.load(ctx, set.Centre); err != nil {
		return nil, err
	}
	if n.house.fresh {
		_ = n.house.speak(ctx, n.house.current()) // told there
	} // else callers have heard it all before: control first, and what an upgrade brings after it
	n.keeper = &recording.Keeper{Spool: set.Asterisk.Recordings, Store: set.Recordings, Index: index{n.db}, Log: n.log}
	if err := n.servePages(run); err != nil {
		return nil, err
	}
	if err := n.serveControl(run); err != nil {
		return nil, err
	}
	n.registerFigures()
	n.watchDisks(run)
	go func() {
		n.err = n.run(run)
		close(n.ended)
	}()
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
func (n *Node) openLedger(ctx context.Context) error {
	url := n.set.DatabaseURL.Reveal()
	if url == "" {
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
		n.onClose(func() {
			ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
			defer cancel()
			if err := server.Stop(ctx); err != nil {
				n.log.Error("stop the private Postgres", "err", err)
			}
		})
		url = server.URL()
	}
	db, err := postgres.Open(ctx, url)
	if err != nil && n.set.DatabaseURL == "" {
		err = disk.Suspect(err, n.set.Data)
	}
	if err != nil {
		return err
	}
	n.onClose(db.Close)
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

func (n *Node) servePages(run context.Context) error {
	server, err := dashboard.New(dashboard.Options{Core: n.core, Ledger: ledger{n.db, n.leadNow.journal.Load}, Recordings: recordings{n.keeper},
		Users: users{n.db}, Sessions: sessions{n.db}, Audit: audit{n.db}, Leader: n.leadNow.is, Metrics: n.metrics, Log: n.log, Centre: n.house.shown,
		WallboardPublic: n.set.WallboardPublic, FrameEvery: frameEvery})
	if err != nil {
		return err
	}
	var secure *tls.Config
	if n.set.HTTP.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(n.set.HTTP.TLSCert, n.set.HTTP.TLSKey)
		if err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
		secure = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	var listeners []net.Listener
	for _, addr := range n.set.HTTP.Addr {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			return fmt.Errorf("pages cannot be served (is another program on that port? set http.addr): %w", err)
		}
		n.addrs = append(n.addrs, ln.Addr())
		if secure != nil {
			ln = tls.NewListener(ln, secure)
		}
		listeners = append(listeners, ln)
	}
	run, stop := context.WithCancel(run)
	done := make(chan error, 1)
	go func() { done <- server.Serve(run, listeners...) }()
	n.onClose(func() {
		stop()
		if err := <-done; err != nil {
			n.log.Error("pages", "err", err)
		}
	})
	return nil
}

// errEnded is the cause when one part ended and takes the others with it.
var errEnded = errors.New("a part of the node ended")

// Ready waits until the pool has a leader that hears the switch.
func (n *Node) Ready(ctx context.Context) error {
	changed, cancel := n.core.Subscribe()
	defer cancel()
	for !n.core.Snapshot().Switch {
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
