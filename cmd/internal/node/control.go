package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/internal/store"
)

// The control socket is for the commands of the same program on the same
// machine: `threerings apply` and `export`. Who may open it is a matter of file
// permissions (0600), so it needs no password.

// maxCentre is the largest centre.yaml taken.
const maxCentre = 1 << 20

// ControlPath is the socket of the node that keeps its data in a folder.
func ControlPath(data string) string { return filepath.Join(data, "control.sock") }

// applyAnswer is what apply is told.
type applyAnswer struct {
	Applied
	Error string `json:"error,omitempty"`
}

// listenControl opens the control socket, unless another node has it.
func (n *Node) listenControl() (*net.UnixListener, error) {
	path := ControlPath(n.set.Data)
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return nil, fmt.Errorf("another threerings serves the data folder %s: end it, take over from it (--takeover), or give this one another folder (--data)", n.set.Data)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	ln, err := listenUnix(path)
	if err != nil {
		return nil, fmt.Errorf("control socket (a path has at most 107 bytes; choose a shorter data folder): %w", err)
	}
	n.onClose(func() { ln.Close() })
	return ln, nil
}

func (n *Node) serveControl() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apply", n.controlApply)
	mux.HandleFunc("GET /database", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, n.dbURL) })
	mux.HandleFunc("GET /folders", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(FoldersOf(n.set))
	})
	mux.HandleFunc("GET /takeover", n.controlState)
	mux.HandleFunc("POST /takeover", n.controlTakeover)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(n.control) }()
	n.onClose(func() { _ = srv.Close(); <-done })
}

func (n *Node) controlApply(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCentre))
	var answer applyAnswer
	if err == nil {
		answer.Applied, err = n.Apply(r.Context(), r.URL.Query().Get("file"), data, r.URL.Query().Get("by"), r.URL.Query().Get("dry_run") == "true")
	}
	if err != nil {
		answer.Error = err.Error()
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// Apply puts a centre.yaml in force as a whole, or (dryRun) says what it would
// change.
func (n *Node) Apply(ctx context.Context, file string, data []byte, by string, dryRun bool) (Applied, error) {
	return n.house.Apply(ctx, file, data, by, dryRun)
}

// Control talks to the node that keeps its data in a folder.
type Control struct{ client *http.Client }

// ErrNotRunning: no node serves the data folder.
var ErrNotRunning = errors.New("no threerings runs with this data folder: start `threerings serve`, or give its folder (--data)")

// Dial returns a Control, or ErrNotRunning.
func Dial(data string) (*Control, error) {
	path := ControlPath(data)
	c, err := net.Dial("unix", path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", data, ErrNotRunning)
	}
	c.Close()
	return &Control{client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}}}}, nil
}

// DatabaseURL is how to reach the running node's database.
func (c *Control) DatabaseURL(ctx context.Context) (string, error) {
	body, err := c.do(ctx, http.MethodGet, "/database", nil)
	return string(body), err
}

// Folders are where a node keeps what is not in its database.
type Folders struct {
	Recordings string  `json:"recordings"`
	Sounds     string  `json:"sounds"` // empty: it makes no prompts
	Key        string  `json:"key"`    // file of the master keys of recordings
	S3         *bucket `json:"s3,omitempty"`
}

// bucket is settings.S3 with its secrets, for who may read the database too.
type bucket struct{ Endpoint, Bucket, Region, AccessKey, SecretKey string }

// FoldersOf are those of settings.
func FoldersOf(s settings.Settings) Folders {
	f := Folders{Recordings: s.Recordings, Sounds: s.Asterisk.Sounds, Key: KeyFile(s.RecordingsKey, s.Data)}
	if s.S3.Endpoint != "" {
		f.S3 = &bucket{s.S3.Endpoint, s.S3.Bucket, s.S3.Region, s.S3.AccessKey.Reveal(), s.S3.SecretKey.Reveal()}
	}
	return f
}

// Store is where the recordings are.
func (f Folders) Store() store.Store {
	var s settings.Settings
	f.Into(&s)
	return StoreOf(s)
}

// Into makes settings mean these folders.
func (f Folders) Into(s *settings.Settings) {
	s.Recordings, s.Asterisk.Sounds, s.RecordingsKey, s.S3 = f.Recordings, f.Sounds, f.Key, settings.S3{}
	if b := f.S3; b != nil {
		s.S3 = settings.S3{Endpoint: b.Endpoint, Bucket: b.Bucket, Region: b.Region, AccessKey: settings.Secret(b.AccessKey), SecretKey: settings.Secret(b.SecretKey)}
	}
}

// Folders are those of the running node, which may have got them from settings
// that the caller does not have.
func (c *Control) Folders(ctx context.Context) (Folders, error) {
	body, err := c.do(ctx, http.MethodGet, "/folders", nil)
	if err != nil {
		return Folders{}, err
	}
	var f Folders
	if err := json.Unmarshal(body, &f); err != nil || f.Recordings == "" {
		return Folders{}, fmt.Errorf("the running threerings does not say where it keeps recordings: is it of another version? (%.100s)", body)
	}
	return f, nil
}

func (c *Control) do(ctx context.Context, method, path string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://control"+path, body)
	if err != nil {
		return nil, err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the running threerings: %w", err)
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// Apply asks the running node to put a centre.yaml in force.
func (c *Control) Apply(ctx context.Context, file string, data []byte, by string, dryRun bool) (Applied, error) {
	query := url.Values{"file": {file}, "by": {by}, "dry_run": {strconv.FormatBool(dryRun)}}
	body, err := c.do(ctx, http.MethodPost, "/apply?"+query.Encode(), bytes.NewReader(data))
	if err != nil {
		return Applied{}, err
	}
	var answer applyAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return Applied{}, fmt.Errorf("the running threerings answered something else: %w", err)
	}
	if answer.Error != "" {
		return answer.Applied, errors.New(answer.Error)
	}
	return answer.Applied, nil
}

// listenUnix listens on a socket that only this account may open.
func listenUnix(path string) (*net.UnixListener, error) {
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}
