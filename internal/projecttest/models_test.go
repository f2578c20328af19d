package projecttest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// standsFor is a line of a model's head: a file, and the functions of it that the model has.
	standsFor = regexp.MustCompile(`(?m)^ \*   ([a-z/_]+\.go): (.*)$`)
	// inBrackets is what such a line says about a function.
	inBrackets = regexp.MustCompile(` \([^)]*\)`)
)

// TestModels sees to it that the functions that the models in docs/models name are where they say.
func TestModels(t *testing.T) {
	models, err := filepath.Glob("../../docs/models/*.pml")
	if err != nil || len(models) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, model := range models {
		text, err := os.ReadFile(model)
		if err != nil {
			t.Fatal(err)
		}
		named := standsFor.FindAllStringSubmatch(string(text), -1)
		if len(named) == 0 {
			t.Errorf("%s names no function that it stands for", model)
		}
		for _, m := range named {
			source, err := os.ReadFile("../../" + m[1])
			if err != nil {
				t.Errorf("%s: %v", model, err)
				continue
			}
			for function := range strings.SplitSeq(inBrackets.ReplaceAllString(m[2], ""), ", ") {
				declared := regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + regexp.QuoteMeta(function) + `\(`)
				if !declared.Match(source) {
					t.Errorf("%s: %s has no function %q", model, m[1], function)
				}
			}
		}
	}
}
