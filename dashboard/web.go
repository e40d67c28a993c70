package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

// webFiles is what Vite built into web/dist. The pattern also takes
// web/dist-placeholder.html, which is in the repository, so that Go builds in
// a fresh clone without Node, and no build of the pages can remove it.
//
//go:embed all:web/dist*
var webFiles embed.FS

const (
	builtIndex  = "web/dist/index.html"
	placeholder = "web/dist-placeholder.html"
)

// webApp serves the pages. All state of a page is in its address, so every
// address that is no file is the application itself, for browsers.
type webApp struct {
	files map[string]*asset // by path
	index *asset
}

type asset struct {
	body  []byte
	kind  string // content type
	etag  string
	keep  string                // Cache-Control
	page  bool                  // HTML, with a nonce of its own each time
	small func() ([]byte, bool) // gzip, made when first asked for; false if not worth it
}

// Vite names files by their content: assets/index-B3kT9x_a.js.
var hashed = regexp.MustCompile(`^assets/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$`)

func newWebApp(files fs.FS) (*webApp, error) {
	app := &webApp{files: map[string]*asset{}}
	err := fs.WalkDir(files, "web/dist", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == "web/dist":
			return nil // not built
		case err != nil || d.IsDir():
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(name, "web/dist/")
		app.files["/"+rel] = newAsset(rel, body)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the web application: %w", err)
	}
	if app.index = app.files["/index.html"]; app.index == nil {
		body, err := fs.ReadFile(files, placeholder)
		if err != nil {
			return nil, fmt.Errorf("read the web application: %w", err)
		}
		app.index = newAsset("index.html", body)
	}
	app.files["/"] = app.index
	return app, nil
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	a := &asset{body: body, kind: contentType(name), etag: `"` + hex.EncodeToString(sum[:8]) + `"`, keep: "no-cache"}
	a.page = strings.HasPrefix(a.kind, "text/html")
	if hashed.MatchString(name) {
		a.keep = "public, max-age=31536000, immutable"
	}
	a.small = sync.OnceValues(func() ([]byte, bool) {
		if len(body) < 1024 || !compressible(a.kind) {
			return nil, false
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(body)
		_ = w.Close()
		return b.Bytes(), b.Len() < len(body)
	})
	return a
}

// contentType does not ask the machine, which may know types differently.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map", ".webmanifest":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	case ".ico":
		return "image/x-icon"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "application/json") || kind == "image/svg+xml"
}

// ServeHTTP implements http.Handler.
func (app *webApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, codeNoMethod, "pages can only be read"))
		return
	}
	a := app.files[r.URL.Path]
	if a == nil && !strings.HasPrefix(r.URL.Path, "/assets/") && strings.Contains(r.Header.Get("Accept"), "text/html") {
		a = app.index
	}
	if a == nil {
		writeProblem(w, newProblem(http.StatusNotFound, codeNotFound, "there is no such file"))
		return
	}
	a.serve(w, r)
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * apiTimeout))
	if a.page {
		a.servePage(w, r)
		return
	}
	h.Set("Cache-Control", a.keep)
	h.Set("Vary", "Accept, Accept-Encoding")
	body, etag := a.body, a.etag
	if acceptsGzip(r) {
		if small, ok := a.small(); ok {
			body, etag = small, strings.TrimSuffix(a.etag, `"`)+`-gz"`
			h.Set("Content-Encoding", "gzip")
			r.Header.Del("Range") // parts of a compressed file help nobody
		}
	}
	h.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// nonceMark is where a page takes the word by which the browser knows our own
// styles (vite.config.ts writes it there). Ant Design makes its styles in the
// page, and gives them this word; a style that somebody smuggled in has none.
const nonceMark = "{{nonce}}"

// servePage sends a page with a nonce of its own, so it is never kept.
func (a *asset) servePage(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", contentPolicy(r, nonce))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(bytes.ReplaceAll(a.body, []byte(nonceMark), []byte(nonce)))
	}
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}

// plainHost is a Host that can stand in a header of ours.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.:\-\[\]]{1,255}$`)

// secureHeaders apply to everything: pages may load and call only us. Sockets
// are named with our host, since not every browser counts them as 'self'.
func secureHeaders(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", contentPolicy(r, ""))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
}

// contentPolicy allows no script and no style that stands in a page, but
// styles with the page's nonce.
func contentPolicy(r *http.Request, nonce string) string {
	style := "'self'"
	if nonce != "" {
		style += " 'nonce-" + nonce + "'"
	}
	connect := "'self'"
	if plainHost.MatchString(r.Host) {
		connect += " ws://" + r.Host + " wss://" + r.Host
	}
	return "default-src 'self'; script-src 'self'; style-src " + style + "; img-src 'self' data:; media-src 'self' blob:; connect-src " + connect +
		"; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}
