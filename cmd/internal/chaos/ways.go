package chaos

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// mostNodes of threerings are played with.
const mostNodes = 2

// ways are the proxies of one node: it can be cut off from a part that others
// reach.
type ways struct {
	ari, sql *proxy
	wire     *proxy // to Redis; nil without one
}

// toAsterisk and the like choose a way.
func toAsterisk(v *ways) *proxy { return v.ari }
func toPostgres(v *ways) *proxy { return v.sql }
func toRedis(v *ways) *proxy    { return v.wire }

// every is that way of all nodes.
func (w *world) every(way func(*ways) *proxy) (all []*proxy) {
	for _, v := range w.ways {
		all = append(all, way(v))
	}
	return all
}

// openWays makes the proxies of all nodes.
func (w *world) openWays() error {
	socket, err := w.postgresSocket()
	if err != nil {
		return err
	}
	for i := range mostNodes {
		v := &ways{}
		w.ways = append(w.ways, v)
		if v.ari, err = newProxy("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(w.params.HTTPPort)), w.said.by(nodeName(i))); err != nil {
			return err
		}
		if v.sql, err = newProxy("unix", socket, nil); err != nil {
			return err
		}
		if w.redis == nil {
			continue
		}
		if v.wire, err = newProxy("unix", w.redisSocket(), nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) closeWays() {
	for _, v := range w.ways {
		for _, p := range []*proxy{v.ari, v.sql, v.wire} {
			if p != nil {
				p.close()
			}
		}
	}
}

func nodeName(i int) string { return "node" + strconv.Itoa(i+1) }

// postgresSocket is the socket file behind the server's URL.
func (w *world) postgresSocket() (string, error) {
	u, err := url.Parse(w.postgres.URL())
	if err != nil {
		return "", fmt.Errorf("address of Postgres: %w", err)
	}
	return filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"), nil
}

// databaseURL is a node's way to Postgres.
func (w *world) databaseURL(v *ways) string {
	u, err := url.Parse(w.postgres.URL())
	if err != nil {
		return "" // postgresSocket has said so
	}
	u.Host = v.sql.Addr()
	u.User = url.User(u.Query().Get("user"))
	u.RawQuery = "sslmode=disable"
	return u.String()
}

// command is a request that changes something in Asterisk.
type command struct {
	at     time.Time // passed on to Asterisk
	node   string
	method string
	target string // of the request line
}

// commands is what all nodes said to Asterisk.
type commands struct {
	mu     sync.Mutex
	all    []command
	broken error // what a proxy could not follow
}

// by is the ear of a node's proxy.
func (s *commands) by(node string) func() *requests {
	return func() *requests {
		return &requests{tell: func(at time.Time, method, target string) {
			if method == "GET" || method == "HEAD" || method == "OPTIONS" {
				return
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.all = append(s.all, command{at, node, method, target})
		}, lost: func(why error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.broken = errors.Join(s.broken, fmt.Errorf("%s: %w", node, why))
		}}
	}
}

// since are the commands from an instant on, and whether all were heard.
func (s *commands) since(at time.Time) (all []command, broken error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		if !c.at.Before(at) {
			all = append(all, c)
		}
	}
	return all, s.broken
}

// forget what was said in an earlier session.
func (s *commands) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all, s.broken = nil, nil
}
