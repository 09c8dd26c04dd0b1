package shell

import (
	"strings"
	"testing"

	"easycli/internal/config"
	"easycli/internal/render"
)

// What can be set is listed by the configuration, and means something to the printer: nothing that is
// offered may be ignored.
func TestPreferencesMeanSomething(t *testing.T) {
	p := config.Defaults()
	means := map[string]func(value string) bool{
		"decode": func(value string) bool { _, ok := render.ParseDecode(value); return ok },
		"format": func(value string) bool { _, ok := formatOf(value); return ok || value == "auto" },
	}
	seen := 0
	for _, d := range p.Describe() {
		known, ok := means[d.Name]
		if !ok {
			continue
		}
		for _, value := range strings.Split(strings.ReplaceAll(d.Kind, " or ", ", "), ", ") {
			if seen++; !known(value) {
				t.Errorf("%s %s means nothing", d.Name, value)
			}
		}
	}
	if seen < 14 {
		t.Errorf("%d values looked at", seen)
	}
}
