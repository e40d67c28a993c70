package dashboard

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/threerings/threerings/queue"
)

func TestNewRefuses(t *testing.T) {
	core := newCore(noon)
	whole := Options{Core: core, Ledger: &memoryLedger{core: core}, Recordings: memoryRecordings{}, Users: newUsers()}
	for name, change := range map[string]func(*Options){
		"no core":      func(o *Options) { o.Core = nil },
		"no ledger":    func(o *Options) { o.Ledger = nil },
		"bad origin":   func(o *Options) { o.Origins = []string{"desk.example.com"} },
		"minus limits": func(o *Options) { o.MaxWatchers = -1 },
	} {
		o := whole
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestRunSaysThatThePortIsTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if err = newCentre(t).Run(t.Context(), ln.Addr().String()); err == nil || !strings.Contains(err.Error(), "choose another") {
		t.Errorf("got %v", err)
	}
}

// A request under way is answered when the server stops.
func TestStopFinishesRequests(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	c := newCentre(t)
	c.opts.Core = slowCore{c.core, inside, release}
	addr, stop := c.serve(t)
	answer := make(chan int, 1)
	go func() {
		r, _ := http.NewRequestWithContext(context.Background(), "POST", "http://"+addr+"/api/v1/agents/1001/state", strings.NewReader(`{"state":"ready"}`))
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(basic(r, "agent"))
		if err != nil {
			answer <- 0
			return
		}
		res.Body.Close()
		answer <- res.StatusCode
	}()
	<-inside
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	<-c.hub.stop // stopping has begun
	close(release)
	if got := <-answer; got != 200 {
		t.Errorf("got %d", got)
	}
	<-stopped
}

type slowCore struct {
	*memoryCore
	inside, release chan struct{}
}

func (s slowCore) Ask(ctx context.Context, in queue.Input, req string) (queue.Event, error) {
	close(s.inside)
	<-s.release
	return s.memoryCore.Ask(ctx, in, req)
}

// A bug in one request is a 500 with nothing of it shown, and the next works.
func TestPanicIsContained(t *testing.T) {
	c := newCentre(t)
	c.opts.Ledger = nil
	w := c.do("GET /api/v1/calls", "supervisor", "")
	if w.Code != 500 || strings.Contains(w.Body.String(), "nil") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = c.do("GET /api/v1/queues", "supervisor", ""); w.Code != 200 {
		t.Errorf("the next request: %d", w.Code)
	}
}
