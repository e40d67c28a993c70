package e2e

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// visitor looks at the wallboard all the time, with a connection for each look,
// and counts the times that nobody was there.
type visitor struct {
	stop          context.CancelFunc
	ended         chan struct{}
	looks, failed int
	first         error
}

func visitWallboard(t *testing.T, url string) *visitor {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	v := &visitor{stop: stop, ended: make(chan struct{})}
	client := &http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}
	go func() {
		defer close(v.ended)
		for ; ctx.Err() == nil; v.looks++ {
			err := look(ctx, client, url+"/healthz")
			if err != nil && ctx.Err() == nil {
				if v.failed++; v.first == nil {
					v.first = err
				}
			}
			select {
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
	t.Cleanup(v.leave)
	return v
}

func (v *visitor) leave() { v.stop(); <-v.ended }

func look(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// TestTakeover upgrades a node on one machine, twice, in the middle of
// everything: a new process takes over and the old one ends. Nobody is cut, the
// phone that rings rings on, who waits keeps the place, a call that comes
// meanwhile is taken, pages are there all the time, and the private Postgres
// outlives who started it. It has the machine for itself, since it measures
// gaps in audio.
func TestTakeover(t *testing.T) {
	_, err := all.binary() // before anybody calls: it takes a while
	must(t, err)
	f := own(t, box.Options{})
	s := setScene(t, f)
	pages := visitWallboard(t, f.box.URL)
	comes := func(from string) {
		phone := newPhone(t, robot.PhoneOptions{User: from, Sound: robot.Tone(callerTone)})
		s.waiting = append(s.waiting, s.callFrom(t, phone, from))
	}

	first := f.box.Node
	began := time.Now()
	p := launch(t, f.box, "--takeover")
	until(t, "the first node to stop leading", func() bool { return !first.Snapshot().Switch })
	stopped := time.Now()
	s.leftIn.Hangup() // while nobody is sure to hear of it
	comes("13999999991")
	select {
	case <-first.Ended():
	case <-p.ended:
		t.Fatalf("the program ended: %v\n%s", p.err, p.log)
	}
	t.Logf("made ready in %s, handed over in %s", stopped.Sub(began).Round(time.Millisecond), time.Since(stopped).Round(time.Millisecond))
	must(t, f.box.StopNode()) // ends in order, and with it nothing of the other's
	over(t, s.leftIn)
	if !p.ready(inTime(t)) {
		t.Error("the program has taken over and is not ready")
	}

	began = time.Now()
	second, err := node.TakeOver(inTime(t), f.box.Settings, slog.New(slog.NewTextHandler(t.Output(), nil)))
	must(t, err)
	f.box.Node = second // the box ends it
	select {
	case <-p.ended:
	case <-inTime(t).Done():
		t.Fatal("the program has handed over and does not end")
	}
	if p.err != nil {
		t.Errorf("the program has handed over and ends with %v", p.err)
	}
	t.Logf("made ready and handed over in %s", time.Since(began).Round(time.Millisecond))
	for _, v := range s.waiting {
		v.is(t, queue.CallWaiting)
	}
	comes("13999999992")
	s.waiting[len(s.waiting)-1].is(t, queue.CallWaiting)
	s.afterwards(t)
	pages.leave()
	if pages.failed > 0 || pages.looks == 0 {
		t.Errorf("%d of %d looks at the pages found nobody: %v", pages.failed, pages.looks, pages.first)
	}
	if _, err := node.Dial(f.box.Settings.Data); err != nil {
		t.Errorf("the control socket: %v", err)
	}
}
