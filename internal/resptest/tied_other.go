//go:build !linux

package resptest

import "os/exec"

// diesWithParent says that a child of startTied can outlive a test process that is killed.
const diesWithParent = false

// startTied starts cmd, reaps it, and then closes exited.
func startTied(cmd *exec.Cmd, exited chan<- struct{}) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		cmd.Wait()
		close(exited)
	}()
	return nil
}
