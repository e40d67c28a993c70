package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threerings/threerings/internal/opus"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/recording"
)

// KeyFile is the file of the master keys of recordings, by default in the data
// folder.
func KeyFile(key, data string) string {
	if key == "" {
		return filepath.Join(data, "recordings.key")
	}
	return key
}

// openVault makes the master key of recordings at the very first start. When
// there are recordings already, the file was lost or not brought along, and a
// new key would only hide that.
func (n *Node) openVault(ctx context.Context) error {
	n.set.RecordingsKey = KeyFile(n.set.RecordingsKey, n.set.Data)
	path := n.set.RecordingsKey
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // readable or not: the keeper says so, and calls go on
	}
	used, err := n.db.MastersInUse(ctx)
	if err != nil {
		return fmt.Errorf("recordings: %w", err)
	}
	if len(used) > 0 {
		n.log.Error("the master keys of the recordings are not there: recordings can neither be kept nor heard until the file is put back; calls go on, raw recordings wait",
			"recordings_key", path, "keys", strings.Join(slices.Sorted(maps.Keys(used)), " "))
		return nil
	}
	if err := vault.Create(path); err != nil {
		return fmt.Errorf("master key of the recordings: %w", err)
	}
	n.log.Warn("made a master key for the recordings: keep a copy of this file where neither they nor their backups are; without it nobody can hear them", "recordings_key", path)
	return nil
}

// StoreOf is where a node with these settings keeps recordings.
func StoreOf(set settings.Settings) store.Store {
	s := set.S3
	if s.Endpoint == "" {
		return store.Folder(set.Recordings)
	}
	bucket, err := store.NewS3(store.Bucket{Endpoint: s.Endpoint, Bucket: s.Bucket, Region: s.Region, AccessKey: s.AccessKey.Reveal(), SecretKey: s.SecretKey.Reveal()})
	if err != nil {
		return store.Broken{Err: err}
	}
	return bucket
}

// NewKeeper is the keeper of recordings that a node with these settings has,
// for commands that read them too. It has no spool.
func NewKeeper(set settings.Settings, db *postgres.DB, log *slog.Logger) *recording.Keeper {
	k := &recording.Keeper{Store: StoreOf(set), Keys: &vault.Ring{Path: KeyFile(set.RecordingsKey, set.Data)}, Index: index{db}, Custody: db, Quota: set.RecordingsQuota, Story: ledger{db: db}.story, Log: log}
	if codec, err := opus.Find(); err == nil {
		k.Opus = codec
	} else {
		log.Warn("recordings are kept as WAV, which takes ten times the room", "err", err)
	}
	return k
}
