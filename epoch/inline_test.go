//go:build !explore && !race

package epoch

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestInlining asks the compiler: a nested Pin must cost a counter, not a call.
func TestInlining(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, so the compiler cannot be asked what it inlines")
	}
	out, err := exec.Command(tool, "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, f := range []string{"(*Participant).Pin", "(*Participant).Unpin", "(*Participant).Pinned", "(*slot).at"} {
		if !strings.Contains(string(out), "can inline "+f+"\n") {
			t.Errorf("%s isn't inlined", f)
		}
	}
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" { // there 64-bit atomics are calls
		return
	}
	for _, f := range []string{"Load", "Store", "CompareAndSwap"} {
		if !strings.Contains(string(out), "inlining call to atomic.(*Uint64)."+f+"\n") {
			t.Errorf("atomic %s is a call", f)
		}
	}
}
