package projecttest

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// forbidden are words that have no place in the project's files: it speaks of itself
// alone, and holds on any machine. They are put together here, so that this file passes.
var forbidden = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bissue ` + `#`),
	regexp.MustCompile(`\bhel` + `per\b`),
	regexp.MustCompile(`(?i)\bsub` + `agents?\b`),
	regexp.MustCompile(`\bL` + `LMs?\b`),
	regexp.MustCompile(`(^|[\s"'` + "`" + `(=:])/wo` + `rk/`),
}

// TestForbiddenWords looks at every text file that belongs to the project. Measurements
// are as the machine gave them, but they too hold no path.
func TestForbiddenWords(t *testing.T) {
	looked := 0
	for _, name := range committed(t) {
		s := text(t, name)
		if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
			continue
		}
		looked++
		n := 0
		for line := range strings.Lines(s) {
			n++
			for _, f := range forbidden {
				if m := f.FindString(line); m != "" {
					t.Errorf("%s:%d: %q", name, n, strings.TrimSpace(m))
				}
			}
		}
	}
	if looked == 0 {
		t.Error("no file was looked at")
	}
}
