// Package s3test runs a real S3 server (versitygw) for tests.
package s3test

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	conf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/internal/store"
)

// Server is a server with one bucket.
type Server struct {
	Bucket store.Bucket
	t      testing.TB
	dir    string
	cmd    *exec.Cmd
}

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir()}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	s.Bucket = store.Bucket{Endpoint: "http://" + addr, Bucket: "recordings", Region: "us-east-1", AccessKey: "threerings", SecretKey: "a-secret-of-the-tests"}
	s.Start()
	client, err := minio.New(addr, &minio.Options{Creds: credentials.NewStaticV4(s.Bucket.AccessKey, s.Bucket.SecretKey, ""), Region: s.Bucket.Region})
	if err == nil {
		err = client.MakeBucket(t.Context(), s.Bucket.Bucket, minio.MakeBucketOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Start starts the server again where it was.
func (s *Server) Start() {
	s.t.Helper()
	program := filepath.Join(conf.CacheDir(), "bin", "versitygw")
	if _, err := os.Stat(program); err != nil {
		s.t.Fatalf("the S3 server of the tests is not there (make deps-test): %v", err)
	}
	addr := s.Bucket.Endpoint[len("http://"):]
	s.cmd = exec.Command(program, "--quiet", "--port", addr, "--access", s.Bucket.AccessKey, "--secret", s.Bucket.SecretKey, "--region", s.Bucket.Region, "posix", s.dir)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Bucket.Endpoint, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			return
		}
		select {
		case <-ctx.Done():
			s.t.Fatal("the S3 server does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server; what it has stays.
func (s *Server) Stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Store is the bucket as a store.
func (s *Server) Store() store.Store {
	s.t.Helper()
	b, err := store.NewS3(s.Bucket)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// File is where an object lies on the server's disk.
func (s *Server) File(name string) string {
	return filepath.Join(s.dir, s.Bucket.Bucket, filepath.FromSlash(name))
}
