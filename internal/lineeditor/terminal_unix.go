//go:build unix

package lineeditor

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Keys is where the keys of the terminal at stdin come from.
func Keys(stdin io.Reader) io.Reader { return stdin }

// Suspend is [Config.Suspend]: it stops this program, with those it shares a pipeline with, as the
// shell would.
func Suspend() { syscall.Kill(0, syscall.SIGTSTP) }

// Resizes is [Config.Resized], until ctx ends.
func Resizes(ctx context.Context) <-chan struct{} {
	signals, resized := make(chan os.Signal, 1), make(chan struct{}, 1)
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGCONT)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			select {
			case resized <- struct{}{}:
			default:
			}
		}
	}()
	return resized
}

// enableEscapes is for terminals that know escape sequences only when asked to.
func enableEscapes() {}
