//go:build explore

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// TestCounts counts what can be told by looking at it.
func TestCounts(t *testing.T) {
	var words [2]atomicx.Uint64
	var far atomicx.Uint32
	var lock atomicx.Mutex
	for _, releases := range []bool{false, true} {
		c := &counter{releases: releases, lines: map[uintptr]bool{}}
		atomicx.SetScheduler(c)
		words[0].Load()
		words[0].Add(1)
		words[0].Swap(2)
		words[0].CompareAndSwap(7, 8)
		words[0].Store(1)
		atomicx.StoreRelease64(&words[0], 3)
		lock.Lock()
		words[1].Load()
		lock.Unlock()
		far.Load()
		atomicx.SetScheduler(nil)
		c.unit()
		stores, released := uint64(2), uint64(0)
		if releases {
			stores, released = 1, 1
		}
		if c.loads != 3 || c.adds != 2 || c.swaps != 1 || c.compares != 2 || c.stores != stores || c.released != released {
			t.Errorf("with releases %v: %+v", releases, c)
		}
		if words[0].Load() != 3 {
			t.Errorf("a release store was lost: %d", words[0].Load())
		}
		if c.touched < c.written || c.written < 1 || c.touched > 3 || len(c.lines) != 0 {
			t.Errorf("%d lines touched, %d written", c.touched, c.written)
		}
	}
}

// TestAtomicsRepeat: the numbers are the same each time, and mutexes count.
func TestAtomicsRepeat(t *testing.T) {
	first := output(t, func() error { return atomics(64) })
	if again := output(t, func() error { return atomics(64) }); again != first {
		t.Errorf("first\n%s\nthen\n%s", first, again)
	}
	seen := 0
	for line := range strings.Lines(first) {
		var c count
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if c.Row == "Lifecycle/callbacks=0" && c.Impl == "mutexpool" {
			if seen++; c.Compares != 64 || c.Adds != 64 || c.Stores != 64 {
				t.Errorf("a life with a mutex: %+v", c)
			}
		}
		if c.Impl == "noop" && c.Loads+c.Stores+c.Releases+c.Compares+c.Adds+c.Swaps != 0 {
			t.Errorf("the harness has atomics: %+v", c)
		}
	}
	if seen != 1 {
		t.Errorf("%d lives with a mutex", seen)
	}
}
