package ari

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// errNoChannel is the manager's word for a channel that has ended.
var errNoChannel = errors.New("no such channel")

// ManagerError is a refusal of Asterisk's manager.
type ManagerError struct {
	Action  string
	Message string // Asterisk's own words
}

func (e *ManagerError) Error() string {
	return fmt.Sprintf("Asterisk's manager refuses %s: %s", e.Action, e.Message)
}

// Manager asks Asterisk's manager interface over the HTTP server that ARI has,
// for the one thing that ARI lacks: a recording that the dialplan began cannot be
// muted there (facts 3.4). Each request logs in and out, some tenths of a
// millisecond: a session kept would end with any reload.
type Manager struct {
	URL      string // of ARI, such as http://127.0.0.1:8088/ari
	User     string // the same as for ARI
	Password string
	HTTP     *http.Client
}

// answer is what the manager says, in lines "Key: value".
type managerAnswer map[string]string

// Do carries out one action with what it takes.
func (m *Manager) Do(ctx context.Context, action string, with url.Values) error {
	cookie, err := m.login(ctx)
	if err != nil {
		return err
	}
	_, err = m.ask(ctx, cookie, action, with)
	if _, after := m.ask(ctx, cookie, "Logoff", nil); after != nil && err == nil {
		return nil // it is done, and the session ends by itself
	}
	return err
}

// Check tells whether the manager would mute a recording: it is asked to mute
// one of a channel that is not there.
func (m *Manager) Check(ctx context.Context) error {
	err := m.Do(ctx, "MixMonitorMute", url.Values{"Channel": {"threerings-doctor"}, "Direction": {"both"}, "State": {"1"}})
	if errors.Is(err, errNoChannel) {
		return nil
	}
	return err
}

func (m *Manager) login(ctx context.Context) (*http.Cookie, error) {
	var cookie *http.Cookie
	resp, err := m.post(ctx, nil, "Login", url.Values{"Username": {m.User}, "Secret": {m.Password}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.Name == "mansession_id" {
			cookie = &http.Cookie{Name: c.Name, Value: strings.Trim(c.Value, `"`)}
		}
	}
	if _, err := said("Login", resp); err != nil {
		return nil, err
	}
	if cookie == nil {
		return nil, &ManagerError{"Login", "it gives no session"}
	}
	return cookie, nil
}

func (m *Manager) ask(ctx context.Context, cookie *http.Cookie, action string, with url.Values) (managerAnswer, error) {
	resp, err := m.post(ctx, cookie, action, with)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return said(action, resp)
}

// post sends an action as a form, so that no secret stands in an address.
func (m *Manager) post(ctx context.Context, cookie *http.Cookie, action string, with url.Values) (*http.Response, error) {
	form := url.Values{"Action": {action}}
	for key, values := range with {
		form[key] = values
	}
	target := strings.TrimSuffix(strings.TrimRight(m.URL, "/"), "/ari") + "/rawman"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("prepare the manager's %s: %w", action, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header["X-Idempotency-Key"] = nil // as in rest.go
	if cookie != nil {
		req.AddCookie(cookie)
	}
	resp, err := m.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask Asterisk's manager for %s: %w", action, err)
	}
	return resp, nil
}

// said reads an answer; what is no success is an error.
func said(action string, resp *http.Response) (managerAnswer, error) {
	if resp.StatusCode == http.StatusNotFound {
		return nil, &ManagerError{action, "there is no manager: enabled and webenabled must be yes in manager.conf"}
	}
	a := managerAnswer{}
	lines := bufio.NewScanner(io.LimitReader(resp.Body, errorLimit))
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ": "); ok {
			a[key] = strings.TrimSpace(value)
		}
	}
	switch {
	case a["Response"] == "Success" || a["Response"] == "Goodbye":
		return a, nil
	case strings.EqualFold(a["Message"], errNoChannel.Error()):
		return nil, errNoChannel
	case a["Message"] == "":
		return nil, &ManagerError{action, resp.Status}
	}
	return nil, &ManagerError{action, a["Message"]}
}

// managerTimeout is for all of a request: card data is being spoken.
const managerTimeout = 3 * time.Second
