package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// web asks the running centre and reads its answer; into may be nil.
func web(t *testing.T, method, url, user, body string, status int, into any) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(inTime(t), method, url, strings.NewReader(body))
	must(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	must(t, err)
	if resp.StatusCode != status {
		t.Fatalf("%s %s: %s, want %d\n%.500s", method, url, resp.Status, status, data)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatalf("%s %s: %v in %.200s", method, url, err, data)
		}
	}
	return data
}

// TestInterface is a supervisor's day over HTTP: sign an agent in, see the call
// come and go, find it in the list, hear its recording.
func TestInterface(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.prepare(t, "wrap_up: 0", robot.Behaviour{})
	a := d.agents[0]
	api := f.box.URL + "/api/v1"

	state := fmt.Sprintf("%s/agents/%s/state", api, a.id)
	web(t, "POST", state, "", `{"state":"ready"}`, http.StatusUnauthorized, nil)
	web(t, "POST", state, supervisor, `{"state":"asleep"}`, http.StatusConflict, nil)
	web(t, "POST", state, supervisor, `{"state":"not_ready","reason":"meal"}`, http.StatusOK, nil)
	f.agentIs(t, a.id, "at a meal", notReadyFor("meal"))
	var shown struct {
		ID    queue.AgentID    `json:"id"`
		State queue.AgentState `json:"state"`
	}
	web(t, "POST", state, supervisor, `{"state":"ready"}`, http.StatusOK, &shown)
	if shown.ID != a.id || shown.State != queue.Ready {
		t.Errorf("the answer to the request: %+v", shown)
	}
	f.agentIs(t, a.id, "ready", isFree)

	v := d.call(t)
	in := a.next(t)
	talk(t, v, in, a.tone)
	until(t, "a second of talk", func() bool { return v.Audio().Packets > 50 })
	in.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	_, rec := d.kept(t, r.Call.ID)

	var list struct {
		Calls []struct {
			ID      queue.CallID  `json:"id"`
			Caller  string        `json:"caller"`
			Outcome queue.Outcome `json:"outcome"`
			Release queue.Release `json:"release"`
			WaitMS  int64         `json:"wait_ms"`
			Rings   struct {
				Heard  int  `json:"heard"`
				Within bool `json:"within"`
			} `json:"rings"`
		} `json:"calls"`
	}
	web(t, "GET", api+"/calls?queue="+string(d.queue), supervisor, "", http.StatusOK, &list)
	if len(list.Calls) != 1 {
		t.Fatalf("calls of the queue: %+v", list)
	}
	if c := list.Calls[0]; c.ID != r.Call.ID || c.Caller != v.caller || c.Outcome != queue.OutcomeAnswered || c.Release != queue.ReleaseAgent ||
		c.WaitMS != r.Call.Wait.Milliseconds() || c.Rings.Heard != 1 || !c.Rings.Within {
		t.Errorf("the call in the list: %+v", c)
	}
	var file struct {
		Recording struct {
			State string `json:"state"`
			Bytes int    `json:"bytes"`
		} `json:"recording"`
		Events []struct{ Type string } `json:"events"`
	}
	call := api + "/calls/" + string(r.Call.ID)
	web(t, "GET", call, supervisor, "", http.StatusOK, &file)
	if file.Recording.State != "kept" || len(file.Events) != len(r.Events) {
		t.Errorf("the call: %+v, want %d events", file, len(r.Events))
	}
	web(t, "GET", call+"/recording", "", "", http.StatusUnauthorized, nil) // R14.1
	kept := web(t, "GET", call+"/recording?why=test", supervisor, "", http.StatusOK, nil)
	if string(kept[:4]) != "OggS" || len(kept) != file.Recording.Bytes {
		t.Errorf("what is kept has %d bytes and begins with %q, want an Ogg file of %d", len(kept), kept[:4], file.Recording.Bytes)
	}
	wav := web(t, "GET", call+"/recording?why=test&format=wav", supervisor, "", http.StatusOK, nil)
	samples, channels, rate, err := robot.ParseWAV(wav)
	must(t, err)
	if channels != 2 || rate != 8000 {
		t.Errorf("downloaded %d bytes, %d channels of %d Hz", len(wav), channels, rate)
	}
	sides(t, samples, rec, a.tone)
	v.clean(t)
}

// TestHealth: what a load balancer and a Prometheus ask.
func TestHealth(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	web(t, "GET", f.box.URL+"/healthz", "", "", http.StatusOK, nil)
	web(t, "GET", f.box.URL+"/readyz", "", "", http.StatusOK, nil)
	metrics := string(web(t, "GET", f.box.URL+"/metrics", "", "", http.StatusOK, nil))
	for _, line := range []string{"threerings_leader 1", "threerings_recordings_in_trouble 0", "threerings_ledger_rejected_records 0", "threerings_switch_reconnects_total 0"} {
		if !strings.Contains(metrics, "\n"+line+"\n") {
			t.Errorf("metrics lack %q", line)
		}
	}
	var spec struct {
		OpenAPI string         `json:"openapi"`
		Paths   map[string]any `json:"paths"`
	}
	web(t, "GET", f.box.URL+"/api/v1/openapi.json", "", "", http.StatusOK, &spec)
	if spec.OpenAPI == "" || spec.Paths["/api/v1/calls"] == nil && spec.Paths["/calls"] == nil {
		t.Errorf("openapi.json: %q, %d paths", spec.OpenAPI, len(spec.Paths))
	}
}
