package ari

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// errGone says that what a command was about has ended: not a failure, since
// the end itself is reported.
var errGone = errors.New("already gone")

// carryOut does one command and reports a real failure.
func (s *Switch) carryOut(o order) {
	name := queue.Name(o.command)
	if s.done.Load() {
		s.stats.command(name, "dropped", 0)
		return
	}
	err := s.command(s.base, o.command)
	took := time.Since(o.at)
	if d, ok := o.command.(queue.DialAgent); ok {
		s.dialled(d.Leg, err)
	}
	switch {
	case err == nil:
		s.stats.command(name, "ok", took)
		return
	case errors.Is(err, errGone):
		s.stats.command(name, "gone", took)
		if d, ok := o.command.(queue.DialAgent); ok {
			s.neverMade(d)
		}
		return
	case s.done.Load():
		s.stats.command(name, "dropped", 0)
		return
	}
	s.stats.command(name, "failed", took)
	cause := queue.CauseFailed
	if isUnregistered(err) {
		cause = queue.CauseUnregistered
	}
	call, leg := callOfCommand(o.command), legOfCommand(o.command)
	s.log.Warn("command failed", "command", name, "call", call, "leg", leg, "error", err)
	s.send(queue.CommandFailed{Command: name, Call: call, Leg: leg, Cause: cause, Message: err.Error()})
}

// neverMade tells that a leg which was not dialled any more is not there: the
// core does not ring a phone again before it has heard that. It comes after the
// end of the caller's leg, which is why; should that not be heard of, a check
// will find it.
func (s *Switch) neverMade(d queue.DialAgent) {
	for deadline := time.Now().Add(joinFor); !s.isOver(d.CallerLeg) && time.Now().Before(deadline); {
		select {
		case <-s.base.Done():
			return
		case <-time.After(joinPause):
		}
	}
	if !s.isOver(d.Leg) { // or its end was told
		s.send(queue.LegEnded{Leg: d.Leg, Cause: queue.CauseGone})
	}
}

// dialled ends the time in which a leg may exist without our knowing.
func (s *Switch) dialled(id queue.LegID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.legs.get(time.Now(), id, queue.LegAgent)
	}
	delete(s.legs.dialling, id)
}

func (s *Switch) command(ctx context.Context, c queue.Command) error {
	switch c := c.(type) {
	case queue.IndicateRinging:
		return s.toLeg(ctx, c.Leg, http.MethodPost, "/ring", nil)
	case queue.Answer:
		return s.toLeg(ctx, c.Leg, http.MethodPost, "/answer", nil)
	case queue.Play:
		return s.play(ctx, c)
	case queue.StartMusic:
		return s.toLeg(ctx, c.Leg, http.MethodPost, "/moh", url.Values{"mohClass": {c.Class}})
	case queue.StopMedia:
		return s.stopMedia(ctx, c)
	case queue.DialAgent:
		return s.dialAgent(ctx, c)
	case queue.Bridge:
		return s.bridge(ctx, c)
	case queue.Unbridge:
		return s.unbridge(ctx, c)
	case queue.HangUp:
		return s.hangUp(ctx, c)
	}
	return fmt.Errorf("no way known to carry out %s: this program is newer in one part than in the other", queue.Name(c))
}

// again repeats a request that got no answer or a server's fault: with our own
// ids a second time is as good as once. Pauses grow from 50 ms.
func (s *Switch) again(ctx context.Context, times int, do func() error) error {
	pause := 50 * time.Millisecond
	for {
		err := do()
		times--
		if err == nil || times <= 0 || !worthRepeating(err) {
			return err
		}
		s.log.Debug("request repeated", "error", err, "after", pause)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause *= 3
	}
}

func worthRepeating(err error) bool {
	status := statusOf(err)
	return (status == 0 || status >= 500) && !errors.Is(err, errGone) && !isUnregistered(err)
}

// isUnregistered: the endpoint does not exist or no phone is registered for it
// (facts 1.11; the table of codes in facts 6).
func isUnregistered(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Status == http.StatusInternalServerError &&
		strings.Contains(status.Message, "Allocation failed")
}

const usualTries = 3

// toLeg does something to a leg in Stasis. 409 says that it is not there: not
// quite yet (facts 6.1), or on its way out.
func (s *Switch) toLeg(ctx context.Context, id queue.LegID, method, what string, query url.Values) error {
	deadline := time.Now().Add(joinFor)
	for {
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, method, "/channels/"+escape(string(id))+what, query, nil, nil)
		})
		if isGone(err) || (err != nil && s.isOver(id)) {
			return errGone
		}
		if statusOf(err) != http.StatusConflict || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(joinPause):
		}
	}
}

func (s *Switch) isOver(id queue.LegID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.legs.over(id)
}

func (s *Switch) play(ctx context.Context, c queue.Play) error {
	media := make([]string, len(c.Sounds))
	for i, sound := range c.Sounds {
		if scheme, _, ok := strings.Cut(sound, ":"); !ok || scheme == "" {
			sound = "sound:" + sound
		}
		media[i] = sound
	}
	s.mu.Lock()
	s.legs.sounding(c.Leg)
	s.mu.Unlock()
	err := s.toLeg(ctx, c.Leg, http.MethodPost, "/play/"+escape(playbackOf(c.Leg)), url.Values{"media": {strings.Join(media, ",")}})
	s.mu.Lock()
	s.legs.sounds(time.Now(), c.Leg, err)
	s.mu.Unlock()
	return err
}

// stopMedia stops both kinds at once: after an adoption we do not know which plays.
func (s *Switch) stopMedia(ctx context.Context, c queue.StopMedia) error {
	played := make(chan error, 1)
	go func() {
		played <- s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodDelete, "/playbacks/"+escape(playbackOf(c.Leg)), nil, nil, nil)
		})
	}()
	err := s.toLeg(ctx, c.Leg, http.MethodDelete, "/moh", nil)
	if perr := <-played; perr != nil && !isGone(perr) {
		err = errors.Join(err, perr)
	}
	if errors.Is(err, errGone) {
		return errGone
	}
	return err
}

// dialAgent rings the phone. The call's bridge is made meanwhile, which takes
// 2.3 ms off the connection (facts 6.25).
func (s *Switch) dialAgent(ctx context.Context, c queue.DialAgent) error {
	if s.isOver(c.CallerLeg) || s.isOver(c.Leg) {
		return errGone // no phone rings for nobody
	}
	made := make(chan struct{})
	go func() {
		defer close(made)
		s.prepareBridge(ctx, c.Call)
	}()
	err := s.again(ctx, usualTries, func() error {
		if s.isOver(c.Leg) {
			return errGone // rang and refused before we heard the answer: not again
		}
		return s.rest.do(ctx, http.MethodPost, "/channels/"+escape(string(c.Leg)), nil, s.originate(c), nil)
	})
	<-made
	switch statusOf(err) {
	case http.StatusConflict:
		return nil // done by an earlier try
	case http.StatusBadRequest:
		if strings.Contains(strings.ToLower(refusalOf(err)), "originator") {
			return errGone // the caller has just left
		}
	}
	return err
}

// originateBody is what POST /channels/{id} takes.
type originateBody struct {
	Endpoint   string            `json:"endpoint"`
	App        string            `json:"app"`
	AppArgs    string            `json:"appArgs"`
	CallerID   string            `json:"callerId,omitempty"`
	Timeout    int               `json:"timeout"`
	Originator string            `json:"originator,omitempty"`
	Variables  map[string]string `json:"variables,omitempty"`
}

func (s *Switch) originate(c queue.DialAgent) originateBody {
	seconds := int((c.Limit + time.Second - 1) / time.Second)
	return originateBody{
		Endpoint: "PJSIP/" + endpointOf(c.Agent, c.Phone), App: s.opts.App, AppArgs: argAgent + "," + string(c.Leg),
		CallerID: callerID(c.Name, c.Caller), Timeout: max(seconds, 1),
		// The caller's channel gives its codec, so nothing is transcoded,
		// and its linkedid. If it is gone Asterisk refuses: no phone
		// rings for nobody.
		Originator: string(c.CallerLeg),
		Variables:  map[string]string{"TR_CALL": string(c.Call), "TR_LEG": string(c.Leg)},
	}
}

// callerID is what the agent's phone is told, in Asterisk's form. Both parts
// come from outside, so what could end the form is taken out.
func callerID(name, number string) string {
	number = cleaned(number, 64, func(r rune) bool {
		return r == '+' || r == '*' || r == '#' || r == '.' || r == '_' || r == '-' ||
			(r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
	})
	name = strings.TrimSpace(cleaned(name, 80, func(r rune) bool {
		return r >= ' ' && r != 0x7f && r != '\uFFFD' && !strings.ContainsRune(`"<>\,;`, r)
	}))
	switch {
	case number == "" && name == "":
		return ""
	case name == "":
		return "<" + number + ">"
	}
	return fmt.Sprintf(`"%s" <%s>`, name, number)
}

// cleaned keeps the runes that may be kept, at most limit bytes.
func cleaned(text string, limit int, keep func(rune) bool) string {
	var b strings.Builder
	for _, r := range text {
		if keep(r) && b.Len()+len(string(r)) <= limit {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func refusalOf(err error) string {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Message
	}
	return ""
}

// hangUp ends a leg. A leg that cannot be ended now is tried again by the check.
func (s *Switch) hangUp(ctx context.Context, c queue.HangUp) error {
	s.mu.Lock()
	if l := s.legs.alive[c.Leg]; l != nil {
		l.hangUp, l.reason, l.hangUpAt = true, c.Reason, time.Now()
	}
	s.mu.Unlock()
	const tries = 5
	query := url.Values{"reason_code": {strconv.Itoa(reasonCode(c.Reason))}}
	err := s.again(ctx, tries, func() error {
		return s.rest.do(ctx, http.MethodDelete, "/channels/"+escape(string(c.Leg)), query, nil, nil)
	})
	if isGone(err) {
		return errGone
	}
	return err
}
