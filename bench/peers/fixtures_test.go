package peers_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

var seedFlag = flag.Uint64("seed", 0, "the seed of the first random program; 0 draws one")

// programs runs random programs, each with a seed of its own that a failure prints.
func programs(t *testing.T, n int, run func(t *testing.T, r *rand.Rand)) {
	t.Helper()
	if testing.Short() {
		n /= 10
	}
	first := *seedFlag
	if first == 0 {
		first = rand.Uint64()>>1 + 1
	}
	for i := range uint64(n) {
		run(t, rand.New(rand.NewPCG(first+i, 0)))
		if t.Failed() {
			t.Fatalf("again with -seed %d", first+i)
		}
	}
}

// newTimeline makes a timeline with a runtime of its own, which is closed with the test.
func newTimeline(t testing.TB, options ...fencert.ContextOption) *fencert.Timeline {
	t.Helper()
	return newRuntime(t, 1<<13).timeline(t, options...)
}

// A runtimeOf is a runtime and the test that it is for.
type runtimeOf struct{ *fencert.Runtime }

func newRuntime(t testing.TB, waits int) runtimeOf {
	t.Helper()
	rt, err := fencert.New(fencert.Config{Fences: 64, Points: waits, Waiters: waits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close() })
	return runtimeOf{rt}
}

func (rt runtimeOf) timeline(t testing.TB, options ...fencert.ContextOption) *fencert.Timeline {
	t.Helper()
	line, err := rt.NewTimeline("peers", "line", options...)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// isClosed looks at a channel.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// soon waits for what comes by itself.
func soon(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for begin := time.Now(); !ready(); time.Sleep(20 * time.Microsecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("%s: not after 10 s", what)
		}
	}
}
