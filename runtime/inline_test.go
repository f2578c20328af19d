package fencert

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestInlining asks the compiler whether what must cost no call is inlined.
func TestInlining(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the package")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("64-bit words are inlined on 64-bit processors")
	}
	out, err := exec.Command(goTool, "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	text := string(out)
	for _, f := range []string{
		"Fence.Signaled", "Issuer.Fence", "Fence.life", "(*Local).enter", "(*Local).leave", "(*Runtime).index",
		"(*Local).BeginSignaling", "(*Local).EndSignaling", "Checked", "running", "code",
	} {
		if !strings.Contains(text, "can inline "+f+"\n") {
			t.Errorf("%s is not inlined", f)
		}
	}
	if !strings.Contains(text, "inlining call to atomic.(*Uint64).CompareAndSwap") {
		t.Error("the atomics are calls")
	}
}
