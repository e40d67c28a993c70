package dashboard

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// drainTimeout is how long connections that were taken may wait for their
// request or its answer before the server is told to end.
const drainTimeout = time.Second

// busy holds connections whose request is under way or still to come. A server
// that is told to shut down drops those without an answer whose request it reads
// a moment later, so it is told when there are none.
type busy struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	none  chan struct{} // closed when there are none; nil: nobody waits
}

// state is for http.Server.ConnState.
func (b *busy) state(c net.Conn, s http.ConnState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch s {
	case http.StateNew, http.StateActive:
		b.conns[c] = struct{}{}
	default:
		delete(b.conns, c)
	}
	if len(b.conns) == 0 && b.none != nil {
		close(b.none)
		b.none = nil
	}
}

// wait is called once, when no more connections come.
func (b *busy) wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	none := make(chan struct{})
	b.mu.Lock()
	if len(b.conns) == 0 {
		close(none)
	} else {
		b.none = none
	}
	b.mu.Unlock()
	select {
	case <-none:
	case <-ctx.Done():
	}
}

// once is a listener that may be closed more often than once.
type once struct {
	net.Listener
	do  sync.Once
	err error
}

func (o *once) Close() error {
	o.do.Do(func() { o.err = o.Listener.Close() })
	return o.err
}
