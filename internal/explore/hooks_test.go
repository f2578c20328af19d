//go:build explore

package explore

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

func TestMutexExcludes(t *testing.T) {
	for _, o := range []Options{{Mode: Exhaustive}, {Preemptions: -1}, {Mode: Exhaustive, StoreBuffers: true}} {
		Test(t, o, func(s *Scenario) {
			var mu atomicx.Mutex
			var n atomicx.Cell[int]
			threads(s, 3, func(i int) {
				if i == 2 && !mu.TryLock() {
					n := atomicx.Cell[int]{} // not ours
					n.Set(1)
					return
				} else if i < 2 {
					mu.Lock()
				}
				n.Set(n.Get() + 1)
				mu.Unlock()
			})
			s.Finally(func() { Assert(n.Get() >= 2, "an add was lost") })
		})
	}
}

func TestCrossedLocksAreADeadlock(t *testing.T) {
	for _, o := range []Options{{Mode: Exhaustive}, {Preemptions: 1}, {Mode: Random}} {
		mustFail(t, o, "a waits: lock", func(s *Scenario) {
			var mu [2]atomicx.Mutex
			var n atomicx.Cell[int]
			threads(s, 2, func(i int) {
				mu[i].Lock()
				mu[1-i].Lock()
				n.Set(n.Get() + 1)
				mu[1-i].Unlock()
				mu[i].Unlock()
			})
		})
	}
}

func TestUnlockOfTheUnlocked(t *testing.T) {
	mustFail(t, Options{}, "unlocked Mutex", func(s *Scenario) {
		var mu atomicx.Mutex
		n := 0
		s.Thread("a", func() { mu.Lock(); n++; mu.Unlock(); mu.Unlock() })
	})
}

// TestTwoTryForALock: those who try in vain don't keep each other going.
func TestTwoTryForALock(t *testing.T) {
	for _, o := range []Options{{Preemptions: 2}, {Mode: Exhaustive}} {
		Test(t, o, func(s *Scenario) {
			var lock atomicx.Uint32
			threads(s, 3, func(int) {
				for lock.Swap(1) != 0 {
					atomicx.Pause(1)
				}
				lock.Store(0)
			})
		})
	}
}

// results searches and collects what the scenario says by calling tell.
func results(t *testing.T, o Options, scenario func(s *Scenario, tell func(string))) []string {
	t.Helper()
	seen := map[string]bool{}
	r := Search(o, func(s *Scenario) { scenario(s, func(what string) { seen[what] = true }) })
	if !r.Complete {
		t.Fatalf("%v: %v", &r, r.Failure)
	}
	return slices.Sorted(maps.Keys(seen))
}

// TestTimeoutAgainstWake: either may come first, and the time is told.
func TestTimeoutAgainstWake(t *testing.T) {
	for _, o := range []Options{{Preemptions: 1}, {Mode: Exhaustive}} {
		got := results(t, o, func(s *Scenario, tell func(string)) {
			p := atomicx.NewParker()
			s.Thread("waiter", func() {
				start := atomicx.Now()
				timer := atomicx.NewTimer(time.Hour)
				woken := p.Park(nil, timer.C)
				late := atomicx.Now().Sub(start)
				Assert(woken || late == time.Hour, "nobody woke, after %v", late)
				if woken {
					tell("woken, timer stopped " + map[bool]string{true: "in time", false: "too late"}[timer.Stop()])
				} else {
					tell("timeout")
				}
			})
			s.Thread("waker", func() { p.Wake() })
		})
		if want := "timeout|woken, timer stopped in time|woken, timer stopped too late"; strings.Join(got, "|") != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
}

// TestSleepersWakeInOrder: who sleeps for less wakes first, though not always by much.
func TestSleepersWakeInOrder(t *testing.T) {
	Test(t, Options{Mode: Exhaustive}, func(s *Scenario) {
		var short, long atomicx.Uint32
		s.Thread("both", func() {
			timer := atomicx.NewTimer(time.Second)
			atomicx.Sleep(time.Minute)
			short.Store(uint32(len(timer.C)))
			timer.Reset(time.Second)
			atomicx.Sleep(time.Millisecond)
			long.Store(uint32(len(timer.C)) + 1)
		})
		s.Finally(func() {
			Assert(short.Load() == 1, "a second took longer than a minute")
			Assert(long.Load() != 0, "never woke")
		})
	})
	mustFail(t, Options{Mode: Exhaustive}, "too early", func(s *Scenario) { // a timer says nothing about other threads
		var done atomicx.Uint32
		s.Thread("worker", func() { done.Store(1) })
		s.Thread("sleeper", func() { atomicx.Sleep(time.Hour); Assert(done.Load() == 1, "too early") })
	})
}

func TestWithoutATimerNobodyWakes(t *testing.T) {
	mustFail(t, Options{Mode: Exhaustive}, "no thread can go on", func(s *Scenario) {
		p := atomicx.NewParker()
		s.Thread("waiter", func() {
			timer := atomicx.NewTimer(time.Second)
			timer.Stop()
			p.Park(nil, timer.C)
		})
	})
}

// TestPicksBranch counts: each value, of each of two picks, against each order of two stores.
func TestPicksBranch(t *testing.T) {
	for _, o := range []Options{{Preemptions: -1}, {Mode: Exhaustive}} {
		got := results(t, o, func(s *Scenario, tell func(string)) {
			variant := Choose(2)
			var w atomicx.Uint32
			var was [2]uint32
			threads(s, 2, func(i int) {
				v := uint32(1)
				if i == 1 {
					v = 2 + atomicx.Pick(3, nil)
				}
				was[i] = w.Swap(v)
			})
			s.Finally(func() { tell(string(rune('A'+variant)) + string(rune('0'+was[0])) + string(rune('0'+was[1]))) })
		})
		if want := "A01 A20 A30 A40 B01 B20 B30 B40"; strings.Join(got, " ") != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	mustFail(t, Options{Mode: Random}, "the third", func(s *Scenario) {
		variant := Choose(2)
		s.Thread("a", func() { Assert(variant == 0 || atomicx.Pick(3, nil) != 2, "the third") })
	})
}

// TestStoresOrderWhoLoadsThem: not who loads what another one stored later. The plain flag is the only thing that
// tells of the order without making one.
func TestStoresOrderWhoLoadsThem(t *testing.T) {
	scenario := func(last func(*atomicx.Uint32)) func(*Scenario) {
		return func(s *Scenario) {
			var w atomicx.Uint32
			var data atomicx.Cell[int]
			stored := false
			s.Thread("first", func() { data.Set(1); w.Store(1); stored = true })
			s.Thread("second", func() { last(&w) })
			s.Thread("reader", func() {
				if w.Load() == 2 && stored {
					data.Get()
				}
			})
		}
	}
	mustFail(t, Options{Preemptions: 2}, "data race", scenario(func(w *atomicx.Uint32) { w.Store(2) }))
	Test(t, Options{Preemptions: -1}, scenario(func(w *atomicx.Uint32) { w.CompareAndSwap(1, 2) }))
}

// TestWakersOrderWhomTheyWake: a wake-up that was there already is another's.
func TestWakersOrderWhomTheyWake(t *testing.T) {
	scenario := func(wakes int) func(*Scenario) {
		return func(s *Scenario) {
			p := atomicx.NewParker()
			var data atomicx.Cell[int]
			ended := false
			if wakes == 1 {
				p.Wake()
			}
			s.Thread("waker", func() { data.Set(1); p.Wake(); ended = true })
			s.Thread("waiter", func() {
				if ended {
					p.Park(nil, nil)
					data.Get()
				}
			})
		}
	}
	Test(t, Options{Preemptions: -1}, scenario(0))
	mustFail(t, Options{Preemptions: 2}, "data race", scenario(1))
}

// TestBuildingMayNotWait: there is nobody to wait for.
func TestBuildingMayNotWait(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(p.(string), "waits for a thread") {
			t.Errorf("%v", p)
		}
	}()
	Search(Options{}, func(*Scenario) {
		p := atomicx.NewParker()
		p.Park(nil, nil)
	})
}
