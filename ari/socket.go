package ari

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one connection to Asterisk's event stream. Asterisk neither pings
// nor closes when it gives up on a reader (facts 2.15c, 6.15): only our own
// pings with a deadline find out.
type socket struct {
	conn  *websocket.Conn
	inbox *inbox
	stop  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup
}

// frameLimit is far above any event; it bounds what a broken peer makes us hold.
const frameLimit = 4 << 20

func dialSocket(ctx context.Context, url string, o Options) (*socket, error) {
	dialer := websocket.Dialer{HandshakeTimeout: o.DeadAfter, ReadBufferSize: 64 << 10, NetDialContext: o.dial}
	auth := base64.StdEncoding.EncodeToString([]byte(o.User + ":" + o.Password))
	conn, resp, err := dialer.DialContext(ctx, url, http.Header{"Authorization": {"Basic " + auth}})
	if err != nil {
		return nil, fmt.Errorf("connect to Asterisk's events at %s: %w", o.URL, explain(resp, err))
	}
	s := &socket{conn: conn, inbox: newInbox(), stop: make(chan struct{})}
	conn.SetReadLimit(frameLimit)
	alive := func() error { return conn.SetReadDeadline(time.Now().Add(o.DeadAfter)) }
	if err := alive(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("set a deadline on Asterisk's events: %w", err)
	}
	conn.SetPongHandler(func(string) error { return alive() })
	s.wg.Add(2)
	go s.read(alive)
	go s.ping(o)
	return s, nil
}

// explain names the usual mistakes, which a bare "bad handshake" hides.
func explain(resp *http.Response, err error) error {
	if resp == nil {
		return err
	}
	io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		return fmt.Errorf("user or password refused (see ari.conf): %w", err)
	case http.StatusNotFound:
		return fmt.Errorf("no ARI at this address (is res_ari loaded, and the URL's end /ari?): %w", err)
	}
	return fmt.Errorf("HTTP status %s: %w", resp.Status, err)
}

func (s *socket) read(alive func() error) {
	defer s.wg.Done()
	for {
		kind, data, err := s.conn.ReadMessage()
		if err != nil {
			s.inbox.close(fmt.Errorf("read Asterisk's events: %w", err))
			return
		}
		if err := alive(); err != nil {
			s.inbox.close(fmt.Errorf("set a deadline on Asterisk's events: %w", err))
			return
		}
		if kind == websocket.TextMessage {
			s.inbox.put(message{data, time.Now()})
		}
	}
}

func (s *socket) ping(o Options) {
	defer s.wg.Done()
	tick := time.NewTicker(o.PingEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			if err := s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(o.PingEvery)); err != nil {
				s.inbox.close(fmt.Errorf("ping Asterisk: %w", err))
				s.conn.Close() // the reader need not wait for its deadline
				return
			}
		}
	}
}

// close ends the connection and its goroutines.
func (s *socket) close() {
	s.once.Do(func() {
		close(s.stop)
		s.conn.Close()
	})
	s.wg.Wait()
}
