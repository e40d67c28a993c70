package postgres

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/threerings/threerings/queue"
)

// spool is the local file that holds what Postgres does not have yet. A line
// is a checksum, a space and JSON; what was handed to the kernel survives our
// end, what was synced survives the machine's.
type spool struct {
	path string

	mu    sync.Mutex
	file  *os.File
	size  int64
	last  uint64 // number of the last record in it
	dirty bool   // written since the last sync
}

// spooled is a record's line.
type spooled struct {
	Seq   uint64          `json:"seq"`
	At    time.Time       `json:"at"`
	Epoch uint64          `json:"epoch"`
	Type  string          `json:"type"`
	Data  json.RawMessage `json:"data"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openSpool opens the spool of a pool, makes it ours alone, and returns what
// an earlier run left in it. A last line that is torn never was a record; any
// other damage ends the reading and is told by damage.
func openSpool(dir, pool string) (s *spool, left []queue.Record, damage, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, nil, fmt.Errorf("make the spool's folder: %w", err)
	}
	s = &spool{path: filepath.Join(dir, url.PathEscape(pool)+".spool")}
	s.file, err = os.OpenFile(s.path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open the spool: %w", err)
	}
	if err := syscall.Flock(int(s.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		s.file.Close()
		return nil, nil, nil, fmt.Errorf("the spool %s is in use by another threerings: stop that one, or choose another data folder", s.path)
	}
	content, err := io.ReadAll(s.file)
	if err != nil {
		s.file.Close()
		return nil, nil, nil, fmt.Errorf("read the spool %s: %w", s.path, err)
	}
	s.size = int64(len(content))
	left, damage = parseSpool(content)
	return s, left, damage, nil
}

func parseSpool(content []byte) (records []queue.Record, damage error) {
	for n := 1; len(content) > 0; n++ {
		line, rest, whole := bytes.Cut(content, []byte{'\n'})
		r, err := parseSpoolLine(line)
		if err != nil {
			if !whole || len(rest) == 0 {
				return records, nil // torn: its write was cut off
			}
			return records, fmt.Errorf("line %d: %w", n, err)
		}
		records, content = append(records, r), rest
	}
	return records, nil
}

func parseSpoolLine(line []byte) (queue.Record, error) {
	sum, body, ok := bytes.Cut(line, []byte{' '})
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if !ok || err != nil || uint32(want) != crc32.Checksum(body, castagnoli) {
		return queue.Record{}, errors.New("its checksum is wrong")
	}
	var l spooled
	if err := json.Unmarshal(body, &l); err != nil {
		return queue.Record{}, err
	}
	event, err := queue.DecodeEvent(l.Type, l.Data)
	if err != nil {
		return queue.Record{}, err
	}
	return queue.Record{Seq: l.Seq, At: l.At.UTC(), Epoch: l.Epoch, Event: event}, nil
}

func (e *entry) line() ([]byte, error) {
	body, err := json.Marshal(spooled{e.record.Seq, e.record.At.UTC(), e.record.Epoch, e.kind, json.RawMessage(e.data)})
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(body, castagnoli), body), nil
}

// write adds entries in one write. After a failure (disk full) nothing of them
// is in the file, so that they can be written again.
func (s *spool) write(entries []entry) error {
	var lines []byte
	for i := range entries {
		line, err := entries[i].line()
		if err != nil {
			return err
		}
		lines = append(lines, line...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.file.Write(lines); err != nil {
		return errors.Join(err, s.file.Truncate(s.size))
	}
	s.size += int64(len(lines))
	s.last = entries[len(entries)-1].record.Seq
	s.dirty = true
	return nil
}

// sync brings what was written to the disk.
func (s *spool) sync() error {
	s.mu.Lock()
	s.dirty = false
	file := s.file
	s.mu.Unlock()
	// Not under the lock: a slow disk must not hold up the next write.
	err := file.Sync()
	if err != nil {
		s.mu.Lock()
		s.dirty = true // it is tried again, also when nothing more is written
		s.mu.Unlock()
	}
	return err
}

func (s *spool) unsynced() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dirty
}

// drop empties the spool if all that is in it is stored elsewhere.
func (s *spool) drop(stored uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.size == 0 || s.last > stored {
		return nil
	}
	if err := s.file.Truncate(0); err != nil {
		return err
	}
	s.size, s.dirty = 0, false
	return nil
}

// setAside keeps the file under another name, for people to look at, and goes
// on with an empty one.
func (s *spool) setAside() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	aside := fmt.Sprintf("%s.aside-%s", s.path, time.Now().UTC().Format("20060102T150405.000000"))
	content, err := os.ReadFile(s.path)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(aside, content, 0o600); err != nil {
		return "", err
	}
	// Emptied, not renamed: the lock is on this file.
	if err := s.file.Truncate(0); err != nil {
		return "", err
	}
	s.size, s.last, s.dirty = 0, 0, false
	return aside, nil
}

// reject keeps what Postgres will never take, beside the spool.
func (s *spool) reject(line []byte) error {
	f, err := os.OpenFile(s.path+".rejected", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Sync(), f.Close())
}

func (s *spool) bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// close syncs the file and gives it free.
func (s *spool) close() error { return errors.Join(s.file.Sync(), s.file.Close()) }
