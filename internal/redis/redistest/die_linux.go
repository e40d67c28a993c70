package redistest

import "syscall"

// dieWithTest ends the server also when the test binary is killed.
func dieWithTest() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
