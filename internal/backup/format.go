package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"
)

// Format is the number of the format that this package writes; it reads no
// higher one.
const Format = 1

// MaxDocument limits head, problem and seal each, in bytes.
const MaxDocument = 1 << 20

const (
	headName  = "head.json"
	sealName  = "seal.json"
	ledgerDir = "ledger/"
	soundsDir = "sounds/"
	mediaDir  = "recordings/"
	problems  = "problems/"
	sumRecord = "THREERINGS.sha256"
	pieceSize = 1 << 20 // of a table; its content is in memory once
	maxTables = 200
)

// Errors to tell apart with errors.Is.
var (
	// ErrDamaged: this is not a backup, or not all of one, or not what was written.
	ErrDamaged = errors.New("the backup is damaged or cut off: take another one")
	// ErrNewer: a newer program has written it.
	ErrNewer = errors.New("the backup was written by a newer threerings: use that version")
)

// Head says what a backup is.
type Head struct {
	Format     int               `json:"format"`
	Program    string            `json:"program"`  // version of the program that wrote it
	Schema     int               `json:"schema"`   // of the database
	Centre     string            `json:"centre"`   // name of the house; empty if none is configured
	Taken      time.Time         `json:"taken"`    // the moment of the ledger
	Pools      map[string]uint64 `json:"pools"`    // number of the last record, by pool
	Tables     []Table           `json:"tables"`   // in the order in which they come
	Recordings Files             `json:"expected"` // of the index; files may be missing
}

// Table is a table of the database.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// Files counts files.
type Files struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// Problem is a recording that is not as the index has it.
type Problem struct {
	Path string `json:"path"`
	What string `json:"what"`
}

// Seal ends a backup.
type Seal struct {
	Entries    int64            `json:"entries"` // before the seal
	Digest     string           `json:"digest"`  // SHA-256 over name, size and SHA-256 of each
	Rows       map[string]int64 `json:"rows"`    // by table
	Sounds     Files            `json:"sounds"`
	Recordings Files            `json:"recordings"`
	Problems   int64            `json:"problems"`
}

var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

func (h *Head) check() error {
	switch {
	case h.Format > Format:
		return ErrNewer
	case h.Format != Format || h.Schema < 1 || len(h.Tables) == 0 || len(h.Tables) > maxTables:
		return fmt.Errorf("%w: its head makes no sense", ErrDamaged)
	}
	seen := map[string]bool{}
	for _, t := range h.Tables {
		if !identifier.MatchString(t.Name) || seen[t.Name] || len(t.Columns) == 0 {
			return fmt.Errorf("%w: its head has a table %.80q", ErrDamaged, t.Name)
		}
		seen[t.Name] = true
		for _, c := range t.Columns {
			if !identifier.MatchString(c) {
				return fmt.Errorf("%w: its head has a column %.80q", ErrDamaged, c)
			}
		}
	}
	return nil
}

// checkPath tells whether a path inside sounds or recordings stays there. What
// begins with a dot is somebody's housekeeping, ours included.
func checkPath(path string) error {
	if !fs.ValidPath(path) || len(path) > 1000 || strings.ContainsAny(path, "\\\x00") {
		return fmt.Errorf("%w: it has a file named %.200q", ErrDamaged, path)
	}
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, ".") {
			return fmt.Errorf("%w: it has a file named %.200q", ErrDamaged, path)
		}
	}
	return nil
}
