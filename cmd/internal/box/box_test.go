package box

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/centre"
)

// TestPortTaken: what keeps a centre from starting is one sentence that says
// what to do, and what was started until then is ended.
func TestPortTaken(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b, err := Start(ctx, Options{Dir: dir, HTTP: ln.Addr().String(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Centre: centre.Demo(centre.DemoOptions{Passwords: [2]string{"guest-one", "guest-two"}, Supervisor: "supervise"})})
	if err == nil {
		b.Close()
		t.Fatal("a centre started on a port that is taken")
	}
	if !strings.Contains(err.Error(), "is another program on that port?") {
		t.Errorf("the error %q does not say what to do", err)
	}
	select {
	case <-b.Asterisk.Ended():
	default:
		t.Error("Asterisk was left running")
	}
	if _, err := os.Stat(dir + "/data/postgres/data/postmaster.pid"); err == nil {
		t.Error("Postgres was left running")
	}
}
