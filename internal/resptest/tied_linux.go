package resptest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// diesWithParent says that a child of startTied cannot outlive this process.
const diesWithParent = true

// startTied starts cmd so that it is killed when this process dies, reaps it, and then closes
// exited. The kernel ties the child to the thread that started it, so that thread is kept for as
// long as the child runs.
func startTied(cmd *exec.Cmd, exited chan<- struct{}) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
			close(exited)
		}
	}()
	return <-started
}
