package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// inControl reads a readiness answer: is all there but, perhaps, the ledger?
func inControl(body []byte) bool {
	var answer struct {
		Parts map[string]struct {
			OK bool `json:"ok"`
		} `json:"parts"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	return answer.Parts["switch"].OK && answer.Parts["leader"].OK
}

// leader is the process that is in control, nil if none is.
func (w *world) leader(ctx context.Context) *process {
	for _, p := range w.nodes() {
		if p.ready(ctx) {
			return p
		}
	}
	return nil
}

const (
	askEvery  = 10 * time.Millisecond
	steadyFor = 1500 * time.Millisecond // a cut may be noticed a moment later
	backLimit = 60 * time.Second
)

// control measures when control was back: it watches from now on, runs the
// fault, and returns how long after the fault's end somebody was in control
// for good. The fault returns the instant from which to count.
func (w *world) control(ctx context.Context, fault func() (time.Time, error)) (time.Duration, error) {
	type result struct {
		from time.Time
		err  error
	}
	over := make(chan result, 1)
	go func() {
		from, err := fault()
		over <- result{from, err}
	}()
	good := time.Now() // since when
	var from, since time.Time
	for {
		asked := time.Now()
		if w.leader(ctx) == nil {
			good = time.Time{}
		} else if good.IsZero() {
			good = asked // the answer may be as old as the question
			if d := time.Since(asked); d > askEvery {
				good = time.Now()
			}
		}
		select {
		case r := <-over:
			if r.err != nil {
				return 0, r.err
			}
			from, since = r.from, time.Now()
			over = nil
		default:
		}
		if over == nil {
			if !good.IsZero() && time.Since(good) > steadyFor && time.Since(since) > steadyFor {
				return max(good.Sub(from), 0), nil
			}
			if time.Since(since) > backLimit {
				return time.Since(from), fmt.Errorf("nobody is in control %v after the fault", backLimit)
			}
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(askEvery):
		}
	}
}

// waitControl waits until somebody is in control.
func (w *world) waitControl(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, backLimit)
	defer cancel()
	for w.leader(ctx) == nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for a threerings in control: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// attend makes agents ready again whom a fault left otherwise, as a supervisor
// would: they are robots and do not look at their screens.
func (w *world) attend(ctx context.Context) {
	for {
		if p := w.leader(ctx); p != nil {
			for _, a := range w.agentStates(ctx, p) {
				if a.State == queue.NotReady || a.State == queue.LoggedOut {
					_ = w.api(ctx, p, http.MethodPost, "/api/v1/agents/"+string(a.ID)+"/state", `{"state":"ready"}`, nil) // again in a second
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

type agentState struct {
	ID    queue.AgentID    `json:"id"`
	State queue.AgentState `json:"state"`
	Phone queue.PhoneState `json:"phone"`
	Call  queue.CallID     `json:"call"`
}

func (w *world) agentStates(ctx context.Context, p *process) []agentState {
	var answer struct {
		Agents []agentState `json:"agents"`
	}
	_ = w.api(ctx, p, http.MethodGet, "/api/v1/agents", "", &answer) // nobody is listed then
	return answer.Agents
}

func (w *world) api(ctx context.Context, p *process, method, path, body string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth("supervisor", supervisorPassword)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := asker.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
