//go:build !explore && !race

package atomicseq

import (
	"os/exec"
	"strings"
	"testing"
)

// TestInlining asks the compiler: a poll must cost one load, not a call.
func TestInlining(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, so the compiler cannot be asked what it inlines")
	}
	out, err := exec.Command(tool, "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, f := range []string{
		"(*Value).Load", "(*Value).Reached", "(*Counter).Last", "(*IDs).Next", "Later", "Later32", "Extend32",
	} {
		if !strings.Contains(string(out), "can inline "+f+"\n") {
			t.Errorf("%s isn't inlined", f)
		}
	}
}
