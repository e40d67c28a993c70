package bench

import (
	"bufio"
	"context"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
)

// Machine is on what the figures were measured: without it they mean nothing.
type Machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	Kernel   string `json:"kernel"`
	Asterisk string `json:"asterisk,omitempty"`
	Go       string `json:"go"`
}

// ThisMachine is the one we run on, with its Asterisk.
func ThisMachine(ctx context.Context) (Machine, error) {
	m := thisHost()
	prefix, err := asteriskconf.Find(asteriskconf.CacheDir())
	if err != nil {
		return m, err
	}
	m.Asterisk, err = prefix.Version(ctx)
	return m, err
}

// thisHost is the one we run on, for what takes no Asterisk.
func thisHost() Machine {
	m := Machine{CPU: cpuModel("/proc/cpuinfo"), Cores: runtime.NumCPU(), Go: runtime.Version()}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		m.Kernel = unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:])
	}
	return m
}

// cpuModel is the processor's name, or its architecture where Linux tells none.
func cpuModel(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
