package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// StatusError is Asterisk's refusal of a request.
type StatusError struct {
	Method, Path string
	Status       int
	Message      string // Asterisk's own words
}

func (e *StatusError) Error() string {
	message := e.Message
	if message == "" {
		message = http.StatusText(e.Status)
	}
	return fmt.Sprintf("%s %s: Asterisk answered %d %s", e.Method, e.Path, e.Status, message)
}

// statusOf is the HTTP status in an error, 0 if it has none.
func statusOf(err error) int {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Status
	}
	return 0
}

// isGone tells that the thing a request was about is not there: ordinary when
// two sides hang up at once (the table of codes in facts 6).
func isGone(err error) bool { return statusOf(err) == http.StatusNotFound }

// client is the one way to Asterisk's REST interface.
type client struct {
	base       string
	user, pass string
	http       *http.Client
	stats      *counters
	answers    answers
}

const (
	idleConnections = 32
	// Half of Asterisk's default sessionlimit, beyond which it closes
	// connections without an answer (facts 6.16).
	maxConnections = 50
	// idleFor is below Asterisk's 15 s, so that no request meets a closing connection (facts 2.9).
	idleFor     = 10 * time.Second
	bodyLimit   = 64 << 20
	errorLimit  = 4 << 10
	bodyTimeout = 10 * time.Second // for the whole of a large answer
)

func newClient(o Options, stats *counters) *client {
	transport := &http.Transport{
		DialContext:           o.dial,
		ResponseHeaderTimeout: o.Timeout,
		IdleConnTimeout:       idleFor,
		MaxIdleConns:          idleConnections,
		MaxIdleConnsPerHost:   idleConnections,
		MaxConnsPerHost:       maxConnections,
		DisableCompression:    true,
	}
	return &client{base: o.URL, user: o.User, pass: o.Password, stats: stats,
		http: &http.Client{Transport: transport, Timeout: bodyTimeout}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// do sends a request and decodes the answer into out unless that is nil. A
// status other than 2xx is a *StatusError.
func (c *client) do(ctx context.Context, method, path string, query url.Values, body, out any) error {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode %s %s: %w", method, path, err)
		}
		payload = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, payload)
	if err != nil {
		return fmt.Errorf("prepare %s %s: %w", method, path, err)
	}
	req.SetBasicAuth(c.user, c.pass)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	// All our requests are idempotent thanks to our own ids, so Go may
	// repeat one that met a closing connection. The empty value says so
	// without sending a header.
	req.Header["X-Idempotency-Key"] = nil
	began := time.Now()
	c.answers.begin(began)
	resp, err := c.http.Do(req)
	c.answers.end(time.Now(), ctx, err)
	c.stats.request(time.Since(began))
	switch {
	case err != nil && ctx.Err() == nil:
		c.stats.refused("none")
	case err == nil && resp.StatusCode > 299:
		c.stats.refused(strconv.Itoa(resp.StatusCode))
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	// An undrained body costs a new connection (facts 2.9).
	defer io.Copy(io.Discard, io.LimitReader(resp.Body, bodyLimit))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &StatusError{Method: method, Path: path, Status: resp.StatusCode, Message: refusal(resp.Body)}
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, bodyLimit)).Decode(out); err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", method, path, err)
	}
	return nil
}

// refusal is Asterisk's message: in "message" or, for a failed allocation, in "error".
func refusal(body io.Reader) string {
	data, err := io.ReadAll(io.LimitReader(body, errorLimit))
	if err != nil {
		return ""
	}
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(data, &said) != nil {
		return "" // a page for browsers
	}
	if said.Message != "" {
		return said.Message
	}
	return said.Error
}

// escape makes an id one segment of a path.
func escape(id string) string { return url.PathEscape(id) }
