//go:build fencedebug

package fencert

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// debugUnhooked in the environment makes a test process report as a user's does: by a panic.
const debugUnhooked = "FENCERT_TEST_UNHOOKED"

// debugUnasked counts what runtimes without a hook reported: many tests misuse on purpose, and look at what is
// answered.
var debugUnasked atomic.Int64

func init() {
	if os.Getenv(debugUnhooked) == "" {
		debugFallback = func(Misuse) { debugUnasked.Add(1) }
	}
}

// A misuseFixture is a fixture that collects the reports of its runtime.
type misuseFixture struct {
	*fixture
	mu      sync.Mutex
	reports []Misuse
}

func newMisuseFixture(t *testing.T) *misuseFixture {
	t.Helper()
	return newMisuseFixtureOf(t, small)
}

func newMisuseFixtureOf(t *testing.T, config Config) *misuseFixture {
	t.Helper()
	x := new(misuseFixture)
	config.OnMisuse = x.add
	x.fixture = newFixture(t, config)
	t.Cleanup(func() {
		for _, m := range x.take() {
			t.Errorf("not asked for: %v", m)
		}
		debugMu.Lock()
		defer debugMu.Unlock()
		if len(debugGoroutines) != 0 {
			t.Errorf("%d goroutines are still known", len(debugGoroutines))
		}
	})
	return x
}

func (x *misuseFixture) add(m Misuse) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.reports = append(x.reports, m)
}

// take returns the reports since the last take.
func (x *misuseFixture) take() []Misuse {
	x.mu.Lock()
	defer x.mu.Unlock()
	defer func() { x.reports = nil }()
	return x.reports
}

// wantMisuse checks that there was one report since the last, with a word in its text and these functions in its
// stacks, one of each in order.
func (x *misuseFixture) wantMisuse(kind MisuseKind, word string, functions ...string) {
	x.Helper()
	reports := x.take()
	if len(reports) != 1 {
		x.Fatalf("%d reports, want one of %v: %v", len(reports), kind, reports)
	}
	m := reports[0]
	if m.Kind != kind || !strings.Contains(m.Text, word) || len(m.Stacks) != len(functions) {
		x.Fatalf("want %v with %q and %d stacks, got %v", kind, word, len(functions), m)
	}
	for k, f := range functions {
		if !slices.ContainsFunc(m.Stacks[k].functions(), func(name string) bool { return strings.HasSuffix(name, "."+f) }) {
			x.Errorf("stack %d has no %s: %v", k, f, m)
		}
		if first := m.Stacks[k].functions()[0]; strings.Contains(first, "debug") {
			x.Errorf("stack %d begins with the checks themselves: %s", k, first)
		}
	}
}

// wantNothing checks that nothing was reported since the last look.
func (x *misuseFixture) wantNothing(after string) {
	x.Helper()
	for _, m := range x.take() {
		x.Errorf("after %s: %v", after, m)
	}
}

func (s MisuseStack) functions() (names []string) {
	for frames, more := runtime.CallersFrames(s.PCs), true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		names = append(names, f.Function)
	}
	return names
}

// elsewhere calls f on another goroutine and waits for its end.
func elsewhere(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}
