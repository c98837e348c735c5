//go:build !linux

package embedded

import "syscall"

func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}

// atWork lists the process in pidFile while it lives: where a process's folder
// cannot be read, the server's own file is trusted.
func atWork(_, pidFile string) []int {
	if pid := pidIn(pidFile); pid > 1 && syscall.Kill(pid, 0) == nil {
		return []int{pid}
	}
	return nil
}
