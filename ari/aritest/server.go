package aritest

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// Request is a REST request that came.
type Request struct {
	Method string
	Path   string // below /ari
	Query  url.Values
	Body   string
}

// String is the method and the path.
func (r Request) String() string { return r.Method + " " + r.Path }

// Answer is what a request gets: a status and a body.
type Answer struct {
	Status int
	Body   string
}

// Server is the stand-in. Its methods may be called from any goroutine.
type Server struct {
	http     *http.Server
	done     chan struct{}
	upgrader websocket.Upgrader

	writing sync.Mutex // of events, one at a time

	mu       sync.Mutex
	requests []Request
	handler  func(Request) (Answer, bool)
	socket   *websocket.Conn
	silent   bool
	sockets  int
}

// NewServer serves on a listener until Close.
func NewServer(ln net.Listener) *Server {
	s := &Server{done: make(chan struct{})}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve)}
	go func() {
		defer close(s.done)
		s.http.Serve(ln)
	}()
	return s
}

// Close ends everything.
func (s *Server) Close() {
	s.Drop()
	s.http.Close()
	<-s.done
}

// Handle answers requests; what it does not want gets the default answer:
// empty lists, and 204 for everything that changes something. It may block.
func (s *Server) Handle(f func(Request) (Answer, bool)) {
	s.mu.Lock()
	s.handler = f
	s.mu.Unlock()
}

// Requests are all REST requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Sockets is how many event sockets were opened.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sockets
}

// Emit sends one event, or anything else, on the newest event socket.
func (s *Server) Emit(event string) error {
	s.mu.Lock()
	socket := s.socket
	s.mu.Unlock()
	if socket == nil {
		return net.ErrClosed
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	return socket.WriteMessage(websocket.TextMessage, []byte(event))
}

// Drop closes the event socket without a word.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket != nil {
		s.socket.Close()
		s.socket = nil
	}
}

// Stall sends the first half of a frame and then nothing more, not even pongs, as
// Asterisk does when a write has blocked for too long (facts 6.15). The
// connection stays open.
func (s *Server) Stall(event string) error {
	s.mu.Lock()
	s.silent = true
	socket := s.socket
	s.mu.Unlock()
	if socket == nil {
		return net.ErrClosed
	}
	const text, large = 0x81, 126 // one whole text frame, its length in two bytes
	frame := append([]byte{text, large, byte(len(event) >> 8), byte(len(event))}, event[:len(event)/2]...)
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err := socket.NetConn().Write(frame)
	return err
}

// Silence makes event sockets answer no more pings, as a peer does whose
// machine has gone, or (false) answer again.
func (s *Server) Silence(silent bool) {
	s.mu.Lock()
	s.silent = silent
	s.mu.Unlock()
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/ari")
	if path == "/events" {
		s.events(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	req := Request{r.Method, path, r.URL.Query(), string(body)}
	s.mu.Lock()
	s.requests = append(s.requests, req)
	handler := s.handler
	s.mu.Unlock()
	if handler != nil {
		if a, ok := handler(req); ok {
			reply(w, a)
			return
		}
	}
	reply(w, usual(req))
}

func reply(w http.ResponseWriter, a Answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Status)
	io.WriteString(w, a.Body)
}

func usual(r Request) Answer {
	switch {
	case r.Method != http.MethodGet:
		return Answer{http.StatusNoContent, ""}
	case strings.HasPrefix(r.Path, "/asterisk/config/"):
		return Answer{http.StatusNotFound, "{}"} // no object is there
	case r.Path == "/channels", r.Path == "/bridges", strings.HasPrefix(r.Path, "/endpoints"):
		return Answer{http.StatusOK, "[]"}
	}
	return Answer{http.StatusOK, "{}"}
}

func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	socket, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	pong := socket.PingHandler()
	socket.SetPingHandler(func(data string) error {
		s.mu.Lock()
		silent := s.silent
		s.mu.Unlock()
		if silent {
			return nil
		}
		return pong(data)
	})
	s.mu.Lock()
	s.socket = socket
	s.sockets++
	s.mu.Unlock()
	for {
		if _, _, err := socket.ReadMessage(); err != nil {
			return
		}
	}
}
