package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// target is a house that strangers talk to. It is made anew now and then: what
// is done to it stays.
type target struct {
	*centre
	mu       sync.Mutex
	bugs     []string // what the log calls an error
	requests int
}

const requestsPerTarget = 150

func newTarget(t testing.TB) *target {
	x := &target{}
	users := newUsers()
	x.centre = newCentre(t, func(o *Options) {
		o.Users, o.Tokens, o.Audit = users, &memoryTokens{}, &memoryAudit{}
		o.Factors = &memoryFactors{users: users, list: map[string]Factor{}}
		o.Search, o.Proofs = &memorySearch{}, memoryProofs{}
		o.Quality = &memoryQuality{log: map[string][]qa.Entry{}, population: map[queue.AgentID]int{"1001": 40, "1002": 40}, jobs: map[string]qa.Job{}}
		o.Sampling = newSampling()
		o.Log = slog.New(x)
		o.Centre = func() Centre {
			return Centre{Name: "x", Teams: []Team{{ID: "1001"}}}
		}
	})
	x.users = users
	x.conversation("c1", "1001")
	x.sounds["c1"] = testSound
	return x
}

// Handle implements slog.Handler: the log is listened to.
func (x *target) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		text := r.Message
		r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
		x.mu.Lock()
		defer x.mu.Unlock()
		x.bugs = append(x.bugs, text)
	}
	return nil
}

func (x *target) Enabled(context.Context, slog.Level) bool { return true }
func (x *target) WithAttrs([]slog.Attr) slog.Handler       { return x }
func (x *target) WithGroup(string) slog.Handler            { return x }

func (x *target) trouble() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.bugs
}

// hurry lets it be asked more often than it would let strangers.
func (x *target) hurry() {
	x.rates.mu.Lock()
	defer x.rates.mu.Unlock()
	clear(x.rates.seen)
}

// as lets a request come from a role, or from nobody.
func (x *target) as(r *http.Request, n int) {
	if n %= len(Roles()) + 1; n == len(Roles()) {
		return
	}
	name := string(Roles()[n])
	token, _, err := x.auth.sessions.start(context.Background(), time.Now(), x.users.list[name], "", "")
	if err == nil {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: token})
	}
}

var inBraces = regexp.MustCompile(`\{[a-z]+\}`)

// documentedCodes are those of docs/errors.md.
var documentedCodes = sync.OnceValue(func() map[string]bool {
	page, _ := os.ReadFile("../docs/errors.md")
	all := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllSubmatch(page, -1) {
		all[string(m[1])] = true
	}
	return all
})

// judge says what is wrong with an answer.
func (d document) judge(pattern string, res *http.Response, body []byte) string {
	kind := res.Header.Get("Content-Type")
	switch {
	case res.StatusCode >= 500:
		return "a fault of ours"
	case res.StatusCode >= 400:
		var p problem
		if kind != "application/problem+json" || json.Unmarshal(body, &p) != nil || p.Status != res.StatusCode || p.Detail == "" || !documentedCodes()[string(p.Code)] {
			return "no problem that docs/errors.md explains"
		}
	case res.StatusCode == http.StatusOK && kind == "application/json":
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return "no JSON: " + err.Error()
		}
		if schema := d.answerOf(pattern, "200"); schema != nil {
			if err := d.check(schema, v, "body"); err != nil {
				return err.Error()
			}
		}
	}
	if len(res.Header["Set-Cookie"]) > 1 || res.Header.Get("Content-Security-Policy") == "" {
		return "strange headers"
	}
	return ""
}

// permitted are the roles that may use a route, by number.
func permitted(rt route) (roles []int) {
	for i, role := range Roles() {
		if rt.access.permits(role) {
			roles = append(roles, i)
		}
	}
	return roles
}

// FuzzAPI sends anything to every operation, as every role: no answer is a
// fault of ours, and every refusal is one that docs/errors.md explains.
func FuzzAPI(f *testing.F) {
	d := readDocument(f)
	all := routes()
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	for i, rt := range all {
		bodies, queries := d.hostileBodies(rt.pattern), d.hostileQueries(rt.pattern)
		for n := range max(len(bodies), len(queries), len(hostileTexts)) {
			value := "c1"
			if n%3 == 1 {
				value = pick(hostileTexts)
			} else if strings.Contains(rt.pattern, "/agents/") {
				value = "1001"
			}
			visitor := rnd.IntN(len(Roles()) + 1)
			if may := permitted(rt); n%4 != 0 && len(may) > 0 {
				visitor = may[rnd.IntN(len(may))]
			}
			f.Add(uint16(i), uint8(visitor), value, queries[n%len(queries)], []byte(bodies[n%len(bodies)]))
		}
	}
	var x *target
	f.Fuzz(func(t *testing.T, route uint16, visitor uint8, value, query string, body []byte) {
		if x == nil || x.requests >= requestsPerTarget {
			x = newTarget(t)
		}
		x.requests++
		x.auth.throttle = newThrottle()
		x.hurry()
		rt := all[int(route)%len(all)]
		method, path, _ := strings.Cut(rt.pattern, " ")
		u := &url.URL{Path: inBraces.ReplaceAllLiteralString(path, value), RawQuery: query}
		r := httptest.NewRequest(method, "/", bytes.NewReader(body))
		r.URL, r.RequestURI = u, u.RequestURI()
		r.RemoteAddr = "192.0.2.1:40000"
		r.Header.Set("Content-Type", "application/json")
		x.as(r, int(visitor))
		w := httptest.NewRecorder()
		x.Handler().ServeHTTP(w, r)
		if wrong := d.judge(rt.pattern, w.Result(), w.Body.Bytes()); wrong != "" || len(x.trouble()) > 0 {
			show := w.Body.Bytes()
			t.Errorf("%s %q?%q as %d with %.200q: %s: %d %s %.500s\nlog: %.2000q", method, u.Path, query, visitor, body, wrong, w.Code, w.Header().Get("Content-Type"), show, x.trouble())
			x = nil
		}
	})
}

// FuzzFrame sends anything over the socket of a wallboard: it is closed, and
// nobody else's is.
func FuzzFrame(f *testing.F) {
	frame := func(first byte, payload string) []byte {
		b := []byte{first, 0x80 | byte(min(len(payload), 125)), 0, 0, 0, 0} // masked with zeros
		return append(b, payload...)
	}
	for _, b := range [][]byte{{}, {0}, {0x81}, frame(0x81, "hello"), frame(0x82, "\x00\xff"), frame(0x89, "ping"), frame(0x8a, "pong"), frame(0x88, "\x03\xe8bye"), frame(0x88, "\x00"),
		frame(0xf1, "reserved bits"), frame(0x83, "no such opcode"), frame(0x01, "first of more"), {0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {0x81, 0x05, 'h', 'e', 'l', 'l', 'o'},
		[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), bytes.Repeat([]byte{0x89, 0x80, 0, 0, 0, 0}, 1000), bytes.Repeat([]byte{0x81}, 4096), []byte(`{"type":"subscribe"}`)} {
		f.Add(b)
	}
	x := newTarget(f)
	addr, _ := x.serve(f)
	friend := mustDial(f, addr, nil)
	_ = friend.SetReadDeadline(time.Time{})
	deaf := make(chan error, 1)
	go func() {
		for {
			if _, _, err := friend.ReadMessage(); err != nil {
				deaf <- err
				return
			}
		}
	}()
	f.Fuzz(func(t *testing.T, sent []byte) {
		x.hurry()
		conn, _, err := websocket.DefaultDialer.Dial("ws://"+addr+"/ws/v1/wallboard", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		raw := conn.NetConn()
		_ = raw.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = raw.Write(sent) // a server that hangs up first is right
		if tcp, ok := raw.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		if _, err := io.Copy(io.Discard, raw); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %q the socket stays open", sent)
		}
		select {
		case err := <-deaf:
			t.Fatalf("after %q another screen hears nothing: %v", sent, err)
		default:
		}
		if bugs := x.trouble(); len(bugs) > 0 {
			t.Errorf("after %q the log says %q", sent, bugs)
		}
	})
}
