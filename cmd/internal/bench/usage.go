package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// used is the CPU time of the parts until now, in seconds.
func (m *meter) used() Shares {
	var s Shares
	children := map[int]float64{}
	parents := map[int]int{}
	names := map[int]string{}
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		if p, ok := readStat(path); ok {
			children[p.pid], parents[p.pid], names[p.pid] = p.seconds, p.parent, p.name
		}
	}
	for pid, seconds := range children {
		switch {
		case pid == os.Getpid():
			s.Threerings += seconds
		case pid == m.box.Asterisk.PID() || parents[pid] == m.box.Asterisk.PID():
			s.Asterisk += seconds
		case names[pid] == "postgres" && ours(pid, parents):
			s.Postgres += seconds
		}
	}
	return s
}

// ours tells whether a process comes from this one.
func ours(pid int, parents map[int]int) bool {
	for range 10 {
		if pid == os.Getpid() {
			return true
		}
		pid = parents[pid]
	}
	return false
}

type stat struct {
	pid, parent int
	name        string
	seconds     float64
}

// ticks per second of /proc, on all of Linux's usual architectures.
const ticks = 100

func readStat(path string) (stat, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return stat{}, false
	}
	pid, rest, ok := strings.Cut(string(text), " (")
	end := strings.LastIndex(rest, ") ")
	if !ok || end < 0 {
		return stat{}, false
	}
	fields := strings.Fields(rest[end+2:])
	if len(fields) < 15 {
		return stat{}, false
	}
	p := stat{name: rest[:end]}
	p.pid, _ = strconv.Atoi(pid)
	p.parent, _ = strconv.Atoi(fields[1])
	for _, f := range fields[11:13] { // utime, stime
		n, _ := strconv.Atoi(f)
		p.seconds += float64(n) / ticks
	}
	return p, true
}

// memory of a process, in bytes.
func (m *meter) memory(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return float64(pages * os.Getpagesize())
}

// recorded is the size of the raw recordings.
func (m *meter) recorded() (bytes float64) {
	files, _ := filepath.Glob(filepath.Join(m.box.Settings.Asterisk.Recordings, "*.raw"))
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			bytes += float64(info.Size())
		}
	}
	return bytes
}

// ledger is the size of the database's tables and indexes.
func (m *meter) ledger(ctx context.Context) (float64, error) {
	bytes, err := m.box.Node.Ledger().Size(ctx)
	return float64(bytes), err
}
