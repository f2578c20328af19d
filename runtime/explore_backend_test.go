//go:build explore

package fencert

import (
	"testing"
	"time"

	"github.com/fencert/fencert/internal/explore"
)

// A backedWorld has a context whose hooks check what they are given, and count.
type backedWorld struct {
	*world
	enabled [4]int // calls by seqno
	pending bool
	done    bool // what Signaled answers
	told    [4][]time.Duration
	telling bool
}

// one leaves room for one fence: whoever recycles it under a hook's eyes is seen.
var one = Config{Fences: 1, Callbacks: 4, Waiters: 2, Readers: 1, Errors: 4}

func searchBacked(t *testing.T, preemptions int, scenario func(s *explore.Scenario, w *backedWorld) (check func())) {
	t.Helper()
	search(t, preemptions, one, func(s *explore.Scenario, plain *world) func() {
		w := &backedWorld{world: plain, pending: true}
		w.c = must(w.rt.NewFenceContext("driver", "backed", WithBackend(w.backend())))
		return scenario(s, w)
	})
}

// sees checks a hook's fence, with loads at which others may go on.
func (w *backedWorld) sees(f Fence, seqno uint64) {
	for range 2 {
		n, err := f.Seqno()
		if w.rt.closed.Load() {
			return // nobody's seqno is known any more
		}
		explore.Assert(n == seqno && err == nil, "the hook of seqno %d is given a fence with %d, %v", seqno, n, err)
	}
}

func (w *backedWorld) backend() Backend {
	return Backend{
		EnableSignaling: func(_ *Local, f Fence, seqno uint64) bool {
			w.enabled[seqno]++
			w.sees(f, seqno)
			return w.pending
		},
		Signaled: func(f Fence, seqno uint64) (bool, error) {
			w.sees(f, seqno)
			return w.done, errno(9)
		},
		SetDeadline: func(f Fence, seqno uint64, t time.Time) {
			explore.Assert(!w.telling, "told by two at once")
			w.telling = true
			d := t.Sub(w.rt.start)
			if n := len(w.told[seqno]); n > 0 {
				explore.Assert(d < w.told[seqno][n-1], "told of %d after %v", d, w.told[seqno])
			}
			w.told[seqno] = append(w.told[seqno], d)
			w.sees(f, seqno)
			w.telling = false
		},
	}
}

// armed arms the first fence outside the threads.
func (w *backedWorld) armed() Issuer {
	l := w.rt.newLocal()
	i := w.arm(l)
	l.giveBack()
	return i
}

// finish finishes a fence that a hook may have had signaled.
func (w *backedWorld) finish(l *Local, i Issuer) {
	err := l.Finish(i, errTable)
	assertOneOf("Finish", err, nil, ErrSignaled)
	if err == ErrSignaled {
		assertOneOf("Drop", l.Drop(i), nil)
	}
}

// again arms the slot's next fence, when it is free.
func (w *backedWorld) again(l *Local, use func(next Issuer)) {
	if r, err := l.Reserve(); err == nil {
		next := l.Arm(r, w.c)
		use(next)
		w.finish(l, next)
	}
}

// TestExploreEnableSignalingOnce: two add while the fence is finished and its slot armed again: the hook is called once
// at most for each fence, with that fence; what is added runs.
func TestExploreEnableSignalingOnce(t *testing.T) {
	searchBacked(t, 2, func(s *explore.Scenario, w *backedWorld) func() {
		i := w.armed()
		var added [3]bool
		add := func(l *Local, f Fence, arg uint64) {
			_, err := l.OnSignal(f, w.note, arg)
			assertOneOf("OnSignal", err, nil, ErrSignaled, ErrExhausted) // there are few, and a Local takes them all
			added[arg] = err == nil
		}
		s.Thread("adder", w.local(func(l *Local) { add(l, i.Fence(), 0) }))
		s.Thread("other", w.local(func(l *Local) { add(l, i.Fence(), 1) }))
		s.Thread("finisher", w.local(func(l *Local) {
			w.finish(l, i)
			w.again(l, func(next Issuer) {
				add(l, next.Fence(), 2)
				explore.Assert(w.enabled[2] == 1, "the next fence's hook was called %d times", w.enabled[2])
			})
		}))
		return func() {
			explore.Assert(w.enabled[1] <= 1, "called %d times", w.enabled[1])
			for k, was := range added {
				explore.Assert(was == (w.ran[k] == 1), "callback %d: added %v, ran %d times", k, was, w.ran[k])
			}
		}
	})
}

// TestExploreEnableSignalingOfAPendingFence: two add to a fence that stays pending, one of them many: the hook is called
// exactly once.
func TestExploreEnableSignalingOfAPendingFence(t *testing.T) {
	searchBacked(t, 3, func(s *explore.Scenario, w *backedWorld) func() {
		i := w.armed()
		s.Thread("adder", w.local(func(l *Local) {
			_, err := l.OnSignal(i.Fence(), w.note, 0)
			assertOneOf("OnSignal", err, nil, ErrExhausted)
		}))
		s.Thread("other", w.local(func(l *Local) {
			assertOneOf("OnSignalMany", l.OnSignalMany(i.Fence(), w.note, []uint64{1}), nil, ErrExhausted)
		}))
		return func() {
			explore.Assert(w.enabled[1] == 1, "called %d times", w.enabled[1])
			l := w.rt.newLocal()
			w.finish(l, i)
			l.giveBack()
		}
	})
}

// TestExploreEnableSignalingFindsItDone: the hook has the fence signaled while its issuer finishes it, and another waits or adds.
func TestExploreEnableSignalingFindsItDone(t *testing.T) {
	for name, other := range map[string]func(w *backedWorld, f Fence){
		"add": func(w *backedWorld, f Fence) {
			_, err := w.rt.OnSignal(f, w.note, 1)
			assertOneOf("OnSignal", err, nil, ErrSignaled, ErrExhausted)
			if err == nil {
				w.ran[2]++
			}
		},
		"wait": func(_ *backedWorld, f Fence) {
			assertOneOf("Wait", f.WaitWith(t.Context(), Park), nil, errTable, ErrStale)
		},
	} {
		t.Run(name, func(t *testing.T) {
			searchBacked(t, 2, func(s *explore.Scenario, w *backedWorld) func() {
				i := w.armed()
				w.pending = false
				s.Thread("adder", w.local(func(l *Local) {
					_, err := l.OnSignal(i.Fence(), w.note, 0)
					assertOneOf("OnSignal", err, nil, ErrSignaled, ErrExhausted)
					if err == nil {
						w.ran[3]++
					}
					explore.Assert(err != ErrSignaled || i.Fence().Signaled(), "too late for a fence that is pending")
				}))
				s.Thread("other", func() { other(w, i.Fence()) })
				s.Thread("finisher", w.local(func(l *Local) { w.finish(l, i) }))
				return func() {
					explore.Assert(w.enabled[1] <= 1, "called %d times", w.enabled[1])
					explore.Assert(w.ran[0] == w.ran[3] && w.ran[1] == w.ran[2], "ran %v times", w.ran[:4])
				}
			})
		})
	}
}

// TestExploreCheckAgainstFinish: two ask the backend, which knows the fence to be done, while it is finished and armed
// again: one signals, and each is told that result.
func TestExploreCheckAgainstFinish(t *testing.T) {
	searchBacked(t, 3, func(s *explore.Scenario, w *backedWorld) func() {
		i := w.armed()
		l := w.rt.newLocal()
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		w.done = true
		s.Thread("asker", w.local(func(l *Local) {
			err := l.Check(i.Fence())
			assertOneOf("Check", err, errno(9), errTable, ErrStale)
			explore.Assert(i.Fence().Signaled(), "pending after a Check that found it done")
		}))
		s.Thread("finisher", w.local(func(l *Local) {
			w.finish(l, i)
			w.again(l, func(next Issuer) {
				explore.Assert(!next.Fence().Signaled(), "the next fence is signaled")
			})
		}))
		return func() {
			explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0])
			assertOneOf("result", w.got[0][0], errno(9), errTable)
		}
	})
}

// TestExploreDeadlines: two ask for deadlines: the backend is told of the soonest last, one after the other.
func TestExploreDeadlines(t *testing.T) {
	searchBacked(t, 3, func(s *explore.Scenario, w *backedWorld) func() {
		i := w.armed()
		for k, name := range []string{"first", "second"} {
			s.Thread(name, w.local(func(l *Local) {
				for d := range 2 - k {
					at := w.rt.start.Add(time.Duration(10 - 2*d - k)) // 10 and 8, or 9
					assertOneOf("SetDeadline", l.SetDeadline(i.Fence(), at), nil)
				}
			}))
		}
		return func() {
			told := w.told[1]
			explore.Assert(len(told) > 0 && told[len(told)-1] == 8, "told of %v, the soonest is 8", told)
			l := w.rt.newLocal()
			w.finish(l, i)
			l.giveBack()
		}
	})
}

// TestExploreDeadlineAgainstFinish: a deadline reaches its fence or none, while that is finished and its slot armed again;
// the next fence's are its own.
func TestExploreDeadlineAgainstFinish(t *testing.T) {
	searchBacked(t, 3, func(s *explore.Scenario, w *backedWorld) func() {
		i := w.armed()
		s.Thread("asker", w.local(func(l *Local) {
			err := l.SetDeadline(i.Fence(), w.rt.start.Add(3))
			assertOneOf("SetDeadline", err, nil, ErrSignaled)
		}))
		s.Thread("finisher", w.local(func(l *Local) {
			w.finish(l, i)
			w.again(l, func(next Issuer) {
				assertOneOf("SetDeadline", l.SetDeadline(next.Fence(), w.rt.start.Add(9)), nil)
				explore.Assert(len(w.told[2]) == 1 && w.told[2][0] == 9, "the next fence is told of %v", w.told[2])
			})
		}))
		return func() {
			explore.Assert(len(w.told[1]) <= 1 && len(w.told[2]) <= 1, "told of %v", w.told)
		}
	})
}

// TestExploreEnableSignalingAgainstClose: a callback is added, and its hook called, while the runtime closes.
func TestExploreEnableSignalingAgainstClose(t *testing.T) {
	closeSearch(t, 2, func(s *explore.Scenario, plain *world) func() {
		w := &backedWorld{world: plain, pending: true}
		w.c = must(w.rt.NewFenceContext("driver", "backed", Timestamps(), WithBackend(w.backend())))
		l := w.rt.newLocal()
		r := must(l.Reserve())
		var f Fence
		s.Thread("adder", func() {
			i := l.Arm(r, w.c)
			f = i.Fence()
			_, err := l.OnSignal(f, w.note, 0)
			assertOneOf("OnSignal", err, nil, ErrSignaled)
			if err == nil {
				w.ran[1]++
			}
		})
		s.Thread("closer", func() { _ = w.rt.Close() })
		return func() {
			explore.Assert(f.CallbacksDone(), "pending after Close")
			explore.Assert(w.ran[0] == w.ran[1] && w.enabled[1] <= 1, "ran %d of %d, called %d times", w.ran[0], w.ran[1], w.enabled[1])
			h := must(w.rt.Hold(f))
			_ = must(h.SignaledAt())
			l.giveBack()
		}
	})
}
