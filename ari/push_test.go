package ari

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

// changes are the requests that tell Asterisk of accounts and numbers, sorted.
func (k *fake) changes(from int) (out []string) {
	for _, r := range k.server.Requests()[from:] {
		what, config := strings.CutPrefix(r.Path, "/asterisk/config/dynamic/res_pjsip/")
		switch {
		case config && r.Method != "GET":
			out = append(out, r.Method+" "+what)
		case r.Path == "/asterisk/variable":
			out = append(out, r.Query.Get("variable")+"="+r.Query.Get("value"))
		}
	}
	slices.Sort(out)
	return out
}

func onePhone() Plan {
	return Plan{Accounts: []Account{{ID: "1001", Password: "x", Agent: "a1"}}}
}

// TestNoPlanIsNotAnEmptyOne: connected before it was told of any plan, it
// leaves the accounts that an earlier process put there; or every phone of the
// house would be signed off at each start.
func TestNoPlanIsNotAnEmptyOne(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			switch {
			case r.Path == "/asterisk/info":
				return aritest.Answer{Status: 200, Body: `{"status":{"startup_time":"yesterday"}}`}, true
			case r.Path == "/endpoints/PJSIP":
				return aritest.Answer{Status: 200, Body: `[{"resource":"1001","state":"online"},{"resource":"1009","state":"online"}]`}, true
			case r.Method == "GET" && strings.HasPrefix(r.Path, "/asterisk/config/"):
				return aritest.Answer{Status: 200, Body: `[{"attribute":"accountcode","value":"threerings"}]`}, true
			}
			return aritest.Answer{}, false
		})
		from := len(k.server.Requests())
		k.server.Drop()
		time.Sleep(time.Minute)
		wantStrings(t, k.changes(from))
		if err := k.sw.Provision(t.Context(), onePhone()); err != nil {
			t.Error(err)
		}
		wantStrings(t, k.changes(from), "DELETE aor/1009", "DELETE auth/1009", "DELETE endpoint/1009", "PUT aor/1001", "PUT auth/1001", "PUT endpoint/1001")
	})
}

// TestWhatIsNotInPlaceIsTriedAgain, without a word of anybody, and the fault
// is to be seen until it is.
func TestWhatIsNotInPlaceIsTriedAgain(t *testing.T) {
	for _, broken := range []string{"/asterisk/info", "/endpoints/PJSIP", "/asterisk/config/dynamic/res_pjsip/aor/1001", "/asterisk/variable"} {
		t.Run(broken, func(t *testing.T) {
			inFake(t, func(t *testing.T, k *fake) {
				k.hear()
				var mended atomic.Bool
				k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
					return aritest.Answer{Status: 500, Body: `{"message":"out of paper"}`}, r.Path == broken && !mended.Load()
				})
				plan := onePhone()
				plan.Recorded = map[string]bool{"4001": false}
				if err := k.sw.Provision(t.Context(), plan); err == nil {
					t.Error("no fault is told")
				}
				time.Sleep(time.Minute)
				if fault := k.sw.Stats().Provision; !strings.Contains(fault, "out of paper") {
					t.Errorf("fault %q a minute later", fault)
				}
				mended.Store(true)
				from := len(k.server.Requests())
				time.Sleep(16 * time.Second)
				if st := k.sw.Stats(); st.Provision != "" || st.Accounts != 1 {
					t.Errorf("fault %q, %d accounts, 16 s after it was mended", st.Provision, st.Accounts)
				}
				if len(k.changes(from)) == 0 {
					t.Error("nothing was pushed again")
				}
				from = len(k.server.Requests())
				time.Sleep(time.Minute)
				wantStrings(t, k.changes(from)) // in place: left alone
			})
		})
	}
}

// TestStalledPush: 1000 accounts do not wait for it one after the other,
// nor does anybody else wait for them.
func TestStalledPush(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		flows := make(chan struct{})
		defer close(flows)
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.Method == "PUT" && strings.Contains(r.Path, "res_pjsip") {
				<-flows
			}
			return aritest.Answer{}, false
		})
		plan := Plan{}
		for i := range 1000 {
			plan.Accounts = append(plan.Accounts, Account{ID: itoa(1000 + i), Password: "x", Agent: queue.AgentID(itoa(i))})
		}
		began := time.Now()
		var took atomic.Int64
		go func() {
			if k.sw.Provision(t.Context(), plan) == nil {
				t.Error("no fault is told")
			}
			took.Store(int64(time.Since(began)))
		}()
		synctest.Wait()
		// A second one waits for its turn only as long as it may.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := k.sw.Provision(ctx, plan); err == nil || time.Since(began) > 2*time.Second {
			t.Errorf("a second push: %v after %v", err, time.Since(began))
		}
		// Two connections come and go meanwhile.
		for range 2 {
			k.server.Drop()
			time.Sleep(time.Second)
		}
		want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{}, queue.SwitchLost{}, queue.Reconciled{})
		time.Sleep(time.Minute)
		if took := time.Duration(took.Load()); took == 0 || took > 12*time.Second {
			t.Errorf("gave up after %v (0: not yet), want the time of one request and its repetitions", took)
		}
	})
}

// TestNumbersAreTold: all of them to an Asterisk not told before, which may
// remember what another process said; then differences; one that is refused
// keeps no other from being told.
func TestNumbersAreTold(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		told := func(fails bool, recorded map[string]bool) []string {
			from := len(k.server.Requests())
			if err := k.sw.Provision(t.Context(), Plan{Recorded: recorded}); (err != nil) != fails {
				t.Errorf("provision: %v", err)
			}
			return k.changes(from)
		}
		wantStrings(t, told(false, map[string]bool{"4000": true, "4001": false}), "TR_NOREC_4000=", "TR_NOREC_4001=1")
		wantStrings(t, told(false, map[string]bool{"4000": true, "4001": false}))
		wantStrings(t, told(false, map[string]bool{"4000": false}), "TR_NOREC_4000=1", "TR_NOREC_4001=")
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			return aritest.Answer{Status: 400}, r.Query.Get("variable") == "TR_NOREC_4003"
		})
		many := map[string]bool{}
		for i := range 20 {
			many[itoa(4000+i)] = false
		}
		if n := len(told(true, many)); n != 19 {
			t.Errorf("%d told, want the 19 new ones", n)
		}
		wantStrings(t, told(true, many), "TR_NOREC_4003=1")
	})
}
