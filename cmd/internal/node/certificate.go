package node

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"
)

// certificate is the one that browsers are shown. It is read anew when its
// files change, since certificates are renewed every few weeks and nobody
// restarts a call centre for that.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	pause             time.Duration // between two looks at the files

	mu     sync.Mutex
	now    *tls.Certificate
	looked time.Time
	seen   [2]fileMark
}

type fileMark struct {
	at   time.Time
	size int64
}

const certificatePause = 10 * time.Second

func newCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log, pause: certificatePause}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	c.now, c.looked, c.seen = &cert, time.Now(), c.marks()
	return c, nil
}

// config is for the listeners. TLS 1.2 is the least that a browser of today
// speaks.
func (c *certificate) config() *tls.Config {
	return &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12}
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < c.pause {
		return c.now, nil
	}
	c.looked = time.Now()
	marks := c.marks()
	if marks == c.seen {
		return c.now, nil
	}
	c.seen = marks
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil { // half written, or only one of the two is there yet: the change to come is seen
		c.log.Error("certificate not renewed, the old one stays in use", "file", c.certFile, "err", err)
		return c.now, nil
	}
	c.log.Info("certificate renewed", "file", c.certFile)
	c.now = &cert
	return c.now, nil
}

func (c *certificate) marks() (m [2]fileMark) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if s, err := os.Stat(name); err == nil {
			m[i] = fileMark{s.ModTime(), s.Size()}
		}
	}
	return m
}

// beyond reports whether an address can be reached from other machines.
func beyond(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}
