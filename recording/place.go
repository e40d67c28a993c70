package recording

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// Ids are made by Asterisk (a1-1764000000.12), but they become file names here,
// so nothing else passes: no separator, no leading dot, no "..".
var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$`)

const (
	rawSuffix = ".raw"
	wavSuffix = ".wav"
	// SealedSuffix ends the names of encrypted recordings: what is sealed is no
	// sound to a player that finds it.
	SealedSuffix = ".sealed"
	sealedWAV    = wavSuffix + SealedSuffix
	sealedOpus   = ".ogg" + SealedSuffix
)

func checkID(id queue.CallID) error {
	if !idPattern.MatchString(string(id)) || strings.Contains(string(id), "..") {
		return fmt.Errorf("call id %.140q: %w", string(id), ErrBadID)
	}
	return nil
}

// rawName is the file in the spool; the id is already checked.
func rawName(id queue.CallID) string { return string(id) + rawSuffix }

// rawOf is what the raw file of a conversation is named by: the customer's leg,
// which is the call's own unless they were called.
func rawOf(c queue.Call) queue.CallID {
	if c.Leg == "" {
		return c.ID
	}
	return queue.CallID(c.Leg)
}

// rawID is the leg whose audio a file of the spool is.
func rawID(name string) (queue.CallID, bool) {
	id, ok := strings.CutSuffix(name, rawSuffix)
	return queue.CallID(id), ok && checkID(queue.CallID(id)) == nil
}

// place is where a call's recording is in the store: a folder per day of the
// house, since a year's files in one folder are slow to list and to copy. What
// it is comes behind.
func place(c queue.Call) string {
	day, err := time.Parse(time.DateOnly, c.Day)
	if err != nil {
		day = c.SpokeAt.UTC()
	}
	return path.Join(day.Format("2006/01/02"), string(c.ID))
}

// placeOf is the place of a recording that is in the store.
func placeOf(r Recording) string { return path.Join(path.Dir(r.Path), string(r.Call)) }
