package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"easycli/internal/bulk"
	"easycli/internal/cluster"
	"easycli/internal/keyspace"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
)

// exitStatus is what the process says to the one who started it. Scripts rely on it: the numbers
// never change their meaning.
type exitStatus int

const (
	exitOK           exitStatus = 0   // all well
	exitAnswer       exitStatus = 1   // the server answered with an error
	exitUsage        exitStatus = 2   // the command line makes no sense
	exitConnect      exitStatus = 3   // no connection: dial, TLS, AUTH, SELECT, HELLO
	exitLost         exitStatus = 4   // connection lost or timed out, something is in doubt
	exitInput        exitStatus = 5   // the input is not acceptable
	exitOutput       exitStatus = 6   // the output could not be written
	exitMismatch     exitStatus = 7   // replies do not match requests
	exitNotConfirmed exitStatus = 8   // a wait for durability was not confirmed
	exitInterrupted  exitStatus = 130 // SIGINT
	exitTerminated   exitStatus = 143 // SIGTERM
)

// statusOf is the one place where what happened becomes a status. What the person did comes first,
// then what this side of the connection met, then the connection.
func statusOf(err error) exitStatus {
	var (
		signalled   interrupted
		usage       usageError
		output      outputError
		replies     *render.WriteError
		report      *bulk.OutputError
		load        *bulk.InputError
		input       inputError
		connect     *pipeclient.ConnectError
		refused     *keyspace.RefusedError
		stranger    *cluster.RefusedError
		circle      *cluster.CircleError
		mismatch    *bulk.MismatchError
		unconfirmed *bulk.NotConfirmedError
		own         *bulk.CheckpointError
		hints       wrongHints
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &signalled):
		return signalled.status()
	case errors.As(err, &hints):
		return hints.status()
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &output), errors.As(err, &replies), errors.As(err, &report), isAny[*keyspace.OutputError](err):
		return exitOutput
	case errors.As(err, &input), errors.As(err, &load):
		return exitInput
	case errors.Is(err, errDeclined):
		return exitInterrupted
	case errors.As(err, &own) && own.OtherInput:
		return exitInput
	case own != nil && own.LostData:
		return exitLost
	case own != nil:
		return exitAnswer
	case errors.Is(err, errAnswer), errors.Is(err, bulk.ErrCommands), errors.As(err, &refused):
		return exitAnswer
	case errors.As(err, &unconfirmed):
		return exitNotConfirmed
	case isAny[passwordError](err), errors.As(err, &connect), errors.As(err, &stranger), errors.As(err, &circle):
		return exitConnect
	case errors.Is(err, pipeclient.ErrUnsolicited), errors.As(err, &mismatch):
		return exitMismatch
	}
	return exitLost
}

// errAnswer is an error reply: it has been printed, there is nothing to add.
var errAnswer = errors.New("the server answered with an error")

// toldError is a failure that its mode has told stderr about already.
type toldError struct{ err error }

func (e toldError) Error() string { return e.err.Error() }
func (e toldError) Unwrap() error { return e.err }

// inputError is input that cannot be used: a file, or what came from stdin.
type inputError struct{ err error }

func (e inputError) Error() string { return e.err.Error() }
func (e inputError) Unwrap() error { return e.err }

// passwordError is a password that could not be had, so that there is no connection.
type passwordError struct{ text string }

func (e passwordError) Error() string { return e.text }

// outputError is stdout that does not take what is written to it.
type outputError struct{ err error }

func (e outputError) Error() string { return "writing to stdout: " + e.err.Error() }
func (e outputError) Unwrap() error { return e.err }

// interrupted is a signal that ended the run. It is the cause of the cancelled context.
type interrupted struct{ signal os.Signal }

func (e interrupted) Error() string { return "interrupted" }

// status is the shell's for a process that a signal killed.
func (e interrupted) status() exitStatus {
	if number, ok := e.signal.(syscall.Signal); ok {
		return 128 + exitStatus(number)
	}
	return exitInterrupted
}

// interruptible is a context that SIGINT and SIGTERM end. The second signal is no longer caught, so
// that it ends a process that hangs.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := onSignals(ctx, []os.Signal{os.Interrupt, syscall.SIGTERM}, cancel)
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// interruptibleTwice makes a context that the first signal ends and one that the second does, for
// work that has something to finish.
func interruptibleTwice(ctx context.Context) (soft, hard context.Context, stop func()) {
	hard, cancelHard := context.WithCancelCause(ctx)
	soft, cancelSoft := context.WithCancelCause(hard)
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	stopSignals := onSignals(hard, signals, cancelSoft, cancelHard)
	return soft, hard, func() {
		stopSignals()
		cancelHard(nil)
	}
}

// onSignals hands each signal that comes to the next of cancels; after the last, signals are no
// longer caught. What the process was started to ignore (nohup, a shell's &) stays ignored. Its
// goroutine ends with ctx.
func onSignals(ctx context.Context, signals []os.Signal, cancels ...context.CancelCauseFunc) (stop func()) {
	caught := make(chan os.Signal, len(cancels))
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(caught, s)
		}
	}
	go func() {
		for _, cancel := range cancels {
			select {
			case s := <-caught:
				cancel(interrupted{s})
			case <-ctx.Done():
				return
			}
		}
		signal.Stop(caught)
	}()
	return func() { signal.Stop(caught) }
}
