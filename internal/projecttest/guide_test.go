package projecttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuide looks that each block of Go in the guides stands, line by line, in a test file that is compiled and run.
func TestGuide(t *testing.T) {
	for guide, code := range map[string]string{
		"docs/guide.md":     "runtime/guide_test.go",
		"docs/timelines.md": "runtime/guide_timelines_test.go",
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", guide))
		if err != nil {
			t.Fatal(err)
		}
		tested, err := os.ReadFile(filepath.Join("..", "..", code))
		if err != nil {
			t.Fatal(err)
		}
		blocks := 0
		for i, part := range strings.Split(string(text), "```") {
			block, ok := strings.CutPrefix(part, "go\n")
			if i%2 == 0 || !ok {
				continue
			}
			blocks++
			if !strings.Contains(string(tested), block) {
				t.Errorf("%s: not in %s:\n%s", guide, code, block)
			}
		}
		if blocks == 0 {
			t.Errorf("%s has no code", guide)
		}
	}
}
