package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// do sends "METHOD /path" from elsewhere as a user, or as nobody.
func (c *centre) do(target, user, body string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(target, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if user != "" {
		basic(r, user)
	}
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	return w
}

// get reads a JSON answer and holds it against the document.
func (c *centre) get(t *testing.T, target, user, body string, want int) map[string]any {
	t.Helper()
	w := c.do(target, user, body)
	if w.Code != want {
		t.Fatalf("%s as %s: %d %s", target, user, w.Code, w.Body)
	}
	var v map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	d := readDocument(t)
	schema := d.answer(target, want)
	if schema == nil {
		t.Fatalf("%s: no answer %d in openapi.yaml", target, want)
	}
	if err := d.check(schema, v, "answer"); err != nil {
		t.Errorf("%s differs from openapi.yaml: %v", target, err)
	}
	return v
}

// answer finds the schema of an operation's answer.
func (d document) answer(target string, status int) map[string]any {
	method, path, _ := strings.Cut(target, " ")
	path, _, _ = strings.Cut(path, "?")
	for pattern, item := range d.Paths {
		if ok, _ := matchPath(pattern, path); !ok || item[strings.ToLower(method)] == nil {
			continue
		}
		var op struct {
			Responses map[string]map[string]any `json:"responses"`
		}
		_ = json.Unmarshal(item[strings.ToLower(method)], &op)
		res := op.Responses[fmt.Sprint(status)]
		if res == nil {
			res = op.Responses["default"]
		}
		if ref, ok := res["$ref"].(string); ok {
			res = d.resolve(ref)
		}
		for _, kind := range res["content"].(map[string]any) {
			return kind.(map[string]any)["schema"].(map[string]any)
		}
	}
	return nil
}

func matchPath(pattern, path string) (bool, error) {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(q) {
		return false, nil
	}
	for i := range p {
		if p[i] != q[i] && !strings.HasPrefix(p[i], "{") {
			return false, nil
		}
	}
	return true, nil
}

func TestAnswersAreAsDocumented(t *testing.T) {
	c := newCentre(t)
	c.conversation("c1", "1001")
	c.core.step(time.Now(), queue.CallArrived{Leg: "c2", Number: "4000", Caller: "13900000002"})
	for _, path := range []string{"/healthz", "/readyz", "/api/v1/wallboard", "/api/v1/reasons", "/api/v1/queues", "/api/v1/agents",
		"/api/v1/agents/1001", "/api/v1/calls", "/api/v1/calls/c1", "/api/v1/calls/c2", "/api/v1/violations",
		"/api/v1/intervals?agent=1001", "/api/v1/config", "/api/v1/session"} {
		c.get(t, "GET "+path, "supervisor", "", http.StatusOK)
	}
	for target, status := range map[string]int{"GET /api/v1/calls/none": 404, "GET /api/v1/calls/c2/recording?why=test": 404,
		"GET /api/v1/agents/9": 404, "GET /api/v1/calls?nope=1": 400, "GET /api/v1/intervals": 400} {
		c.get(t, target, "supervisor", "", status)
	}
}

func TestSetAgentState(t *testing.T) {
	c := newCentre(t)
	const target = "POST /api/v1/agents/1001/state"
	got := c.get(t, target, "agent", `{"state":"ready"}`, 200)
	if got["state"] != "ready" || got["id"] != "1001" {
		t.Errorf("got %v", got)
	}
	got = c.get(t, target, "supervisor", `{"state":"not_ready","reason":"meal"}`, 200)
	if got["state"] != "not_ready" || got["reason"] != "meal" || got["reason_name"] != "用餐" {
		t.Errorf("got %v", got)
	}
	set, ok := c.core.log[len(c.core.log)-1].Event.(queue.AgentStateSet)
	if !ok || set.By != "user supervisor" || set.Req == "" {
		t.Errorf("on record: %#v", c.core.log[len(c.core.log)-1].Event)
	}
	for body, want := range map[string]struct {
		status int
		code   code
	}{
		`{"state":"not_ready","reason":"tea"}`: {409, codeUnknownReason},
		`{"state":"on_call"}`:                  {409, codeUnknownState},
		`{"state":""}`:                         {400, codeBadBody},
		`{"state":"ready","until":1}`:          {400, codeBadBody},
		`{"state":"ready"}{}`:                  {400, codeBadBody},
		`[]`:                                   {400, codeBadBody},
		``:                                     {400, codeBadBody},
		`{"reason":"` + strings.Repeat("x", maxBody) + `"}`: {413, codeTooLarge},
	} {
		got := c.get(t, target, "supervisor", body, want.status)
		if got["code"] != string(want.code) {
			t.Errorf("%.60s: %v, want %s", body, got, want.code)
		}
	}
	if got = c.get(t, "POST /api/v1/agents/9999/state", "supervisor", `{"state":"ready"}`, 404); got["code"] != "unknown_agent" {
		t.Errorf("got %v", got)
	}
	if got = c.get(t, "POST /api/v1/agents/1002/state", "agent", `{"state":"ready"}`, 403); got["code"] != "forbidden" {
		t.Errorf("an agent changed another's state: %v", got)
	}
	c.core.deaf = true
	if got = c.get(t, target, "agent", `{"state":"ready"}`, 503); got["code"] != "no_answer" {
		t.Errorf("got %v", got)
	}
	r := httptest.NewRequest("POST", "/api/v1/agents/1001/state", strings.NewReader(`{"state":"ready"}`))
	w := httptest.NewRecorder()
	if c.Handler().ServeHTTP(w, basic(r, "agent")); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("a body that is not declared as JSON: %d", w.Code)
	}
}

// During a call the state is kept for afterwards, and the call goes on.
func TestSetAgentStateDuringCall(t *testing.T) {
	c := newCentre(t)
	now := time.Now()
	c.core.step(now, queue.SetAgent{Agent: "1001", State: queue.Ready})
	c.core.step(now, queue.CallArrived{Leg: "c1", Number: "4000", Caller: "13800000001"})
	got := c.get(t, "POST /api/v1/agents/1001/state", "agent", `{"state":"not_ready","reason":"break"}`, 200)
	pending, _ := got["pending"].(map[string]any)
	if got["state"] != "reserved" || pending["state"] != "not_ready" || pending["reason"] != "break" {
		t.Errorf("got %v", got)
	}
}

// R14.1: agents see numbers of their own calls only.
func TestNumbersAreMaskedForAgents(t *testing.T) {
	c := newCentre(t)
	c.conversation("own", "1001")
	c.core.step(time.Now().Add(time.Minute), queue.SetAgent{Agent: "1001", State: queue.LoggedOut})
	c.conversation("other", "1002")
	for user, clear := range map[string]map[string]bool{"supervisor": {"own": true, "other": true}, "agent": {"own": true, "other": false}} {
		list := c.get(t, "GET /api/v1/calls", user, "", 200)["calls"].([]any)
		if len(list) != 2 {
			t.Fatalf("%s sees %d calls", user, len(list))
		}
		for _, v := range list {
			call := v.(map[string]any)
			if want := clear[call["id"].(string)]; (call["caller"] == "13800000001") != want || (call["name"] == "张三") != want {
				t.Errorf("%s is shown %v", user, call)
			}
		}
		for id, want := range clear {
			if body := c.do("GET /api/v1/calls/"+id, user, "").Body.String(); strings.Contains(body, "13800000001") != want ||
				strings.Contains(body, "张三") != want || strings.Contains(body, "127.0.0.1:5070") != want {
				t.Errorf("%s is shown call %s: %s", user, id, body)
			}
		}
	}
	if body := c.do("GET /api/v1/wallboard", "supervisor", "").Body.String(); strings.Contains(body, "13800000001") {
		t.Error("the wallboard shows a whole number")
	}
}

func TestCallFile(t *testing.T) {
	c := newCentre(t)
	c.conversation("c1", "1001")
	got := c.get(t, "GET /api/v1/calls/c1", "supervisor", "", 200)
	call := got["call"].(map[string]any)
	if call["outcome"] != "answered" || call["wait_ms"] != 6000.0 || call["release"] != "caller" || call["talk_ms"] != 23800.0 {
		t.Errorf("call: %v", call)
	}
	if o := got["offers"].([]any); len(o) != 1 || o[0].(map[string]any)["rings"].(map[string]any)["for_ms"] != 5950.0 {
		t.Errorf("offers: %v", o)
	}
	var kinds []string
	for _, e := range got["events"].([]any) {
		kinds = append(kinds, e.(map[string]any)["type"].(string))
	}
	if want := "CallQueued OfferMade OfferAlerting OfferAccepted LineAnswered LegJoined CallConnected CallCompleted"; strings.Join(kinds, " ") != want {
		t.Errorf("events: %v, want %s", kinds, want)
	}
	if rec := got["recording"].(map[string]any); rec["state"] != "kept" || rec["duration_ms"] != 23800.0 {
		t.Errorf("recording: %v", rec)
	}
}

func TestCallPages(t *testing.T) {
	c := newCentre(t)
	at := time.Now()
	for i := range 25 { // several arrive in the same moment
		c.core.step(at.Add(time.Duration(i/4)*time.Second), queue.CallArrived{Leg: queue.LegID(fmt.Sprintf("c%02d", i)), Number: "4001", Caller: "13800000001"})
	}
	met := map[string]bool{}
	next, pages := "", 0
	for {
		page := c.get(t, "GET /api/v1/calls?queue=sales&limit=10&cursor="+url.QueryEscape(next), "supervisor", "", 200)
		for _, v := range page["calls"].([]any) {
			id := v.(map[string]any)["id"].(string)
			if met[id] {
				t.Errorf("call %s on two pages", id)
			}
			met[id] = true
		}
		pages++
		var more bool
		if next, more = page["next_cursor"].(string); !more {
			break
		}
	}
	if len(met) != 25 || pages != 3 {
		t.Errorf("%d calls on %d pages, want 25 on 3", len(met), pages)
	}
	for filter, want := range map[string]int{"queue=support": 0, "outcome=answered": 0, "agent=1001": 0, "since=2099-01-01": 0,
		"until=2020-01-01T00:00:00Z": 0, "since=" + at.Add(-time.Hour).UTC().Format(time.RFC3339): 25} {
		if got := c.get(t, "GET /api/v1/calls?"+filter, "supervisor", "", 200)["calls"].([]any); len(got) != want {
			t.Errorf("%s: %d calls, want %d", filter, len(got), want)
		}
	}
}

// R1.1: a phone that rings to its limit is a violation with its fine.
func TestViolations(t *testing.T) {
	c := newCentre(t)
	at := time.Now().Add(-time.Minute)
	c.core.step(at, queue.SetAgent{Agent: "1001", State: queue.Ready})
	c.core.step(at, queue.CallArrived{Leg: "c1", Number: "4000", Caller: "13800000001"})
	c.core.step(at, queue.LegRinging{Leg: "c1~1"})
	c.core.step(at.Add(15*time.Second), nil)
	since := "since=" + at.Add(-time.Second).UTC().Format(time.RFC3339)
	got := c.get(t, "GET /api/v1/violations?"+since, "supervisor", "", 200)
	if list := got["violations"].([]any); len(list) != 1 || got["fines"] != 1500.0 || list[0].(map[string]any)["rule"] != "R1.1" {
		t.Errorf("got %v", got)
	}
	if got = c.get(t, "GET /api/v1/violations?"+since, "agent", "", 200); len(got["violations"].([]any)) != 1 {
		t.Errorf("an agent's own: %v", got)
	}
	c.get(t, "GET /api/v1/violations?agent=1002", "agent", "", 403)
	if got = c.get(t, "GET /api/v1/violations?agent=1002&"+since, "supervisor", "", 200); got["fines"] != 0.0 {
		t.Errorf("of another agent: %v", got)
	}
	c.ledger.flood = maxEntries
	if got = c.get(t, "GET /api/v1/violations?"+since, "supervisor", "", 200); got["fines"] != 1500.0*maxEntries {
		t.Errorf("fines of %d entries: %v", maxEntries, got["fines"])
	}
	c.ledger.flood++ // rather no sum than a wrong one
	c.get(t, "GET /api/v1/violations?"+since, "supervisor", "", 400)
	got = c.get(t, "GET /api/v1/intervals?"+since, "agent", "", 200)
	list := got["intervals"].([]any)
	if last := list[len(list)-1].(map[string]any); last["state"] != "not_ready" || last["reason"] != "rona" || last["to"] != nil {
		t.Errorf("intervals: %v", list)
	}
}

func TestRecordingRanges(t *testing.T) {
	c := newCentre(t)
	c.sounds["c1"] = testSound
	w := c.do("GET /api/v1/calls/c1/recording?why=test", "supervisor", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "audio/ogg" || w.Body.String() != string(testSound) {
		t.Errorf("whole: %d %s", w.Code, w.Header())
	}
	if w := c.do("GET /api/v1/calls/c1/recording?why=test&format=wav", "supervisor", ""); w.Code != 200 || w.Header().Get("Content-Type") != "audio/wav" {
		t.Errorf("as WAV: %d %s", w.Code, w.Header())
	}
	c.get(t, "GET /api/v1/calls/c1/recording?why=test&format=mp3", "supervisor", "", http.StatusBadRequest)
	r := basic(httptest.NewRequest("GET", "/api/v1/calls/c1/recording?why=test", nil), "supervisor")
	r.Header.Set("Range", "bytes=8-11")
	w = httptest.NewRecorder()
	if c.Handler().ServeHTTP(w, r); w.Code != 206 || w.Body.String() != "WAVE" {
		t.Errorf("range: %d %q", w.Code, w.Body)
	}
}

func TestReadiness(t *testing.T) {
	leads := true
	c := newCentre(t, func(o *Options) { o.Leader = func() bool { return leads } })
	wrong := func() (list []string) {
		for name, p := range c.get(t, "GET /readyz", "", "", http.StatusServiceUnavailable)["parts"].(map[string]any) {
			if p.(map[string]any)["ok"] == false {
				list = append(list, name)
			}
		}
		return list
	}
	c.get(t, "GET /readyz", "", "", http.StatusOK)
	c.ledger.down = true
	if got := wrong(); fmt.Sprint(got) != "[ledger]" {
		t.Errorf("ledger down: %v", got)
	}
	if got := c.get(t, "GET /api/v1/calls", "supervisor", "", 503); got["code"] != "ledger_unavailable" {
		t.Errorf("got %v", got)
	}
	c.ledger.down, leads = false, false
	if got := wrong(); fmt.Sprint(got) != "[leader]" {
		t.Errorf("not leading: %v", got)
	}
	leads = true
	c.core.step(time.Now(), queue.SwitchLost{})
	if got := wrong(); fmt.Sprint(got) != "[switch]" {
		t.Errorf("switch lost: %v", got)
	}
}

func TestMetrics(t *testing.T) {
	c := newCentre(t)
	c.conversation("c1", "1001")
	c.core.step(time.Now(), queue.CallArrived{Leg: "c2", Number: "4001", Caller: "13800000001"})
	c.metrics.StepTook(time.Millisecond)
	c.do("GET /healthz", "", "")
	w := c.do("GET /metrics", "supervisor", "")
	for _, want := range []string{"threerings_switch_up 1", `threerings_calls_waiting{queue="sales"} 1`,
		`threerings_agents{state="wrap_up"} 1`, `threerings_calls_today{outcome="answered",queue="support"} 1`,
		`threerings_rings_within_ratio{of="agents",queue="support"} 1`, "threerings_step_seconds_count 1",
		`threerings_http_request_seconds_count{code="200",route="GET /healthz"} 1`,
		`threerings_service_level_ratio{formula="strict",queue="support"} 1`, "go_goroutines"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}
