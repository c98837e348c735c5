//go:build !linux

package embedded

import "syscall"

func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}

// worksIn reports whether pid is alive; where a process's folder cannot be
// read, the server's own pid file is trusted.
func worksIn(pid int, _ string) bool { return syscall.Kill(pid, 0) == nil }
