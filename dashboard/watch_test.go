package dashboard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

func dial(t testing.TB, addr string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	conn, res, err := websocket.DefaultDialer.Dial("ws://"+addr+"/ws/v1/wallboard", header)
	if err == nil {
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
	return conn, res, err
}

func mustDial(t testing.TB, addr string, header http.Header) *websocket.Conn {
	t.Helper()
	conn, _, err := dial(t, addr, header)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// seen is what the tests look at in a frame.
type seen struct {
	LedgerSeq uint64
	Type      string
}

// read takes the fields from the front of a frame by scanning: two hundred
// screens that decode everything would measure themselves.
func read(conn *websocket.Conn) (s seen, err error) {
	_, data, err := conn.ReadMessage()
	if err == nil {
		var seq uint64
		_, err = fmt.Sscanf(string(data[:min(len(data), 80)]), `{"type":"wallboard","seq":%d,"ledger_seq":%d,`, &seq, &s.LedgerSeq)
		s.Type = "wallboard"
	}
	return s, err
}

func TestWallboardFollows(t *testing.T) {
	c := newCentre(t)
	addr, stop := c.serve(t)
	conn := mustDial(t, addr, nil)
	s, err := read(conn)
	if err != nil || s.Type != "wallboard" || s.LedgerSeq != c.core.Snapshot().Seq {
		t.Fatalf("first frame: %+v %v", s, err)
	}
	ring(c.core, 1)
	for want := c.core.Snapshot().Seq; s.LedgerSeq < want; {
		if s, err = read(conn); err != nil {
			t.Fatal(err)
		}
	}
	go stop()
	for err == nil {
		_, err = read(conn)
	}
	if !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("a stopping server said %v, want 1012 so that screens come back", err)
	}
}

func TestWallboardNeedsLoginFromElsewhere(t *testing.T) {
	c := newCentre(t)
	addr, _ := c.serve(t)
	proxied := http.Header{"X-Forwarded-For": {"203.0.113.9"}}
	_, err := read(mustDial(t, addr, proxied))
	if !websocket.IsCloseError(err, closeNotSignedIn) {
		t.Errorf("not signed in, got %v, want close code 4401", err)
	}
	r := basic(&http.Request{Header: proxied.Clone()}, "agent")
	if s, err := read(mustDial(t, addr, r.Header)); err != nil || s.Type != "wallboard" {
		t.Errorf("signed in: %+v %v", s, err)
	}
	c.opts.WallboardPublic = true
	if s, err := read(mustDial(t, addr, proxied)); err != nil || s.Type != "wallboard" {
		t.Errorf("public wallboard: %+v %v", s, err)
	}
}

func TestWallboardOrigin(t *testing.T) {
	c := newCentre(t, func(o *Options) { o.Origins = []string{"https://desk.example.com"} })
	addr, _ := c.serve(t)
	for origin, want := range map[string]bool{"http://" + addr: true, "https://desk.example.com": true,
		"http://evil.example": false, "null": false} {
		_, res, err := dial(t, addr, http.Header{"Origin": {origin}})
		if (err == nil) != want {
			t.Errorf("origin %s: %v", origin, err)
		}
		if !want && res.StatusCode != http.StatusForbidden {
			t.Errorf("origin %s: status %d", origin, res.StatusCode)
		}
	}
}

func TestWallboardEndsWithTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		token := c.signedIn(t, "agent").cookie.Value
		conn, hub := pipe(t, c, http.Header{"X-Forwarded-For": {"203.0.113.9"}, "Cookie": {cookieName + "=" + token}})
		defer hub()
		if _, err := read(conn); err != nil {
			t.Fatal(err)
		}
		if err := c.auth.sessions.end(t.Context(), idOf(token)); err != nil {
			t.Fatal(err)
		}
		var err error
		for err == nil {
			_, err = read(conn)
		}
		if !websocket.IsCloseError(err, closeNotSignedIn) {
			t.Errorf("signed out, got %v, want close code 4401", err)
		}
	})
}

// pipe connects a screen to the centre inside a bubble. The returned function
// ends everything.
func pipe(t *testing.T, c *centre, header http.Header) (*websocket.Conn, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	ln := newPipes()
	go func() { defer close(done); _ = c.Serve(ctx, ln) }()
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return ln.dial() }}
	conn, _, err := d.Dial("ws://127.0.0.1/ws/v1/wallboard", header)
	if err != nil {
		t.Fatal(err)
	}
	return conn, func() { conn.Close(); cancel(); <-done }
}

// A screen that takes nothing is dropped when its slot could not be emptied
// for writeLimit, and nobody else notices.
func TestWallboardDropsTheStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		_, end := pipe(t, c, nil) // never reads: a pipe holds nothing back
		defer end()
		synctest.Wait()
		quick, err := c.hub.join("b", func() {})
		if err != nil {
			t.Fatal(err)
		}
		<-quick.next
		for i := range 10 {
			began := time.Now()
			ring(c.core, i)
			if <-quick.next; time.Since(began) > 100*time.Millisecond {
				t.Errorf("a stuck screen held the others up for %s", time.Since(began))
			}
		}
		if n := c.hub.watching(); n != 2 {
			t.Errorf("%d watch, the stuck one has %s to recover", n, writeLimit)
		}
		time.Sleep(writeLimit + time.Second)
		synctest.Wait()
		if n := c.hub.watching(); n != 1 {
			t.Errorf("%d watch, want only the one that reads", n)
		}
		c.hub.leave(quick)
	})
}

// A screen that takes frames but answers no ping is dropped.
func TestWallboardDropsTheDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		conn, end := pipe(t, c, nil)
		defer end()
		conn.SetPingHandler(func(string) error { return nil })
		began := time.Now()
		var err error
		for err == nil {
			_, err = read(conn)
		}
		if d := time.Since(began); d < silenceLimit || d > silenceLimit+pingEvery {
			t.Errorf("dropped after %s of silence: %v", d, err)
		}
	})
}

// A screen that answers pings stays for hours.
func TestWallboardStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		conn, end := pipe(t, c, nil)
		defer end()
		for began := time.Now(); time.Since(began) < 2*time.Hour; {
			if _, err := read(conn); err != nil {
				t.Fatalf("after %s: %v", time.Since(began), err)
			}
		}
	})
}

func TestWallboardHearsNothing(t *testing.T) {
	c := newCentre(t)
	addr, _ := c.serve(t)
	conn := mustDial(t, addr, nil)
	if err := conn.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, err = read(conn)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("a screen that talks was kept")
	}
}

// Plain HTTP to the socket's address is told so.
func TestWallboardPlainHTTP(t *testing.T) {
	addr, _ := newCentre(t).serve(t)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write([]byte("GET /ws/v1/wallboard HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusBadRequest || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("got %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
}

// pipes is a listener of connections in memory, with a loopback address, so
// that whole conversations run on virtual time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

type pipeConn struct{ net.Conn }

func (pipeConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5} }

func (p *pipes) dial() (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- pipeConn{far}:
		return near, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
