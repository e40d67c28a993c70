package chaos

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRequestsAreHeard: whatever pieces a connection comes in, each request is
// told once, and bodies that look like requests are not.
func TestRequestsAreHeard(t *testing.T) {
	const said = "POST /ari/channels/1/answer HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" +
		"POST /ari/channels/1~1 HTTP/1.1\r\nContent-Length: 33\r\n\r\nDELETE /ari/nothing HTTP/1.1\r\n\r\n\n" +
		"\r\nPUT /ari/a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1a;x=y\r\nPOST /ari/b HTTP/1.1\r\n\r\n12\r\n3\r\nend\r\n0\r\nTrailer: x\r\n\r\n" +
		"GET /ari/channels HTTP/1.1\r\n\r\n" +
		"DELETE /ari/channels/1?reason=normal HTTP/1.1\r\n\r\n" +
		"GET /ari/events HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x81\x00POST /ari/frame HTTP/1.1\r\n\r\n"
	want := []string{"POST /ari/channels/1/answer", "POST /ari/channels/1~1", "PUT /ari/a", "GET /ari/channels", "DELETE /ari/channels/1?reason=normal", "GET /ari/events"}
	for size := 1; size <= len(said); size++ {
		var got []string
		r := &requests{tell: func(_ time.Time, method, target string) { got = append(got, method+" "+target) },
			lost: func(why error) { t.Errorf("pieces of %d: %v", size, why) }}
		for rest := []byte(said); len(rest) > 0; {
			n := min(size, len(rest))
			r.feed(time.Now(), rest[:n])
			rest = rest[n:]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("pieces of %d: %q, want %q", size, got, want)
		}
	}
	for _, bad := range []string{"hello\r\n", "GET /x SIP/2.0\r\n", "PUT /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nten\r\n", strings.Repeat("x", 2*lineLimit)} {
		lost := 0
		r := &requests{tell: func(time.Time, string, string) {}, lost: func(error) { lost++ }}
		r.feed(time.Now(), []byte(bad))
		r.feed(time.Now(), []byte(bad))
		if lost != 1 {
			t.Errorf("%.20q was lost %d times, want once", bad, lost)
		}
	}
}

// TestProxyOverhears: what a real client says over kept connections, through
// the proxy, to a real server; and what is swallowed was never said.
func TestProxyOverhears(t *testing.T) {
	asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	defer asterisk.Close()
	var said commands
	p, err := newProxy("tcp", asterisk.Listener.Addr().String(), said.by("node1"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	ask := func(method, path string, body io.Reader) error {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.Addr()+path, body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return err
	}
	began := time.Now()
	var want []string
	for i := range 20 {
		path := fmt.Sprintf("/ari/channels/%d", i)
		for _, body := range []io.Reader{nil, strings.NewReader(strings.Repeat("POST /ari/no HTTP/1.1\r\n\r\n", 5000)), io.MultiReader(strings.NewReader("chunked"))} {
			if err := ask("POST", path, body); err != nil {
				t.Fatal(err)
			}
			want = append(want, "node1 POST "+path)
		}
		if err := ask("GET", path, nil); err != nil {
			t.Fatal(err)
		}
	}
	p.set(swallow)
	lost := make(chan error, 1)
	go func() { lost <- ask("DELETE", "/ari/channels/1", nil) }()
	silent(t, dialAfter(t, p, lost))
	p.set(refuse)
	if err := <-lost; err == nil {
		t.Error("what was swallowed was answered")
	}
	p.set(pass)
	all, broken := said.since(began)
	if broken != nil {
		t.Error(broken)
	}
	var got []string
	for _, c := range all {
		got = append(got, c.node+" "+c.method+" "+c.target)
	}
	if !slices.Equal(got, want) {
		t.Errorf("heard %d commands, want %d: %q", len(got), len(want), got)
	}
	if later, _ := said.since(time.Now()); len(later) != 0 {
		t.Errorf("%d commands are from the future", len(later))
	}
}

// dialAfter opens a connection while another request is held back.
func dialAfter(t *testing.T, p *proxy, held <-chan error) net.Conn {
	t.Helper()
	select {
	case err := <-held:
		t.Fatalf("a request that is swallowed ended: %v", err)
	default:
	}
	return dial(t, p)
}
