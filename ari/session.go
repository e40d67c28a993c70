package ari

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"github.com/threerings/threerings/queue"
)

// unwanted events are not sent to us at all: two thirds of what Asterisk would
// say of a call (facts 6.8). A list of wanted ones would also swallow answers
// (facts 6.7), hence this form. Hang-up requests stay: they tell the cause.
var unwanted = [...]string{
	"ChannelVarset", "ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId",
	"ChannelTalkingStarted", "ChannelTalkingFinished",
	"BridgeCreated", "BridgeDestroyed", "BridgeMerged", "PlaybackStarted", "PlaybackContinuing",
	"ContactStatusChange", "PeerStatusChange", "DeviceStateChanged",
}

// errUnregistered: Asterisk forgot us although the socket looks alive (facts 5.8).
var errUnregistered = errors.New("Asterisk has dropped our application, which happens to slow readers")

// session is one connection from dial to loss. It always returns an error, and
// tells whether it got as far as hearing Asterisk.
func (s *Switch) session(ctx context.Context) (reached bool, err error) {
	target, err := s.eventsURL()
	if err != nil {
		return false, fmt.Errorf("address of ARI %q: %w", s.opts.URL, err)
	}
	sock, err := dialSocket(ctx, target, s.opts)
	if err != nil {
		return false, err
	}
	whole := ctx
	defer func() {
		if whole.Err() != nil && s.lingering.Load() {
			s.lingers.Store(sock)
		} else {
			sock.close()
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.rest.answers.forget()
	if err := s.setUp(ctx); err != nil {
		return false, err
	}
	// Events flow by now, so what changes after this is in the inbox.
	now, err := s.look(ctx)
	if err != nil {
		return false, err
	}
	run, err := s.asteriskRun(ctx)
	if err != nil {
		return false, err
	}
	s.reconcile(now, strings.TrimSpace(run))
	s.taken.Do(func() { close(s.ours) })
	if !now.watched {
		s.nextSentinel = time.Time{} // ended with its Asterisk
	}
	defer func() {
		s.connected.Store(false)
		s.send(queue.SwitchLost{})
	}()
	s.connected.Store(true)
	s.stats.connected()
	s.log.Info("connected to Asterisk", "legs", len(now.channels), "took", time.Since(now.began))

	w := &watch{looked: make(chan looked, 1)}
	provisioned := make(chan struct{})
	go func() {
		defer close(provisioned)
		s.keepProvisioned(ctx)
	}()
	beat, silent := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(silent)
		s.signs(ctx, beat)
	}()
	defer func() { cancel(); <-provisioned; <-silent; w.wait() }()
	return true, s.attend(ctx, sock, w, beat)
}

// setUp tells Asterisk what we want to hear; none of it is sure to survive a
// lost connection (facts 5.9).
func (s *Switch) setUp(ctx context.Context) error {
	type eventType struct {
		Type string `json:"type"`
	}
	var filter struct {
		Disallowed []eventType `json:"disallowed"`
	}
	for _, kind := range unwanted {
		filter.Disallowed = append(filter.Disallowed, eventType{kind})
	}
	app := "/applications/" + escape(s.opts.App)
	if err := s.rest.do(ctx, http.MethodPut, app+"/eventFilter", nil, filter, nil); err != nil {
		return fmt.Errorf("set the event filter: %w", err)
	}
	// All phones and trunks, accounts yet to come included. Events of our own
	// legs come doubled by this, and the table tells them once.
	all := url.Values{"eventSource": {"endpoint:PJSIP"}}
	if err := s.rest.do(ctx, http.MethodPost, app+"/subscription", all, nil, nil); err != nil {
		return fmt.Errorf("subscribe to the phones' states: %w", err)
	}
	return nil
}

// attend translates events in order until the connection is lost.
func (s *Switch) attend(ctx context.Context, sock *socket, w *watch, beat chan<- struct{}) error {
	tick := time.NewTicker(s.opts.CheckEvery)
	defer tick.Stop()
	sign := time.NewTicker(signEvery)
	defer sign.Stop()
	beat <- struct{}{}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			w.start(ctx, s)
		case <-s.wanted:
			w.start(ctx, s)
		case <-sign.C:
			if s.rest.answers.missing(time.Now()) >= s.opts.DeadAfter-signEvery { // found within DeadAfter
				return errMute
			}
			select {
			case beat <- struct{}{}:
			default: // the one before is still on its way
			}
		case l := <-w.looked:
			switch {
			case isGone(l.err):
				return errUnregistered
			case l.err != nil:
				// The socket's own pings decide whether Asterisk is there.
				s.log.Warn("check for lost events failed", "error", l.err)
			case s.heal(l.now):
				w.again(ctx, s)
			}
		case <-sock.inbox.ready:
			batch, err := sock.inbox.take()
			for _, m := range batch {
				if err := s.event(m); err != nil {
					return err
				}
			}
			if err != nil {
				return err
			}
		}
	}
}

// event handles one frame. Nothing in it can end the process: what is unknown
// or broken is counted and skipped (facts 2.3).
func (s *Switch) event(m message) error {
	var head struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
	}
	if json.Unmarshal(m.data, &head) != nil || head.Type == "" {
		s.stats.undecoded()
		return nil
	}
	if head.Type == ari.Events.ApplicationReplaced {
		// Whoever replaced us leads now. Nothing more is carried out.
		s.done.Store(true)
		return ErrReplaced
	}
	event, err := decode(m.data)
	if err != nil {
		s.stats.unknown(head.Type)
		return nil
	}
	s.mu.Lock()
	inputs := s.legs.translate(m.at, s.homes, event)
	s.stamps.see(head.Timestamp, event)
	if late := s.lag.of(head.Timestamp, m.at); late > 0 {
		for _, in := range inputs {
			if end, ok := in.(queue.LegEnded); ok {
				s.lateEnds.add(end.Leg, late)
			}
		}
	}
	refer, ok := event.(*transferEvent)
	refuse := ok && s.legs.stranger(refer)
	s.mu.Unlock()
	if refuse {
		s.refuseTransfer(refer)
	}
	for _, in := range inputs {
		s.send(in)
	}
	s.stats.event(head.Type, time.Since(m.at))
	return nil
}

// decode guards against a decoder that panics on what it did not expect.
func decode(data []byte) (event ari.Event, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decode event: %v", r)
		}
	}()
	event, err = ari.DecodeEvent(data)
	if err != nil {
		return decodeTransfer(data)
	}
	return event, nil
}
