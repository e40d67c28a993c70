package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// screens are clients of the wallboard.
type screens struct {
	conns []*websocket.Conn
	seen  [][]sight // by client, in order of arrival; read it after close
	last  []atomic.Uint64
	errs  []error
	wg    sync.WaitGroup
	stop  chan struct{}
}

// sight is a frame as it came in.
type sight struct {
	ledger uint64
	at     time.Time
}

func openScreens(ctx context.Context, url string, n int) (*screens, error) {
	s := &screens{seen: make([][]sight, n), last: make([]atomic.Uint64, n), errs: make([]error, n), stop: make(chan struct{})}
	target := strings.Replace(url, "http", "ws", 1) + "/ws/v1/wallboard"
	for i := range n {
		conn, _, err := websocket.DefaultDialer.DialContext(ctx, target, nil)
		if err != nil {
			return nil, errors.Join(s.close(), fmt.Errorf("connect wallboard client %d: %w", i+1, err))
		}
		s.conns = append(s.conns, conn)
	}
	for i, conn := range s.conns {
		s.wg.Go(func() { s.errs[i] = s.watch(i, conn) })
	}
	return s, nil
}

// watch reads frames until the connection ends. Only the head of a frame is
// looked at: two hundred browsers have more than two cores, we have not.
func (s *screens) watch(i int, conn *websocket.Conn) error {
	var body bytes.Buffer
	for {
		_, r, err := conn.NextReader()
		if err == nil {
			body.Reset()
			_, err = io.Copy(&body, r)
		}
		at := time.Now()
		if err != nil {
			select {
			case <-s.stop:
				return nil
			default:
				return fmt.Errorf("wallboard client %d: %w", i+1, err)
			}
		}
		ledger, err := ledgerOf(body.Bytes())
		if err != nil {
			return fmt.Errorf("wallboard client %d: %w", i+1, err)
		}
		s.seen[i] = append(s.seen[i], sight{ledger, at})
		s.last[i].Store(ledger)
	}
}

var ledgerKey = []byte(`"ledger_seq":`)

// ledgerOf reads the number of the last record that a frame reflects.
func ledgerOf(frame []byte) (uint64, error) {
	_, rest, ok := bytes.Cut(frame, ledgerKey)
	if !ok {
		return 0, fmt.Errorf("a frame without ledger_seq: %.80s", frame)
	}
	digits := bytes.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseUint(string(rest[:max(digits, 0)]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("ledger_seq of a frame: %w", err)
	}
	return n, nil
}

// reach waits until every client has seen a record.
func (s *screens) reach(ctx context.Context, ledger uint64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for i := range s.last {
		for s.last[i].Load() < ledger {
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return fmt.Errorf("wallboard client %d has seen record %d and not %d: %w", i+1, s.last[i].Load(), ledger, err)
			}
		}
	}
	return nil
}

// close ends all clients, and tells what went wrong with them before.
func (s *screens) close() error {
	close(s.stop)
	for _, conn := range s.conns {
		conn.Close()
	}
	s.wg.Wait()
	for _, err := range s.errs {
		if err != nil {
			return err
		}
	}
	return nil
}
