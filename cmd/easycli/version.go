package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the linker in releases: -X main.version=1.2.3.
var version = "0.1.0"

// versionText is one line like redis-cli's, then how the program was built.
func versionText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "easycli %s\n", version)
	fmt.Fprintf(&b, "%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				fmt.Fprintf(&b, " commit %.12s", s.Value)
			case s.Key == "vcs.time":
				fmt.Fprintf(&b, " of %s", s.Value)
			case s.Key == "vcs.modified" && s.Value == "true":
				b.WriteString(" with changes")
			}
		}
	}
	b.WriteByte('\n')
	return b.String()
}
