package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/prompts"
)

// Free space below which recordings will soon fail, and cannot be relied on.
const (
	littleSpace = 5 << 30
	noSpace     = 500 << 20
)

// space judges the disk of a folder that need not be there yet.
func (p *patient) space(folder string) Result {
	free, err := p.m.free(folder)
	switch {
	case err != nil:
		return warn("see whether the disk is mounted", "%v", err)
	case free < noSpace:
		return fail("make room there, or move the folder to a larger disk: a new ledger takes 128 MB, an hour of conversation 115 MB", "%s has %s free", folder, disk.Size(free))
	case free < littleSpace:
		return warn("make room soon: an hour of conversation takes 115 MB", "%s has %s free", folder, disk.Size(free))
	}
	return ok("%s, %s free", folder, disk.Size(free))
}

// ours judges a folder of our own: writable, or still to be made.
func (p *patient) ours(folder string) Result {
	existing := folder
	for {
		info, err := os.Stat(existing)
		if err == nil && !info.IsDir() {
			return fail("move it away, or choose another folder", "%s is not a folder", existing)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || existing == filepath.Dir(existing) {
			return fail("let the account that runs threerings reach it", "%v", err)
		}
		existing = filepath.Dir(existing)
	}
	if err := unix.Access(existing, unix.R_OK|unix.W_OK|unix.X_OK); err != nil {
		return fail("give it to the account that runs threerings (chown)", "%s is not ours to write: %v", existing, err)
	}
	return p.space(folder)
}

func (p *patient) dataFolder(context.Context) Result       { return p.ours(p.s.Data) }
func (p *patient) recordingsFolder(context.Context) Result { return p.ours(p.s.Recordings) }

// rawRecordings: Asterisk writes there, we read and clear away.
func (p *patient) rawRecordings(context.Context) Result {
	folder := p.s.Asterisk.Recordings
	if folder == "" {
		return fail("set asterisk.recordings to the folder of MixMonitor in the dialplan, as this process sees it", "not set: conversations cannot be kept")
	}
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("make it, owned by Asterisk's account, or mount it here", "%s is not there: Asterisk would record nothing", folder)
	case err != nil:
		return fail("let the account that runs threerings reach it", "%v", err)
	case !info.IsDir():
		return fail("correct asterisk.recordings", "%s is not a folder", folder)
	}
	if err := unix.Access(folder, unix.R_OK|unix.X_OK); err != nil {
		return fail("put the account that runs threerings into Asterisk's group, and chmod g+rwx the folder", "%s cannot be read by us: %v", folder, err)
	}
	if err := unix.Access(folder, unix.W_OK); err != nil {
		return warn("chmod g+rwx the folder for a group that both share", "%s cannot be written by us, so that fetched files stay: %v", folder, err)
	}
	if r := p.writableByAsterisk(folder, info); r.Status != OK {
		return r
	}
	return p.space(folder)
}

// writableByAsterisk judges by owner and mode, from afar.
func (p *patient) writableByAsterisk(folder string, info fs.FileInfo) Result {
	account := "asterisk"
	if p.info != nil && p.info.Config.SetID.User != "" {
		account = p.info.Config.SetID.User
	}
	stat, isUnix := info.Sys().(*syscall.Stat_t)
	uid, known := p.m.uid(account)
	mode := info.Mode().Perm()
	switch {
	case !isUnix || mode&0o002 != 0 || mode&0o020 != 0:
		return ok("")
	case known && stat.Uid == uid && mode&0o200 != 0, !known && stat.Uid != 0:
		return ok("")
	case !known:
		return warn("see that Asterisk's account can write there", "%s belongs to root, and whether Asterisk may write there cannot be told", folder)
	}
	return warn(fmt.Sprintf("chown %s %s, if Asterisk runs as %s", account, folder, account), "%s does not look writable by %s", folder, account)
}

func (p *patient) prompts(context.Context) Result {
	folder := p.s.Asterisk.Sounds
	if folder == "" {
		return warn("set asterisk.sounds to a folder where Asterisk looks for sounds", "asterisk.sounds is not set: nobody puts our prompts in place")
	}
	var missing []string
	for _, name := range prompts.Names() {
		if info, err := os.Stat(filepath.Join(folder, name+".wav")); err != nil || info.Size() == 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		if r := p.ours(folder); r.Status == Fail {
			return fail(r.Mend, "missing in %s: %s; and %s", folder, strings.Join(missing, " "), r.Found)
		}
		return warn("threerings serve makes them when it starts", "missing in %s: %s", folder, strings.Join(missing, " "))
	}
	return ok("all in %s", folder)
}

// rtpPorts reads rtp.conf where it can be seen: four ports per conversation,
// two per waiting caller (facts 6.17).
func (p *patient) rtpPorts(context.Context) Result {
	files := []string{"/etc/asterisk/rtp.conf"}
	if p.s.Asterisk.Sounds != "" { // the layout of an Asterisk of ours
		files = append([]string{filepath.Join(p.s.Asterisk.Sounds, "..", "..", "etc", "asterisk", "rtp.conf")}, files...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		first, last := rtpRange(string(text))
		ports, agents := last-first+1, p.agents()
		need := max(4*agents+2*agents, 100) // all talk, as many wait
		switch {
		case first < 1 || last > 65535 || ports < 4:
			return fail("set rtpstart and rtpend, such as 10000 and 19999", "%s: %d to %d is no range", file, first, last)
		case ports < need && agents > 0:
			return fail("raise rtpend, and open the ports in the firewall", "%s: %d ports; %d agents and as many waiting callers need %d", file, ports, agents, need)
		case ports < need:
			return warn("raise rtpend, and open the ports in the firewall", "%s: %d ports, room for %d conversations", file, ports, ports/4)
		}
		return ok("%d to %d, room for %d conversations", first, last, ports/4)
	}
	return skip("rtp.conf cannot be seen from here: allow four ports per conversation and two per waiting caller")
}

// agents counts those of the centre file, if the settings name one.
func (p *patient) agents() int {
	if p.s.Centre == "" {
		return 0
	}
	text, err := os.ReadFile(p.s.Centre)
	if err != nil {
		return 0
	}
	c, err := centre.Parse(p.s.Centre, text)
	if err != nil {
		return 0
	}
	return len(c.Config.Agents)
}

func rtpRange(text string) (first, last int) {
	first, last = 10000, 20000 // Asterisk's own when the file is silent: rtp.conf.sample
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, ";")
		key, value, _ := strings.Cut(line, "=")
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(value, ">")))
		if err != nil {
			continue
		}
		switch strings.TrimSpace(key) {
		case "rtpstart":
			first = n
		case "rtpend":
			last = n
		}
	}
	return first, last
}
