// Package box is a whole centre in one folder, on loopback: an Asterisk, a
// ledger and a node, started and ended together. The demonstration, the
// end-to-end tests and the measurements of a call's path use the same box, so
// what is shown is what is tested.
package box

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/settings"
)

// Options of a box. Dir and Centre must be given.
type Options struct {
	Dir    string // everything is kept in it; absolute
	Centre []byte // centre.yaml
	HTTP   string // host:port of the pages; default a free port on 127.0.0.1
	SIP    string // host:port of SIP; default a free port on 127.0.0.1
	// Sounds is a folder of prompts made before; empty: they are made in Dir.
	Sounds   string
	Fallback []string // dial strings rung while the node is away
	Country  string
	Trunk    string        // host:port where numbers outside are called; empty: nowhere
	Silence  time.Duration // after which a phone that sends no sound is dead; default as in the settings
	Log      *slog.Logger
	// DatabaseURL and RedisURL as in the settings; empty: private, none.
	DatabaseURL string
	RedisURL    string
}

// Box is a running centre.
type Box struct {
	Asterisk *asteriskconf.Instance
	Node     *node.Node // replaced by Restart
	Settings settings.Settings
	SIP      string // where calls go: host:port
	URL      string // of the pages, http://host:port

	log   *slog.Logger
	ports asteriskconf.Ports
}

// Start brings a centre up and returns when it takes calls.
func Start(ctx context.Context, o Options) (b *Box, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	b = &Box{log: o.Log}
	defer func() {
		if err != nil {
			err = errors.Join(disk.Blame(err, o.Dir), b.Close())
		}
	}()
	if err := Room(o.Dir, o.DatabaseURL == ""); err != nil {
		return b, err
	}
	prefix, err := asteriskconf.Find(asteriskconf.CacheDir())
	if err != nil {
		return b, err
	}
	instance := filepath.Join(o.Dir, "asterisk")
	sounds := filepath.Join(instance, "data", "sounds")
	if err := placeSounds(ctx, o, sounds); err != nil {
		o.Log.Warn("prompts", "err", err)
	}
	sipHost, sipPort, err := splitSIP(o.SIP)
	if err != nil {
		return b, err
	}
	if b.ports, err = asteriskconf.FreePorts(sipPort); err != nil {
		return b, err
	}
	p := asteriskconf.Params{Dir: instance, Prefix: prefix, ARIPassword: rand.Text(), FallbackMembers: o.Fallback,
		MusicDir: filepath.Join(sounds, "moh", "default"), Country: o.Country, Trunk: o.Trunk, RTPTimeout: o.Silence}
	b.ports.Apply(&p)
	if o.SIP != "" {
		p.SIPHost, p.SIPPort = sipHost, sipPort
	}
	if b.Asterisk, err = asteriskconf.Start(ctx, p); err != nil {
		return b, err
	}
	p = b.Asterisk.Params()
	b.SIP = net.JoinHostPort(p.SIPHost, strconv.Itoa(p.SIPPort))
	file := filepath.Join(o.Dir, "centre.yaml")
	if err := os.WriteFile(file, o.Centre, 0o600); err != nil {
		return b, fmt.Errorf("centre: %w", err)
	}
	http := o.HTTP
	if http == "" {
		http = "127.0.0.1:0"
	}
	b.Settings = settings.Settings{Data: filepath.Join(o.Dir, "data"), HTTP: settings.HTTP{Addr: []string{http}},
		DatabaseURL: settings.Secret(o.DatabaseURL), RedisURL: settings.Secret(o.RedisURL), Pool: "main", Node: "box",
		Asterisk: settings.Asterisk{URL: "http://127.0.0.1:" + strconv.Itoa(p.HTTPPort), User: p.ARIUser,
			Password: settings.Secret(p.ARIPassword), App: p.App, Recordings: p.RecordingDir, Sounds: sounds, Silence: o.Silence},
		Recordings: filepath.Join(o.Dir, "recordings"), Centre: file}
	if err := b.StartNode(ctx); err != nil {
		return b, err
	}
	// A box keeps its ledger over starts; the centre is the one given now.
	if _, err := b.Node.Apply(ctx, file, o.Centre, "box", false); err != nil {
		return b, err
	}
	return b, nil
}

// splitSIP reads host:port; nothing is no port.
func splitSIP(addr string) (host string, port int, err error) {
	if addr == "" {
		return "", 0, nil
	}
	host, text, err := net.SplitHostPort(addr)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil {
		return "", 0, fmt.Errorf("SIP address %q: give host:port", addr)
	}
	return host, port, nil
}

// leastRoom is for what each start writes anew: configuration, prompts, music.
const leastRoom = 16 << 20

// Room says in a sentence that a folder has no room for a centre, with or
// without a Postgres of its own.
func Room(dir string, private bool) error {
	if private {
		if err := node.RoomForLedger(filepath.Join(dir, "data")); err != nil {
			return err
		}
	}
	return disk.Need(dir, leastRoom)
}

// placeSounds makes the prompts, or links those made before.
func placeSounds(ctx context.Context, o Options, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if o.Sounds != "" {
		if err := os.Symlink(o.Sounds, dir); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		return nil
	}
	c, err := centre.Parse("centre.yaml", o.Centre)
	if err != nil {
		return err
	}
	maker := prompts.Maker{Company: c.Name, CompanyEnglish: c.NameEN}
	if err := maker.Generate(ctx, dir); err != nil {
		return err
	}
	return maker.Say(ctx, dir, c.Prompts)
}

// StartNode starts the node of the box, at first or after StopNode or a crash.
func (b *Box) StartNode(ctx context.Context) error {
	n, err := node.Start(ctx, b.Settings, b.log)
	if err != nil {
		return err
	}
	b.Node = n
	if err := n.Ready(ctx); err != nil {
		return err
	}
	addr := n.Addrs()[0].String()
	b.Settings.HTTP.Addr = []string{addr} // the same after a restart
	b.URL = "http://" + addr
	return nil
}

// StopNode ends the node; Asterisk and its calls go on.
func (b *Box) StopNode() error {
	if b.Node == nil {
		return nil
	}
	n := b.Node
	b.Node = nil
	return n.Close()
}

// stopWithin limits an orderly end.
const stopWithin = 15 * time.Second

// Close ends everything the box started, and nothing else.
func (b *Box) Close() error {
	errs := []error{b.StopNode()}
	if b.Asterisk != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		errs = append(errs, b.Asterisk.Stop(ctx))
	}
	b.ports.Close()
	return errors.Join(errs...)
}
