package dashboard

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func built() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"web/dist/index.html":               file("<!doctype html><meta nonce=\"{{nonce}}\"><title>the application</title>"),
		"web/dist/favicon.svg":              file("<svg/>"),
		"web/dist/assets/index-B3kT9x_a.js": file(strings.Repeat("console.log('three rings');", 200)),
		"web/dist-placeholder.html":         file("run make web"),
	}
}

func fetch(app http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

const askHTML = "text/html,application/xhtml+xml,*/*;q=0.8"

func TestWebFiles(t *testing.T) {
	app, err := newWebApp(built())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, accept string
		status       int
		kind, keep   string
	}{
		{"/", "*/*", 200, "text/html; charset=utf-8", "no-store"},
		{"/index.html", "*/*", 200, "text/html; charset=utf-8", "no-store"},
		{"/wallboard", askHTML, 200, "text/html; charset=utf-8", "no-store"},
		{"/wallboard", "application/json", 404, "application/problem+json", "no-store"},
		{"/favicon.svg", "*/*", 200, "image/svg+xml", "no-cache"},
		{"/assets/index-B3kT9x_a.js", "*/*", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/index-OLD.js", askHTML, 404, "application/problem+json", "no-store"}, // never a page in place of a script
	} {
		w := fetch(app, c.path, "Accept", c.accept)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind || w.Header().Get("Cache-Control") != c.keep {
			t.Errorf("%s for %s: %d %v", c.path, c.accept, w.Code, w.Header())
		}
	}
	w := fetch(app, "/favicon.svg")
	if again := fetch(app, "/favicon.svg", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("unchanged file: %d", again.Code)
	}
}

func TestWebGzip(t *testing.T) {
	app, err := newWebApp(built())
	if err != nil {
		t.Fatal(err)
	}
	const script = "/assets/index-B3kT9x_a.js"
	plain := fetch(app, script)
	small := fetch(app, script, "Accept-Encoding", "br, gzip")
	if small.Header().Get("Content-Encoding") != "gzip" || small.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Fatalf("%v", small.Header())
	}
	r, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(r); err != nil || string(body) != plain.Body.String() {
		t.Errorf("another content: %v", err)
	}
	if w := fetch(app, script, "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for who refuses it")
	}
}

func TestWebPlaceholder(t *testing.T) {
	files := built()
	for name := range files {
		if strings.HasPrefix(name, "web/dist/") {
			delete(files, name)
		}
	}
	app, err := newWebApp(files)
	if err != nil {
		t.Fatal(err)
	}
	if w := fetch(app, "/wallboard", "Accept", askHTML); w.Code != 200 || !strings.Contains(w.Body.String(), "make web") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	// The file in the repository says it too.
	data, err := webFiles.ReadFile(placeholder)
	if err != nil || !strings.Contains(string(data), "make web") {
		t.Errorf("placeholder: %v", err)
	}
}

func TestSecureHeaders(t *testing.T) {
	c := newCentre(t)
	for _, path := range []string{"/", "/api/v1/wallboard", "/nothing"} {
		h := fetch(c.Handler(), path).Header()
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self';", "script-src 'self';", "style-src 'self'", "connect-src 'self' ws://example.com wss://example.com;", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy lacks %s: %s", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy allows what stands in a page: %s", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "x; script-src *"
	w := httptest.NewRecorder()
	if c.Handler().ServeHTTP(w, r); strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src *") {
		t.Error("a host wrote into the policy")
	}
}

// Each page has a nonce of its own, in its text and in the policy, and nowhere else.
func TestPageNonce(t *testing.T) {
	app, err := newWebApp(built())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 3 {
		w := fetch(app, "/calls", "Accept", askHTML)
		_, nonce, _ := strings.Cut(w.Header().Get("Content-Security-Policy"), "'nonce-")
		nonce, _, _ = strings.Cut(nonce, "'")
		if len(nonce) < 20 || seen[nonce] || !strings.Contains(w.Body.String(), `nonce="`+nonce+`"`) || strings.Contains(w.Body.String(), nonceMark) {
			t.Errorf("nonce %q of %q", nonce, w.Body)
		}
		seen[nonce] = true
	}
	r := httptest.NewRequest("HEAD", "/", nil)
	w := httptest.NewRecorder()
	if app.ServeHTTP(w, r); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("HEAD: %d %s", w.Code, w.Body)
	}
}
