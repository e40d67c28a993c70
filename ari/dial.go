package ari

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// dialling is what the two commands that call somebody have in common.
type dialling struct {
	call queue.CallID
	leg  queue.LegID
	// sake is the leg for whose sake it is called, the originator; may be empty.
	sake queue.LegID
}

func diallingOf(c queue.Command) (dialling, bool) {
	switch c := c.(type) {
	case queue.DialAgent:
		return dialling{c.Call, c.Leg, c.CallerLeg}, true
	case queue.DialNumber:
		return dialling{c.Call, c.Leg, c.For}, true
	}
	return dialling{}, false
}

// neverMade tells that a leg which was not dialled any more is not there: the
// core does not ring a phone again before it has heard that. It comes after the
// end of the leg for whose sake it was, which is why; should that not be heard
// of, a check will find it.
func (s *Switch) neverMade(d dialling) {
	for deadline := time.Now().Add(joinFor); d.sake != "" && !s.isOver(d.sake) && time.Now().Before(deadline); {
		select {
		case <-s.base.Done():
			return
		case <-time.After(joinPause):
		}
	}
	if !s.isOver(d.leg) { // or its end was told
		s.send(queue.LegEnded{Leg: d.leg, Cause: queue.CauseGone})
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

// dial makes a leg. The call's bridge is made meanwhile, which takes 2.3 ms off
// the connection (facts 6.25).
func (s *Switch) dial(ctx context.Context, d dialling, body originateBody) error {
	if (d.sake != "" && s.isOver(d.sake)) || s.isOver(d.leg) {
		return errGone // no phone rings for nobody
	}
	made := make(chan struct{})
	go func() {
		defer close(made)
		s.prepareBridge(ctx, d.call)
	}()
	err := s.again(ctx, usualTries, func() error {
		if s.isOver(d.leg) {
			return errGone // rang and refused before we heard the answer: not again
		}
		return s.rest.do(ctx, http.MethodPost, "/channels/"+escape(string(d.leg)), nil, body, nil)
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
	Endpoint string `json:"endpoint"`
	// Either an application or a place in the dialplan.
	App        string            `json:"app,omitempty"`
	AppArgs    string            `json:"appArgs,omitempty"`
	Context    string            `json:"context,omitempty"`
	Extension  string            `json:"extension,omitempty"`
	Priority   int               `json:"priority,omitempty"`
	CallerID   string            `json:"callerId,omitempty"`
	Timeout    int               `json:"timeout"`
	Originator string            `json:"originator,omitempty"`
	Variables  map[string]string `json:"variables,omitempty"`
}

// originate is what both kinds of leg have in common.
func (s *Switch) originate(d dialling, endpoint, name, number string, limit time.Duration) originateBody {
	seconds := int((limit + time.Second - 1) / time.Second)
	return originateBody{
		Endpoint: endpoint, App: s.opts.App, AppArgs: argAgent + "," + string(d.leg),
		CallerID: callerID(name, number), Timeout: max(seconds, 1),
		// The originator's channel gives its codec, so nothing is
		// transcoded, and its linkedid. If it is gone Asterisk refuses:
		// no phone rings for nobody.
		Originator: string(d.sake),
		Variables:  map[string]string{"TR_CALL": string(d.call), "TR_LEG": string(d.leg)},
	}
}

// dialAgent rings an agent's phone.
func (s *Switch) dialAgent(ctx context.Context, c queue.DialAgent) error {
	d, _ := diallingOf(c)
	body := s.originate(d, "PJSIP/"+endpointOf(c.Agent, c.Phone), c.Name, c.Caller, c.Limit)
	// Whoever leads after us learns from it who talks, should the ledger not know.
	body.AppArgs += "," + string(c.Agent)
	body.Variables["PJSIP_TRANSFER_HANDLING()"] = "ari-only" // see refer.go
	return s.dial(ctx, d, body)
}

// outsideContext is where the dialplan starts the recording of a leg that we
// dialled, before it comes to us (facts 3.3).
const outsideContext = "outside"

var errNoTrunk = errors.New("no trunk to call out by: give asterisk.trunk (host:port) in the node's settings, or give the endpoint trunk in pjsip.conf an aor with a contact")

// dialNumber calls a number outside. Only digits and + reach the dial string,
// and at least one of them must be there.
func (s *Switch) dialNumber(ctx context.Context, c queue.DialNumber) error {
	number := cleaned(c.Number, 32, func(r rune) bool { return r == '+' || r >= '0' && r <= '9' })
	if strings.Trim(number, "+") == "" {
		return fmt.Errorf("number %q has no digit: give digits, with + before a country's code", c.Number)
	}
	endpoint := "PJSIP/" + number + "@" + reservedEndpoint
	if s.opts.Trunk != "" {
		endpoint = "PJSIP/" + reservedEndpoint + "/sip:" + number + "@" + s.opts.Trunk
	}
	d, _ := diallingOf(c)
	body := s.originate(d, endpoint, c.Name, c.Shown, c.Limit)
	if c.Record {
		body.App, body.AppArgs = "", ""
		body.Context, body.Extension, body.Priority = outsideContext, "s", 1
	}
	err := s.dial(ctx, d, body)
	if isUnregistered(err) && s.opts.Trunk == "" {
		return fmt.Errorf("%w (%s)", errNoTrunk, refusalOf(err))
	}
	return err
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
