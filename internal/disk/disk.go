package disk

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// none is so little that nothing can be written: programs fail then without
// saying why, since their logs lie on the same disk.
const none = 1 << 20

// Free is how many bytes an account like ours can still write under a folder,
// which need not be there yet: its nearest parent that exists is asked.
func Free(folder string) (uint64, error) {
	_, free, err := Ask(folder)
	return free, err
}

// Ask is Free, and the device that the folder is on.
func Ask(folder string) (device, free uint64, err error) {
	existing := folder
	var at unix.Stat_t
	for {
		if err = unix.Stat(existing, &at); err == nil || existing == filepath.Dir(existing) {
			break
		}
		existing = filepath.Dir(existing)
	}
	var st unix.Statfs_t
	if err == nil {
		err = unix.Statfs(existing, &st)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("asking for the free space of %s: %w", existing, err)
	}
	if st.Blocks == 0 { // without a limit, or it does not tell
		return 0, 0, fmt.Errorf("asking for the free space of %s: its file system does not tell", existing)
	}
	return at.Dev, st.Bavail * uint64(st.Bsize), nil
}

// Need is an error that says what is missing when a folder has less room than
// that many bytes. A file system that does not tell has room.
func Need(folder string, bytes uint64) error {
	free, err := Free(folder)
	if err != nil || free >= bytes {
		return nil
	}
	return &fullError{syscall.ENOSPC, fmt.Sprintf("disk full: %s has %s free and %s are needed: make room there, or choose a folder on a larger disk", folder, Size(free), Size(bytes))}
}

// Blame turns an error of something that works in a folder into a sentence
// about its full disk, if the error says so; others are returned as they are.
// A sentence found inside an error stands for all of it.
func Blame(err error, folder string) error {
	var told *fullError
	switch {
	case errors.As(err, &told):
		return told
	case !Full(err):
		return err
	}
	return fullNow(err, folder, " (it ended at: "+lastLine(err.Error())+")")
}

// Suspect is Blame for programs that may not find words for a full disk: it
// also holds when the folder has no room at all.
func Suspect(err error, folder string) error {
	if free, statErr := Free(folder); err == nil || Full(err) || statErr != nil || free >= none {
		return Blame(err, folder)
	}
	return fullNow(err, folder, "") // its words are of something else
}

func fullNow(err error, folder, cause string) error {
	left := "an unknown amount"
	if free, statErr := Free(folder); statErr == nil {
		left = Size(free)
	}
	return &fullError{err, fmt.Sprintf("disk full: %s has %s free, which is not enough: make room there, or choose a folder on a larger disk%s", folder, left, cause)}
}

// fullError has the sentence, and the error it stands for.
type fullError struct {
	cause error
	text  string
}

func (e *fullError) Error() string { return e.text }
func (e *fullError) Unwrap() error { return e.cause }

// Full tells whether an error is that of a full disk or a used-up quota, ours
// or, by its text, another program's.
func Full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || err != nil && Says(err.Error())
}

// Says tells whether a program's output speaks of a full disk. Our programs
// run without a locale, so this is the C library's English; the hint is
// Postgres's for a write that was cut short.
func Says(output string) bool {
	for _, words := range []string{"No space left on device", "no space left on device", "Disk quota exceeded", "Check free disk space"} {
		if strings.Contains(output, words) {
			return true
		}
	}
	return false
}

// lastLine makes one line of a text: the last that speaks of the disk, or the
// first.
func lastLine(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), " / ", "\n"), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if Says(lines[i]) && !strings.Contains(lines[i], "HINT:") {
			return strings.TrimSpace(lines[i])
		}
	}
	return strings.TrimSpace(lines[0])
}

// Size writes a number of bytes for people.
func Size(bytes uint64) string {
	switch {
	case bytes < 1<<20:
		return fmt.Sprintf("%d kB", bytes>>10)
	case bytes < 1<<30:
		return fmt.Sprintf("%d MB", bytes>>20)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
}
