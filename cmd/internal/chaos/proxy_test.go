package chaos

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// echo is a part that answers with what it gets.
func echo(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); _, _ = io.Copy(c, c) }()
		}
	}()
	return ln.Addr().String()
}

func dial(t *testing.T, p *proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return c
}

// said sends text and returns how much of it comes back before the end of the
// connection, or of all of it.
func said(t *testing.T, c net.Conn, text string) (string, error) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	back := make([]byte, len(text))
	n, err := io.ReadFull(c, back)
	return string(back[:n]), err
}

// TestProxyBreaksAsItSays: a fault that does not happen proves nothing.
func TestProxyBreaksAsItSays(t *testing.T) {
	p, err := newProxy("tcp", echo(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	const text = "BEGIN; COMMIT; and more than a frame's head"
	healthy := func(c net.Conn) {
		t.Helper()
		if got, err := said(t, c, text); got != text {
			t.Fatalf("%q came back, %v", got, err)
		}
	}
	c := dial(t, p)
	healthy(c)

	p.cut()
	if got, err := said(t, c, text); err == nil {
		t.Errorf("cut: %q came back", got)
	}
	c = dial(t, p)
	healthy(c)

	p.set(swallow)
	if _, err := io.WriteString(c, text); err != nil {
		t.Errorf("half-open: %v", err)
	}
	silent(t, c)
	silent(t, dial(t, p)) // new ones are taken, too
	p.set(pass)
	_, _ = io.ReadAll(c) // it ends; what was swallowed does not come back
	c = dial(t, p)
	healthy(c)

	p.set(stall)
	_, _ = io.WriteString(c, text)
	part := make([]byte, stallOnly)
	if _, err := io.ReadFull(c, part); err != nil || string(part) != text[:stallOnly] {
		t.Errorf("stall: %q, %v", part, err)
	}
	silent(t, c)
	p.set(pass)

	c = dial(t, p)
	for m, by := range map[mode]time.Duration{slow: slowBy, commits: commitBy} {
		p.set(m)
		at := time.Now()
		healthy(c)
		if took := time.Since(at); took < by {
			t.Errorf("mode %d: an answer after %v", m, took)
		}
		p.set(pass)
	}

	p.set(refuse)
	if got, err := said(t, dial(t, p), text); err == nil {
		t.Errorf("away: %q came back", got)
	}
	p.set(pass)
	healthy(dial(t, p))
}

// silent: the connection is there and says nothing.
func silent(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var one [1]byte
	if n, err := c.Read(one[:]); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes, %v; want silence", n, err)
	}
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}
