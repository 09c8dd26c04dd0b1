package main

import (
	"encoding/base64"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"easycli/internal/resptest"
)

// TestScript runs the whole-program scripts of testdata/script: sentences, and the command lines
// that prove them. Beside testscript's own commands they have
//
//	exits N program args...   run it and want that exit status
//	silent                    want no trace of the secret in what it printed
//
// and the conditions redis and tls, which say that a real server is there.
func TestScript(t *testing.T) {
	binary := resptest.Build(t)
	dir := filepath.Dir(binary)
	variables := map[string]string{"DEAD": deadPort(t)}
	if installed("redis-server", "valkey-server") || os.Getenv("EASYCLI_REQUIRE_REDIS") == "1" {
		startServers(t, variables)
	}
	testscript.Run(t, testscript.Params{
		Dir:             "../../testdata/script",
		ContinueOnError: true,
		Deadline:        time.Now().Add(scriptPatience),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "silent": silent,
		},
		Condition: func(name string) (bool, error) {
			if name == "redis" || name == "tls" {
				return variables["PORT"] != "", nil
			}
			return false, errors.New("no such condition")
		},
		Setup: func(env *testscript.Env) error {
			for name, value := range variables {
				env.Setenv(name, value)
			}
			env.Setenv("PATH", dir+string(filepath.ListSeparator)+env.Getenv("PATH"))
			return nil
		},
	})
}

func installed(names ...string) bool {
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
	}
	return false
}

// scriptPatience ends scripts that hang; they need about a second.
const scriptPatience = time.Minute

// startServers starts what the scripts share, and says where it is.
func startServers(t *testing.T, variables map[string]string) {
	t.Helper()
	plain := resptest.TLSServer(t, nil)
	locked := resptest.Server(t, "--requirepass", "wonderland")
	variables["PORT"], variables["SOCKET"] = portOf(plain.Addr), plain.Socket
	variables["TLSPORT"], variables["CA"] = portOf(plain.TLSAddr), plain.CA.CAFile
	variables["OTHERCA"] = resptest.NewAuthority(t).CAFile
	variables["LOCKED"] = portOf(locked.Addr)
	variables["CLUSTER"] = portOf(resptest.SharedCluster(t).Addr())
}

// exits runs a program and wants an exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits status program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// scriptSecret is the password of the scripts.
const scriptSecret = "s3cr3t+/x"

// silent wants no trace of the secret in what the last program printed, in any form a message could
// give it.
func silent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: silent")
	}
	printed := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	for _, trace := range []string{
		scriptSecret, "s3cr3t", url.QueryEscape(scriptSecret), url.PathEscape(scriptSecret),
		base64.StdEncoding.EncodeToString([]byte(scriptSecret)),
	} {
		if strings.Contains(printed, trace) {
			ts.Fatalf("the secret is in the output: %q", printed)
		}
	}
}
