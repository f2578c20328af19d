package projecttest

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// inlined are calls that must cost nothing, by the package that makes them, as the compiler
// spells them.
var inlined = map[string][]string{
	"runtime": {
		"arena.(*Owner).TryReserve", "arena.(*Owner).TryGive", "cbqueue.Open", "cbqueue.(*Owner).Expect",
		"atomic.(*Uint64).Load", "atomic.(*Uint64).CompareAndSwap", "atomicx.StoreRelease64",
	},
	"cbqueue": {"Open", "atomic.(*Uint64).CompareAndSwap", "atomicx.StoreRelease64"},
	"arena":   {"(*Owner).TryReserve", "(*Owner).TryGive"},
	"bench":   {"fencert.Fence.Signaled", "epoch.(*Participant).Pin", "epoch.(*Participant).Unpin"},
}

// inlinable are calls that users make, and that must cost nothing, by their package.
var inlinable = map[string][]string{
	"runtime/sharedtimeline": {"(*Mapping).Signaled", "View.Signaled"},
}

// TestInlining asks the compiler what it has made of each call on the hot paths. The same
// code with one statement more may be a call, which costs as much as what it does.
func TestInlining(t *testing.T) {
	only64(t)
	for _, short := range append([]string{"bench"}, core...) {
		want := inlined[short]
		if want == nil && inlinable[short] == nil {
			continue
		}
		_, told, err := goCommand(t, root, nil, "build", "-gcflags=-m", "./"+short)
		if err != nil {
			t.Fatalf("building %s: %v\n%s", short, err, told)
		}
		for _, f := range want {
			if !strings.Contains(told, ": inlining call to "+f+"\n") {
				t.Errorf("%s calls %s and doesn't inline it", short, f)
			}
		}
		for _, f := range inlinable[short] {
			if !strings.Contains(told, ": can inline "+f+"\n") {
				t.Errorf("%s: callers can't inline %s", short, f)
			}
		}
	}
}

// A called atomic, as the object file names it. Pointers are left out: their stores and
// swaps are calls everywhere, since the collector has to be told.
var calledAtomic = regexp.MustCompile(`R_CALL\w*:(sync/atomic\.(?:\(\*\w+\)\.\w+|\w+))`)

// TestNoCalledAtomics looks at the machine code of the core packages for calls into
// sync/atomic. The compiler inlines methods of a type that is reached through an alias only
// where the package that declares it is imported as well: the file inline.go of each
// package is there for that.
func TestNoCalledAtomics(t *testing.T) {
	only64(t)
	dir := t.TempDir()
	looked := 0
	for _, short := range core {
		if strings.HasPrefix(short, "internal/pad") {
			continue // no code
		}
		object := filepath.Join(dir, "object.a")
		mustGo(t, "build", "-o", object, "./"+short)
		code := string(mustGo(t, "tool", "objdump", object))
		if !strings.Contains(code, "TEXT ") {
			t.Errorf("%s has no code", short)
		}
		looked++
		var called []string
		for _, m := range calledAtomic.FindAllStringSubmatch(code, -1) {
			if !strings.HasSuffix(m[1], "Pointer") && !slices.Contains(called, m[1]) {
				called = append(called, m[1])
			}
		}
		if called != nil {
			t.Errorf("%s calls %s", short, strings.Join(called, ", "))
		}
	}
	if looked < len(leaves)+2 {
		t.Errorf("only %d packages were looked at", looked)
	}
}

// only64 skips where this says nothing: 64-bit atomics are calls on 32-bit processors.
func only64(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it compiles")
	}
	arch := os.Getenv("GOARCH")
	if arch == "" {
		arch = runtime.GOARCH
	}
	if arch != "amd64" && arch != "arm64" {
		t.Skip("64-bit atomics are calls on " + arch)
	}
}
