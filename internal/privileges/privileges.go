package privileges

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Unprivileged says how to start a program that must not be root. As root it picks the first of the
// named accounts that exists and is not root itself, then "nobody"; uid and gid are that account's, for
// handing folders over (see Give). As anybody else it changes nothing and uid and gid are our own.
//
// In either case the program gets a process group of its own: Ctrl-C in a terminal reaches only us,
// and we end the others in order. Pdeathsig is left alone: it follows the thread that forked, which in
// Go may end long before the process.
func Unprivileged(names ...string) (attr *syscall.SysProcAttr, uid, gid int, err error) {
	attr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, os.Getuid(), os.Getgid(), nil
	}
	tried := append(append([]string{}, names...), "nobody")
	for _, name := range tried {
		u, lookupErr := user.Lookup(name)
		if lookupErr != nil {
			continue
		}
		id, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		group, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr != nil || gidErr != nil || id == 0 {
			continue
		}
		attr.Credential = &syscall.Credential{Uid: uint32(id), Gid: uint32(group)}
		attr.AmbientCaps = reach()
		return attr, int(id), int(group), nil
	}
	return nil, 0, 0, fmt.Errorf("none of the accounts %s exists to run a program that must not be root: add one (useradd --system %s)",
		strings.Join(tried, ", "), tried[0])
}

// reach is the capability that lets an account through closed folders, where we have it to give.
// A container may withhold it (Docker does, by default); then none is given, and a folder closed to
// others is out of reach. Its wider relative CAP_DAC_OVERRIDE would also let the program write
// everywhere, which is too much for something that listens on a network.
func reach() []uintptr {
	if !held(unix.CAP_DAC_READ_SEARCH) {
		return nil
	}
	return []uintptr{unix.CAP_DAC_READ_SEARCH}
}

// held tells whether this process may pass the capability on.
func held(capability int) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	if data[capability/32].Permitted&(1<<(capability%32)) == 0 {
		return false
	}
	bounded, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(capability), 0, 0, 0)
	return err == nil && bounded == 1
}

// Command prepares a program to be started with attr in folder dir. The capability of Unprivileged
// counts only from the first exec on, so neither the program nor the folder may yet be behind a closed
// one: a shell from /bin goes first, and becomes the program (the process id stays the same).
func Command(ctx context.Context, attr *syscall.SysProcAttr, dir string, argv ...string) *exec.Cmd {
	if len(attr.AmbientCaps) > 0 {
		argv = append([]string{"/bin/sh", "-c", `cd "$0" && exec "$@"`, dir}, argv...)
		dir = "/"
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = attr
	cmd.Dir = dir
	return cmd
}

// Reachable says in one sentence what keeps a program started with attr from a folder, or nil.
// It looks only at what Unprivileged leaves open: folders on the way that are closed to others.
func Reachable(attr *syscall.SysProcAttr, folder string) error {
	if attr.Credential == nil || len(attr.AmbientCaps) > 0 {
		return nil
	}
	for dir := filepath.Dir(folder); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("looking at %s: %w", dir, err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if ok && stat.Uid != attr.Credential.Uid && info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("%s is closed to the account with uid %d that must use %s: open it (chmod o+x %s), choose another folder, or give this container CAP_DAC_READ_SEARCH",
				dir, attr.Credential.Uid, folder, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// Give makes the account own the folder and all in it, symbolic links themselves and not what they
// point to. It does nothing when we are not root: then all is ours already.
func Give(folder string, uid, gid int) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, uid, gid)
		}
		if errors.Is(err, fs.ErrNotExist) { // a file that its program just removed
			return nil
		}
		if err != nil {
			return fmt.Errorf("handing %s to uid %d: %w", path, uid, err)
		}
		return nil
	})
}
