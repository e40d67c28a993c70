package node

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/internal/settings"
)

// predecessor is the node that runs with our data folder and is to end.
type predecessor struct {
	data  string
	state takeoverState
	pid   int
	pidfd int
	conn  *net.UnixConn // over which it hands over; nil before
	lock  *os.File      // of its private Postgres; nil without or once adopted
	over  bool          // it has said bye, or it is gone
}

// askWithin bounds the questions to a running node before it is asked to hand over.
const askWithin = 10 * time.Second

// TakeOver is Start in the place of the node that runs with the same data
// folder: all is made ready beside it, then it hands over and ends. After an
// error that one goes on as if nothing had happened. If none runs, TakeOver is
// Start.
func TakeOver(ctx context.Context, set settings.Settings, log *slog.Logger) (*Node, error) {
	before, err := findPredecessor(ctx, set.Data)
	if errors.Is(err, ErrNotRunning) {
		log.Info("nobody runs with this data folder, so there is nothing to take over: starting as usual", "data", set.Data)
		return Start(ctx, set, log)
	}
	if err != nil {
		return nil, fmt.Errorf("take over: %w", err)
	}
	defer unix.Close(before.pidfd)
	log.Info("taking over; the running threerings goes on until all is ready", "pid", before.pid)
	n, err := begin(ctx, set, log, before)
	if err != nil && ctx.Err() == nil && before.gone(0) {
		log.Warn("the threerings that was to hand over has ended; starting as usual", "pid", before.pid, "err", err)
		return Start(ctx, set, log)
	}
	if err != nil {
		return nil, fmt.Errorf("take over from the threerings with pid %d, which goes on: %w", before.pid, err)
	}
	return n, nil
}

func findPredecessor(ctx context.Context, data string) (*predecessor, error) {
	c, err := Dial(data)
	if err != nil {
		return nil, err
	}
	p := &predecessor{data: data}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: ControlPath(data), Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", data, ErrNotRunning)
	}
	_, uid, err := peer(conn)
	conn.Close()
	if err != nil {
		return nil, err
	}
	if us := os.Geteuid(); uid != us {
		return nil, fmt.Errorf("the running threerings is of the account with uid %d, this one of %d: run it as that account", uid, us)
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	body, err := c.do(ctx, http.MethodGet, "/takeover", nil)
	if err != nil {
		return nil, fmt.Errorf("%w; if it stays so, end it and start this one", err)
	}
	if json.Unmarshal(body, &p.state) != nil || p.state.Protocol != takeoverProtocol {
		return nil, errors.New("the running threerings is of a version that cannot hand over to this one: stop it (SIGTERM) and start this one")
	}
	p.pid = p.state.PID
	if p.pidfd, err = unix.PidfdOpen(p.pid, 0); err != nil {
		return nil, fmt.Errorf("watch the running threerings (pid %d; it takes a Linux of 5.3 or later): %w", p.pid, err)
	}
	return p, nil
}

// fits refuses settings with which this node would be another.
func (p *predecessor) fits(set settings.Settings) error {
	const instead = ": what is set here must be as it was set there; to change it, stop that one and start this one"
	url := set.DatabaseURL.Reveal()
	switch {
	case p.state.Pool != set.Pool:
		return fmt.Errorf("it serves the pool %q, this one is set to %q%s", p.state.Pool, set.Pool, instead)
	case p.state.Private && url != "":
		return errors.New("it runs a Postgres of its own, here database_url is set" + instead)
	case !p.state.Private && url == "":
		return errors.New("it uses a database_url, here none is set" + instead)
	case !p.state.Private && url != p.state.Database:
		return errors.New("it uses another database_url than is set here" + instead)
	case p.state.Private:
		return private.CanAdopt()
	}
	return nil
}

// gone tells whether the process has ended, or does so within a time.
func (p *predecessor) gone(within time.Duration) bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(p.pidfd), Events: unix.POLLIN}}, int(within.Milliseconds()))
	return err == nil && n > 0
}

// close lets it go on, unless it has handed over.
func (p *predecessor) close() {
	if p.conn != nil {
		p.conn.Close()
	}
	if p.lock != nil {
		p.lock.Close()
	}
}

// succeed makes the rest ready, has the one before hand over, and leads.
func (n *Node) succeed(ctx, run context.Context, before *predecessor, govern func()) error {
	if err := n.askSwitch(ctx); err != nil {
		return err
	}
	mine := map[string]net.Listener{}
	defer func() {
		for _, ln := range mine { // not taken, or there is no use for it
			ln.Close()
		}
	}()
	for _, addr := range n.set.HTTP.Addr {
		if !slices.ContainsFunc(before.state.Ports, func(p port) bool { return p.is(addr) }) {
			ln, err := net.Listen("tcp", addr)
			if err != nil {
				return fmt.Errorf("pages cannot be served (is another program on that port? set http.addr): %w", err)
			}
			mine[addr] = ln
		}
	}
	alone := n.set.RedisURL == ""
	if alone {
		n.standby = n.db.NewStandby(n.set.Pool)
		if err := n.standby.CatchUp(ctx); err != nil {
			return err
		}
		go n.standby.Run(run, n.leadNow.is)
	} else {
		govern() // it stands by as any other node, until the lease is free
	}
	term, err := n.receive(ctx, before, mine)
	if err != nil {
		return err
	}
	if err := n.listen(mine); err != nil {
		return err
	}
	if alone {
		govern()
	}
	soon, cancel := context.WithTimeout(ctx, leadWithin)
	defer cancel()
	if err := n.ready(soon, func() bool { return n.core.ledSince(term) }); err != nil {
		return err
	}
	if before.state.Private {
		if n.private, err = private.Adopt(ctx, filepath.Join(n.set.Data, "postgres"), before.lock); err != nil {
			return err
		}
		before.lock = nil // the server's
	}
	return nil
}

// askSwitch makes sure that Asterisk answers us before anybody stops leading.
func (n *Node) askSwitch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.set.Asterisk.URL+"/ari/asterisk/info?only=status", nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(n.set.Asterisk.User, n.set.Asterisk.Password.Reveal())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("Asterisk must answer before anything is handed over: %w", err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("Asterisk at %s refuses the user %q (%s): see asterisk.user and asterisk.password", n.set.Asterisk.URL, n.set.Asterisk.User, resp.Status)
	}
	return nil
}

// receive asks the one before to hand over and takes what it passes. The term
// is that of the lease in which it led last.
func (n *Node) receive(ctx context.Context, before *predecessor, pages map[string]net.Listener) (term uint64, err error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: ControlPath(before.data), Net: "unix"})
	if err != nil {
		return 0, fmt.Errorf("ask it to hand over: %w", err)
	}
	before.conn = conn
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := conn.SetDeadline(time.Now().Add(stopWithin + askWithin)); err != nil {
		return 0, err
	}
	if _, err := io.WriteString(conn, "POST /takeover HTTP/1.1\r\nHost: control\r\nContent-Length: 0\r\n\r\n"); err != nil {
		return 0, fmt.Errorf("ask it to hand over: %w", err)
	}
	message, files, err := readPassed(conn)
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return 0, err
	}
	var what passed
	if err := json.Unmarshal(message, &what); err != nil {
		return 0, fmt.Errorf("what it passes cannot be read: %w", err)
	}
	want := len(what.Ports) + 1
	if what.Private {
		want++
	}
	if len(files) != want {
		return 0, fmt.Errorf("it passed %d descriptors, %d belong to what it says: how many files may this process open (ulimit -n)?", len(files), want)
	}
	for i, p := range what.Ports {
		ln, err := net.FileListener(files[i])
		if err != nil {
			return 0, fmt.Errorf("the port %s: %w", p.Bound, err)
		}
		addr := p.Bound // of no use here, and closed
		if j := slices.IndexFunc(n.set.HTTP.Addr, p.is); j >= 0 {
			addr = n.set.HTTP.Addr[j]
		}
		pages[addr] = ln
	}
	ln, err := net.FileListener(files[len(what.Ports)])
	if err != nil {
		return 0, fmt.Errorf("control socket: %w", err)
	}
	n.onClose(func() { ln.Close() })
	control, ok := ln.(*net.UnixListener)
	if !ok {
		return 0, errors.New("what it passed is no control socket")
	}
	n.control = control
	if what.Private {
		before.lock, files = files[want-1], files[:want-1]
	}
	return what.Term, nil
}

// readPassed reads a line and the descriptors that come with it.
func readPassed(conn *net.UnixConn) (line []byte, files []*os.File, err error) {
	buf, oob := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(4*64))
	size, rights, flags, _, err := conn.ReadMsgUnix(buf, oob)
	if err != nil || size == 0 {
		return nil, nil, fmt.Errorf("it was asked to hand over and said nothing: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	control, err := unix.ParseSocketControlMessage(oob[:rights])
	if err != nil {
		return nil, nil, err
	}
	for _, m := range control {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return nil, files, err
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "handed over"))
		}
	}
	line = buf[:size]
	if bytes.HasPrefix(line, []byte("HTTP/")) { // it refuses
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(line)), nil)
		if err != nil {
			return nil, files, fmt.Errorf("it refuses: %.200q", line)
		}
		defer resp.Body.Close()
		why, _ := io.ReadAll(resp.Body)
		return nil, files, fmt.Errorf("it refuses: %s", strings.TrimSpace(string(why)))
	}
	if flags&unix.MSG_CTRUNC != 0 {
		return nil, files, errors.New("not all that it passed has come: how many files may this process open (ulimit -n)?")
	}
	return line, files, nil
}

// confirm tells the one before that this one leads, which ends it.
func (n *Node) confirm(ctx context.Context, before *predecessor) error {
	if err := before.conn.SetDeadline(time.Now().Add(askWithin)); err != nil {
		return err
	}
	_, err := io.WriteString(before.conn, sayLeading)
	if err == nil {
		var said string
		if said, err = bufio.NewReader(before.conn).ReadString('\n'); err == nil && said != sayBye {
			err = fmt.Errorf("it said %q", said)
		}
	}
	// One that died in the middle is as good as one that ends.
	if err != nil && !before.gone(2*time.Second) {
		return fmt.Errorf("it did not wait for this one: %w", err)
	}
	before.over = true
	n.control.SetUnlinkOnClose(true)
	n.log.Info("taken over", "from", before.pid)
	return ctx.Err()
}
