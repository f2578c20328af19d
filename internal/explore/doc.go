// Package explore runs every interleaving of a few threads of real lock-free
// code, up to a bound on preemptions.
//
// Code written against internal/atomicx needs no change: under the build tag
// explore each atomic operation yields to the scheduler of this package before it
// acts. Threads are coroutines (iter.Pull), so exactly one runs at a time and a run
// is determined by the choices made at the yields. Test repeats the scenario from
// its beginning, once per schedule:
//
//	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
//		var n atomicx.Uint64
//		add := func() { n.Store(n.Load() + 1) }
//		s.Thread("a", add)
//		s.Thread("b", add)
//		s.Finally(func() { explore.Assert(n.Load() == 2, "an add was lost") })
//	})
//
// # Search
//
// Depth first over the choices. Taking another thread although the running one
// could go on is a preemption; schedules with more of them than the bound are left
// out (Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of
// Multithreaded Programs", PLDI 2007: most bugs need two or fewer). A bound below
// zero means none. There is no reduction: with a bound, reductions lose schedules.
//
// # What fails a run
//
//   - Assert with a false condition, any panic.
//   - Two accesses to one atomicx.Cell, one of them a write, with no
//     happens-before between them (vector clocks; every atomic operation on a word
//     orders what came before the last write to it, as Go's memory model says).
//   - No thread can go on and not all have ended: a deadlock or a lost wake-up.
//     Pause waits for another thread's write, Parker.Park for its wake.
//   - More steps than Options.MaxSteps: a livelock.
//
// The failure prints one line per step and a trace. The same trace given to the
// test as FENCERT_EXPLORE_REPLAY runs that one schedule again.
//
// # What it cannot show
//
// Sequential consistency only: Go's atomics promise no less, but the release
// stores of atomicx are weaker. Threads are few, runs are short, and the code must
// be deterministic: no time, no random numbers, no map iteration that steers it.
package explore
