package node

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A node hands over to a newer process on the same machine: it stops leading
// as at SIGTERM, passes its open ports and the lock of its private Postgres
// over the control socket, and ends when the other says that it leads. If the
// other does not, this node leads again (docs/adr/0012).

const (
	// takeoverProtocol is the form of what two processes say to each other here.
	takeoverProtocol = 1
	// leadWithin is how long the newer process may take from the hand-over until
	// it hears the switch; decideWithin is when the older one gives it up.
	leadWithin   = 10 * time.Second
	decideWithin = 15 * time.Second
	// behindHandingOver is the age of records not yet in Postgres from which
	// nothing is handed over: the other could not load them.
	behindHandingOver = 3 * time.Second

	sayLeading, sayBye = "leading\n", "bye\n"
)

// takeoverState is what a node says of itself before it is asked to hand over.
type takeoverState struct {
	Protocol int    `json:"protocol"`
	PID      int    `json:"pid"` // a socket that was handed over tells who made it, not who serves it
	Pool     string `json:"pool"`
	Database string `json:"database"`
	Private  bool   `json:"private"` // the database is its own server's
	Ports    []port `json:"ports"`
}

// port is one on which pages are served.
type port struct {
	Set   string `json:"set"`   // as the settings have it
	Bound string `json:"bound"` // as the system has it
}

func (p port) is(addr string) bool { return p.Set == addr || p.Bound == addr }

func (n *Node) ports() []port {
	var all []port
	for i, ln := range n.plain {
		all = append(all, port{n.set.HTTP.Addr[i], ln.Addr().String()})
	}
	return all
}

// passed tells what the descriptors are that come with it: the pages' ports in
// this order, the control socket, and the private Postgres's lock if there is one.
type passed struct {
	Ports   []port `json:"ports"`
	Private bool   `json:"private"`
	Term    uint64 `json:"term"` // of the lease, in which this node led last; 0: none
}

// succession is a hand-over in the eyes of who governs.
type succession struct {
	stopped chan error // what came of the end of leading
	gone    chan bool  // the other leads, and this node ends
}

// govern runs the node until ctx ends or another process has taken over.
func (n *Node) govern(run context.Context) error {
	for {
		ctx, stop := context.WithCancel(run)
		ended := make(chan error, 1)
		go func() { ended <- n.run(ctx) }()
		select {
		case err := <-ended:
			stop()
			return err
		case s := <-n.handOver:
			sw := n.leadNow.sw.Load()
			if sw != nil { // new callers reach the application all the while
				sw.Linger()
			}
			stop()
			s.stopped <- <-ended
			gone := <-s.gone
			if sw != nil {
				sw.Release()
			}
			if gone {
				return nil
			}
		}
	}
}

func (n *Node) controlState(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(takeoverState{Protocol: takeoverProtocol, PID: os.Getpid(), Pool: n.set.Pool, Database: n.dbURL,
		Private: n.private != nil, Ports: n.ports()})
}

// controlTakeover hands over to who asks.
func (n *Node) controlTakeover(w http.ResponseWriter, _ *http.Request) {
	if !n.handing.TryLock() {
		http.Error(w, "it is handing over to another process already", http.StatusConflict)
		return
	}
	defer n.handing.Unlock()
	if err := n.mayHandOver(); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "not on this connection", http.StatusInternalServerError)
		return
	}
	c, _, err := hijacker.Hijack()
	if err != nil {
		return // the connection is gone
	}
	defer c.Close()
	conn, ok := c.(*net.UnixConn)
	if !ok {
		return // the control socket has no others
	}
	pid, _, err := peer(conn)
	if err != nil {
		n.log.Error("hand-over refused", "err", err)
		return
	}
	began := time.Now()
	n.log.Info("handing over to a newer process; conversations go on in Asterisk", "pid", pid)
	s := &succession{make(chan error, 1), make(chan bool, 1)}
	select {
	case n.handOver <- s:
	case <-n.ended:
		return
	}
	if err = <-s.stopped; err == nil {
		err = n.pass(conn)
	}
	if err != nil {
		n.log.Error("the newer process did not take over, so this one leads again; its own words say why, and --takeover may be tried again", "pid", pid, "err", err)
		s.gone <- false
		return
	}
	n.log.Info("handed over", "pid", pid, "took", time.Since(began).Round(time.Millisecond))
	n.control.SetUnlinkOnClose(false) // it is the other's now
	if err := tellSupervisor(fmt.Sprintf("MAINPID=%d", pid)); err != nil {
		n.log.Warn("systemd could not be told of the new process and will take the service for ended: NotifyAccess=main lets it hear", "err", err)
	}
	s.gone <- true
}

// mayHandOver is an error when nobody could take over now.
func (n *Node) mayHandOver() error {
	if j := n.leadNow.journal.Load(); j != nil {
		if records, age := j.Lag(); age > behindHandingOver {
			return fmt.Errorf("%d records wait for Postgres, the oldest for %s: try again when it takes them", records, age.Round(time.Second))
		}
	}
	return nil
}

// pass gives the other process what it needs and waits until it leads. After
// an error all of it is this node's again.
func (n *Node) pass(conn *net.UnixConn) (err error) {
	var fds []int
	defer func() {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}()
	for _, ln := range n.plain {
		sc, ok := ln.(syscall.Conn)
		if !ok {
			return fmt.Errorf("the port %s cannot be handed over", ln.Addr())
		}
		if fds, err = duplicate(fds, sc); err != nil {
			return err
		}
	}
	if fds, err = duplicate(fds, n.control); err != nil {
		return err
	}
	rights := fds
	if n.private != nil {
		lock, left := n.private.Leave()
		if left != nil {
			return left
		}
		defer func() {
			if err != nil {
				n.private.Resume()
			}
		}()
		rights = append(rights[:len(rights):len(rights)], int(lock))
	}
	return n.passOver(conn, rights)
}

func (n *Node) passOver(conn *net.UnixConn, rights []int) error {
	body, err := json.Marshal(passed{Ports: n.ports(), Private: n.private != nil, Term: n.token.Load()})
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(decideWithin)); err != nil {
		return err
	}
	if _, _, err := conn.WriteMsgUnix(append(body, '\n'), unix.UnixRights(rights...), nil); err != nil {
		return fmt.Errorf("pass the ports: %w", err)
	}
	said, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return fmt.Errorf("it was to say within %s that it leads: %w", decideWithin, err)
	}
	if said != sayLeading {
		return fmt.Errorf("it said %q", said)
	}
	_, _ = conn.Write([]byte(sayBye)) // it leads, whether it hears this or not
	return nil
}

// duplicate adds a copy of a descriptor; the original may be closed then.
func duplicate(fds []int, of syscall.Conn) ([]int, error) {
	raw, err := of.SyscallConn()
	if err != nil {
		return fds, err
	}
	var copied int
	if ctl := raw.Control(func(fd uintptr) { copied, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); ctl != nil {
		return fds, ctl
	}
	if err != nil {
		return fds, err
	}
	return append(fds, copied), nil
}

// peer is the process at the other end, and its account.
func peer(conn *net.UnixConn) (pid, uid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	var cred *unix.Ucred
	if ctl := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); ctl != nil {
		return 0, 0, ctl
	}
	if err != nil {
		return 0, 0, fmt.Errorf("who is at the control socket: %w", err)
	}
	return int(cred.Pid), int(cred.Uid), nil
}

// tellSupervisor tells systemd, when it runs us and listens (sd_notify(3)).
func tellSupervisor(state string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	if rest, abstract := strings.CutPrefix(path, "@"); abstract {
		path = "\x00" + rest
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte(state))
	return errors.Join(err, conn.Close())
}
