package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is how often we look at a process that is not our child.
const tick = 20 * time.Millisecond

// child is a server process of ours, in a process group of its own so that a
// Ctrl-C at the terminal reaches us and not it.
type child struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // how it ended; read after done
	log  string        // path of what it prints
}

// spawn starts argv as the servers' user, its output in log/NAME.log. Should
// this program die without stopping it, the kernel sends it the signal death.
func (p *place) spawn(name string, argv []string, death syscall.Signal) (*child, error) {
	dir, err := p.sub("log")
	if err != nil {
		return nil, err
	}
	c := &child{name: name, done: make(chan struct{}), log: filepath.Join(dir, name+".log")}
	out, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	defer out.Close()
	c.cmd = p.command(argv)
	c.cmd.Stdout, c.cmd.Stderr = out, out
	if !p.Detached {
		setDeathSignal(c.cmd.SysProcAttr, death)
	}
	started := make(chan error)
	go func() {
		// The death signal belongs to the thread that forks: it must live as
		// long as the child.
		runtime.LockOSThread()
		if err := c.cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.Logger.Info("server started", "server", name, "pid", c.cmd.Process.Pid)
	return c, nil
}

// command prepares argv to run as the servers' user.
func (p *place) command(argv []string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "HOME=" + p.dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.user.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(p.user.uid), Gid: uint32(p.user.gid)}
	}
	return cmd
}

// stop asks politely, waits, and then kills the whole group.
func (c *child) stop(ask syscall.Signal, patience time.Duration) error {
	select {
	case <-c.done:
		return nil
	default:
	}
	if err := c.cmd.Process.Signal(ask); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", c.name, err)
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(patience):
	}
	err := fmt.Errorf("%s did not stop in %s and was killed; see %s", c.name, patience, c.log)
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	<-c.done
	return err
}

// wait polls ready until it succeeds, the process ends or patience is over.
func (c *child) wait(ready func() error, patience time.Duration) error {
	end := time.After(patience)
	beat := time.NewTicker(tick)
	defer beat.Stop()
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return fmt.Errorf("%s ended at its start: %w\n%s", c.name, c.err, c.tail())
		case <-end:
			return fmt.Errorf("%s did not answer in %s: %w\n%s", c.name, patience, err, c.tail())
		case <-beat.C:
		}
	}
}

// tail is the end of what the server printed, for an error message.
func (c *child) tail() string {
	content, err := os.ReadFile(c.log)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content[max(0, len(content)-2000):]))
}

// quiet stops a server that an earlier program left in dir, its data folder.
// The process named in pidFile, and without one every process at work in dir,
// is sent each signal in turn and given patience after each. Nobody else may
// start a server there meanwhile. A pid file whose process is gone is removed:
// its number may by now be another's, and PostgreSQL would refuse to start.
func quiet(pidFile, dir string, signals []syscall.Signal, patience time.Duration) error {
	for _, s := range signals {
		pids := atWork(dir, pidFile)
		if len(pids) == 0 {
			break
		}
		if main := pidIn(pidFile); slices.Contains(pids, main) {
			pids = []int{main}
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stop the server left behind (pid %d): %w", pid, err)
			}
		}
		leave(dir, pidFile, patience)
	}
	if pids := atWork(dir, pidFile); len(pids) > 0 {
		return trouble(nil, "il server rimasto acceso in %s non si ferma: terminalo a mano (pid %d)",
			"the server left behind in %s does not stop: end it by hand (pid %d)", dir, pids[0])
	}
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the pid file left behind: %w", err)
	}
	return nil
}

// leave waits until nobody is at work in dir, or patience is over.
func leave(dir, pidFile string, patience time.Duration) {
	end := time.After(patience)
	beat := time.NewTicker(tick)
	defer beat.Stop()
	for len(atWork(dir, pidFile)) > 0 {
		select {
		case <-end:
			return
		case <-beat.C:
		}
	}
}

// pidIn reads the number on the first line of a pid file, 0 when there is none.
func pidIn(path string) int {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	return pid
}
