//go:build !explore && !race

package atomicseq

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestInlining asks the compiler: a poll must cost one load and a number one
// add, not a call.
func TestInlining(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, so the compiler cannot be asked what it inlines")
	}
	out, err := exec.Command(tool, "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	want := []string{"(*Value).Load", "(*Value).Reached", "(*Counter).Last", "(*IDs).Last", "Later", "Later32", "Extend32"}
	if runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64" { // elsewhere 64-bit atomics are calls
		want = append(want, "(*Counter).Next", "(*Counter).NextOwned")
	}
	for _, f := range want {
		if !strings.Contains(string(out), "can inline "+f+"\n") {
			t.Errorf("%s isn't inlined", f)
		}
	}
}
