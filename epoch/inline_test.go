//go:build !explore && !race

package epoch

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestInlining asks the compiler: Pin must cost a store, a nested one a counter, and neither a call.
func TestInlining(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, so the compiler cannot be asked what it inlines")
	}
	out, err := exec.Command(tool, "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	inlined := []string{"(*Participant).Pinned", "(*slot).at"}
	wide := runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64" // elsewhere 64-bit atomics are calls
	if wide {
		inlined = append(inlined, "(*Participant).Pin", "(*Participant).Unpin")
	}
	for _, f := range inlined {
		if !strings.Contains(string(out), "can inline "+f+"\n") {
			t.Errorf("%s isn't inlined", f)
		}
	}
	if !wide {
		return
	}
	for _, f := range []string{"Load", "Store", "CompareAndSwap"} {
		if !strings.Contains(string(out), "inlining call to atomic.(*Uint64)."+f+"\n") {
			t.Errorf("atomic %s is a call", f)
		}
	}
}
