package robot

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// invitation is an incoming INVITE without its final response.
type invitation struct {
	*Call
	req       *sip.Request
	tx        sip.ServerTransaction
	cancelled chan struct{}
	rung      bool
	final     bool
}

func (i *invitation) run() {
	defer close(i.settled)
	// All responses must carry the same tag, also the 487 that the stack makes by itself; it copies this header.
	tag := rand.Text()
	if to := i.req.To(); to != nil {
		to.Params.Add("tag", tag)
	}
	i.respond(sip.StatusTrying, "Trying", nil)
	if err := i.open(tag); err != nil {
		i.respond(sip.StatusNotAcceptableHere, "Not Acceptable Here", nil)
		i.finish(Refused, sip.StatusNotAcceptableHere, err.Error())
		return
	}
	if !i.tx.OnCancel(func(*sip.Request) { close(i.cancelled) }) {
		i.finish(Cancelled, sip.StatusRequestTerminated, "Request Terminated")
		return
	}
	b, onCall, lines := i.phone.welcome(i.Call)
	if onCall != nil {
		go onCall(i.Call) // the user's; it may outlive the call
	}
	if b.Lines > 0 && lines > b.Lines {
		b = Behaviour{NoRing: true, Reject: sip.StatusBusyHere}
	}
	i.wait(b)
}

// wait lets the behaviour, commands, the caller and Close act on the call until it has its final response.
func (i *invitation) wait(b Behaviour) {
	ring := time.NewTimer(b.RingAfter)
	defer ring.Stop()
	act := time.NewTimer(time.Hour)
	act.Stop()
	defer act.Stop()
	stop := i.stop
	for !i.final {
		select {
		case <-ring.C:
			if !b.NoRing {
				i.ring()
			}
			if !b.NeverAnswer || b.Reject != 0 {
				act.Reset(b.Answer)
			}
		case <-act.C:
			if b.Reject != 0 {
				_ = i.reject(b.Reject) // the same
			} else {
				_ = i.answer(b.Talk) // a failure is the call's ending
			}
		case cmd := <-i.commands:
			cmd.result <- i.obey(cmd.code, b.Talk)
		case <-stop:
			stop = nil
			_ = i.reject(sip.StatusGlobalDecline)
		case <-i.cancelled:
			i.final = true
			i.finish(Cancelled, sip.StatusRequestTerminated, "Request Terminated")
		case <-i.tx.Done():
			i.final = true
			i.finish(Failed, 0, "the INVITE's transaction ended")
		case <-i.phone.ctx.Done():
			return
		}
	}
}

func (i *invitation) obey(code int, talk time.Duration) error {
	switch {
	case code == sip.StatusRinging:
		i.ring()
		return nil
	case code == sip.StatusOK:
		return i.answer(talk)
	}
	return i.reject(code)
}

// open reads the offer and prepares the audio.
func (i *invitation) open(tag string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.deaf = false
	if err := i.dialog.accept(i.req, tag); err != nil {
		return err
	}
	i.dialog.callID = i.id
	i.from = i.dialog.remote
	i.to = i.dialog.local.uri.User
	if h := i.req.GetHeader("P-Asserted-Identity"); h != nil {
		i.asserted = h.Value()
	}
	own := i.phone.options
	s, err := openStream(i.phone.addr.Addr(), own.Pacer, own.Sound, own.Remember, i.keyPressed)
	if err != nil {
		return err
	}
	i.stream = s
	i.offer = session{addr: s.local, codecs: own.Codecs, dtmf: ownDTMFType, direction: SendRecv}
	if len(i.req.Body()) == 0 {
		return nil // the offer is ours to make in the 200, theirs comes with the ACK
	}
	theirs, err := parseSDP(i.req.Body())
	if err != nil {
		return err
	}
	return i.take(theirs)
}

func (i *invitation) ring() {
	if !i.rung {
		i.rung = true
		i.respond(sip.StatusRinging, "Ringing", nil)
	}
}

func (i *invitation) reject(code int) error {
	reason := reasonOf(code)
	err := i.respond(code, reason, nil)
	i.final = true
	i.settle(func() {
		i.finish(Refused, code, reason)
	})
	return err
}

// settle runs done unless a CANCEL was faster than our final response.
func (i *invitation) settle(done func()) {
	select {
	case <-i.cancelled:
		i.finish(Cancelled, sip.StatusRequestTerminated, "Request Terminated")
	default:
		done()
	}
}

var errCancelled = errors.New("the caller was faster: the call is cancelled")

// answer sends the 200. Whether it or the 487 to a crossing CANCEL went out, the wire knows.
func (i *invitation) answer(talk time.Duration) error {
	i.mu.Lock()
	i.answeredSeq = i.req.CSeq().SeqNo
	body := i.offer.marshal(i.version)
	i.mu.Unlock()
	i.final = true
	err := i.respond(sip.StatusOK, "OK", body)
	i.mu.Lock()
	if i.times.Answered.IsZero() {
		i.mu.Unlock()
		if err == nil {
			err = errCancelled
		}
		i.settle(func() { i.finish(Failed, 0, err.Error()) })
		return fmt.Errorf("answer call %s: %w", i.id, err)
	}
	i.status, i.reason = sip.StatusOK, "OK"
	theirs, codec, send := i.remote, i.codec, i.speaks()
	i.mu.Unlock()
	i.phone.count(func(n *Counters) { n.Answered++ })
	if theirs.addr.IsValid() {
		i.stream.connect(theirs, codec, send)
	}
	i.repeat(i.req, i.tx, body)
	i.mu.Lock()
	hangup := i.hangup
	if !hangup && !i.finishing { // finishing: their BYE was faster than this line
		i.established = true
		if talk > 0 {
			i.talk = time.AfterFunc(talk, i.Hangup)
		}
		i.wake()
	}
	i.mu.Unlock()
	if hangup {
		i.bye(Local)
	}
	return nil
}
