// Package postgrestest gives tests an empty database on a real Postgres.
//
// All tests of one process share a private server, which ends with the
// process, however that ends. THREERINGS_TEST_DATABASE_URL names a server to
// use instead; its role must be allowed to create databases.
package postgrestest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/internal/postgres/private"
)

// One server for all tests of the process is the point of this package, hence
// its only state.
var server = sync.OnceValues(startServer)

type shared struct {
	url   string
	guard *exec.Cmd // kept: its pipe must not be collected while we live
}

// New returns the URL of an empty database, which is dropped after the test.
func New(t testing.TB) string {
	t.Helper()
	base := os.Getenv("THREERINGS_TEST_DATABASE_URL")
	if base == "" {
		s, err := server()
		if err != nil {
			t.Fatal(err)
		}
		base = s.url
	}
	random := make([]byte, 6)
	rand.Read(random) // never fails
	name := "threerings_test_" + hex.EncodeToString(random)
	if err := run(base, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := run(base, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("THREERINGS_TEST_DATABASE_URL: %v", err)
	}
	u.Path = "/" + name
	if u.Host == "" { // String would leave the slashes out
		return "postgres:///" + name + "?" + u.RawQuery
	}
	return u.String()
}

func run(base, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// startServer starts the shared server and a guard beside it: a shell that
// waits for our end of a pipe to close, which the kernel does even if we are
// killed or time out, and then ends the server and removes its folder.
func startServer() (shared, error) {
	dir, err := os.MkdirTemp("", "threerings-test-")
	if err != nil {
		return shared{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	// The data does not outlive the process: safety on disk would only cost time.
	s, err := private.Start(ctx, filepath.Join(dir, "pg"), "fsync=off", "full_page_writes=off", "autovacuum=off")
	if err != nil {
		_ = os.RemoveAll(dir)
		return shared{}, err
	}
	guard := exec.Command("/bin/sh", "-c", `cat; kill -QUIT "$1"; while kill -0 "$1" 2>/dev/null && [ -e "$2/pg/data/postmaster.pid" ]; do sleep 0.05; done; rm -rf "$2"`,
		"guard", strconv.Itoa(s.PID()), dir)
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if _, err := guard.StdinPipe(); err != nil {
		return shared{}, err
	}
	if err := guard.Start(); err != nil {
		_ = s.Stop(ctx)
		_ = os.RemoveAll(dir)
		return shared{}, fmt.Errorf("guard the test server: %w", err)
	}
	return shared{s.URL(), guard}, nil
}
