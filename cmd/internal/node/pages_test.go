package node

import (
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/settings"
)

// TestBadCertificateLeavesNoPort: pages that cannot be served leave nothing
// open behind them.
func TestBadCertificateLeavesNoPort(t *testing.T) {
	var addrs []string
	for range 2 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addrs = append(addrs, ln.Addr().String())
		ln.Close()
	}
	missing := filepath.Join(t.TempDir(), "cert.pem")
	n := &Node{set: settings.Settings{HTTP: settings.HTTP{Addr: addrs, TLSCert: missing, TLSKey: missing}}, core: newCore(),
		log: slog.New(slog.NewTextHandler(t.Output(), nil)), house: newHouse(nil, nil), metrics: dashboard.NewMetrics()}
	if _, err := n.preparePages(); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a certificate that is not there: %v", err)
	}
	if got := n.Addrs(); len(got) != 0 {
		t.Errorf("pages are said to be served at %v", got)
	}
	for _, addr := range addrs {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			t.Errorf("the port was left open: %v", err)
			continue
		}
		ln.Close()
	}
}
