package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	closeNotSignedIn = 4401 // the page goes to its login
	writeLimit       = 5 * time.Second
	pingEvery        = 10 * time.Second
	silenceLimit     = 25 * time.Second // two pings without an answer
	readLimit        = 512              // bytes; screens have nothing to say
	sendBuffer       = 128 << 10        // few frames: what lies in the kernel cannot be replaced by newer ones
	checkLimit       = 2 * time.Second
)

var upgrader = websocket.Upgrader{
	HandshakeTimeout:  writeLimit,
	ReadBufferSize:    1024,
	WriteBufferSize:   1024,
	WriteBufferPool:   &sync.Pool{},
	EnableCompression: true,                                                    // once per frame, not per watcher
	CheckOrigin:       func(*http.Request) bool { return true },                // sameOrigin has, with a problem as answer
	Error:             func(http.ResponseWriter, *http.Request, int, error) {}, // likewise
}

// watchWallboard is GET /ws/v1/wallboard.
func (s *Server) watchWallboard(w http.ResponseWriter, r *http.Request, id identity) error {
	if !websocket.IsWebSocketUpgrade(r) {
		return newProblem(http.StatusBadRequest, codeBadRequest, "this address speaks WebSocket; GET /api/v1/wallboard answers once")
	}
	if !s.sameOrigin(r) {
		return newProblem(http.StatusForbidden, codeCrossOrigin, "the wallboard is for our own pages")
	}
	isOpen := access{wall: true}.open(s, r)
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return newProblem(http.StatusBadRequest, codeBadRequest, "no WebSocket could be made of this request: "+err.Error())
	}
	if !isOpen && !id.signedIn() {
		sayGoodbye(conn, closeNotSignedIn, "sign in first")
		return nil
	}
	watcher, err := s.hub.join(addressKey(r.RemoteAddr), func() { _ = conn.Close() })
	if err != nil {
		sayGoodbye(conn, websocket.CloseTryAgainLater, err.Error())
		return nil
	}
	if tcp, ok := conn.NetConn().(interface{ SetWriteBuffer(int) error }); ok {
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
	valid := func() bool { return true }
	if !isOpen && id.token != "" {
		valid = func() bool { return s.stillSignedIn(id.token) }
	}
	heard := make(chan struct{}) // closed when the screen is gone
	go func() { defer close(heard); listen(conn) }()
	go func() {
		defer s.hub.leave(watcher)
		defer conn.Close()
		tell(conn, watcher, s.hub.stop, heard, valid)
	}()
	return nil
}

// tell writes frames and pings until something fails. Only this goroutine
// writes.
func tell(conn *websocket.Conn, w *watcher, stop, heard <-chan struct{}, valid func() bool) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case f := <-w.next:
			_ = conn.SetWriteDeadline(time.Now().Add(writeLimit))
			if conn.WritePreparedMessage(f.wire) != nil {
				return // slow or dead: it may come again
			}
		case <-ping.C:
			if !valid() {
				sayGoodbye(conn, closeNotSignedIn, "the session ended")
				return
			}
			if conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeLimit)) != nil {
				return
			}
		case <-stop:
			sayGoodbye(conn, websocket.CloseServiceRestart, "the server restarts")
			return
		case <-heard:
			return
		}
	}
}

// listen reads until the screen is gone, silent for too long, or says
// something, which no screen of ours does.
func listen(conn *websocket.Conn) {
	conn.SetReadLimit(readLimit)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(silenceLimit)) }
	_ = alive("")
	conn.SetPongHandler(alive)
	_, _, _ = conn.NextReader()
}

// sayGoodbye closes with a reason that the page can act on.
func sayGoodbye(conn *websocket.Conn, code int, why string) {
	if len(why) > 120 { // what a close frame can carry
		why = why[:120]
	}
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(writeLimit))
	_ = conn.Close()
}

// stillSignedIn also counts as use of the session: a wallboard that is watched
// is not idle.
func (s *Server) stillSignedIn(token string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), checkLimit)
	defer cancel()
	_, _, ok, err := s.auth.sessions.use(ctx, time.Now(), token)
	return ok || err != nil // a store that is away ends no session
}

// sameOrigin: browsers always tell the origin of a WebSocket, programs do not.
func (s *Server) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && (strings.EqualFold(u.Host, r.Host) || slices.Contains(s.opts.Origins, origin))
}
