package embedded

import (
	"os"
	"strconv"
	"syscall"
)

func setDeathSignal(a *syscall.SysProcAttr, s syscall.Signal) { a.Pdeathsig = s }

// worksIn reports whether pid is alive and has dir as its working folder, as
// PostgreSQL and Redis have their data folder.
func worksIn(pid int, dir string) bool {
	cwd, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	return err == nil && cwd == dir
}
