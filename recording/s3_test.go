package recording

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/store/s3test"
)

// TestKeptInS3: into a bucket and back, any part of it; while the service is
// away raw files stay and trouble says why, and the sweep catches up.
func TestKeptInS3(t *testing.T) {
	server := s3test.New(t)
	b := withOpus(t)
	b.Keeper.Store = server.Store()
	c := answered("a1-1.1", time.Second, 4*time.Second)
	audio := tones(5*time.Second, 440, 1000)
	b.write(c.ID, audio)
	r := b.mustKeep(c)
	data, err := os.ReadFile(server.File(r.Path))
	if err != nil || int64(len(data)) != r.Sealed.Bytes || bytes.Contains(data, []byte("OggS")) {
		t.Errorf("the bucket has %d bytes of %d, %v", len(data), r.Sealed.Bytes, err)
	}
	whole := b.played(c.ID)
	part, err := b.Open(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	if _, err := part.Seek(-1000, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	if end, err := io.ReadAll(part); err != nil || !bytes.Equal(end, whole[len(whole)-1000:]) {
		t.Errorf("its end has %d bytes, %v", len(end), err)
	}

	server.Stop()
	later := answered("a1-1.2", 0, 2*time.Second)
	b.index.put(c, later)
	b.write(later.ID, tones(2*time.Second, 440, 700))
	if _, err := b.Keep(t.Context(), later); err == nil || !b.hasRaw(later.ID) {
		t.Errorf("while the store is away: %v, raw file there: %t", err, b.hasRaw(later.ID))
	}
	if trouble := b.Trouble(); trouble == nil || !strings.Contains(trouble.Error(), server.Bucket.Endpoint) || strings.Contains(trouble.Error(), server.Bucket.SecretKey) {
		t.Errorf("trouble %v", trouble)
	}
	if s, err := b.Open(t.Context(), c.ID); err == nil {
		s.Close()
		t.Error("played from a store that is away")
	}
	server.Start()
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, _ := b.index.row(later.ID); r.State != Kept || b.hasRaw(later.ID) || b.Trouble() != nil {
		t.Errorf("after the sweep: %s, raw file there: %t, trouble %v", r.State, b.hasRaw(later.ID), b.Trouble())
	}
	if err := os.WriteFile(server.File("2026/11/22/stray.ogg.sealed"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := flip(server.File(r.Path), 100); err != nil {
		t.Fatal(err)
	}
	k := &books{ledger: b.index}
	if got := strings.Join(b.audited(k, ""), ", "); got != "changed a1-1.1, extra stray" {
		t.Errorf("the audit finds %q", got)
	}
}
