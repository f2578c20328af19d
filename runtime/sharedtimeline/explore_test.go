//go:build explore

package sharedtimeline

import (
	"context"
	"testing"
	"time"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A futexModel is what the kernel promises of a futex: to compare and to fall asleep is one step, and wake reaches all who
// sleep. Sleeps end by the clock only once timeout was called; so a wake-up that is lost is a deadlock.
type futexModel struct {
	mu       atomicx.Mutex
	sleeping []atomicx.Parker
	late     bool
}

func (f *futexModel) sleep(word *atomicx.Uint32, old uint32, _ time.Duration) (late bool, err error) {
	f.mu.Lock()
	if f.late || word.Load() != old {
		defer f.mu.Unlock()
		return f.late, nil
	}
	p := atomicx.NewParker()
	f.sleeping = append(f.sleeping, p)
	f.mu.Unlock()
	p.Park(nil, nil)
	return false, nil
}

// timeout ends all sleeps, from now on too.
func (f *futexModel) timeout() {
	f.mu.Lock()
	f.late = true
	f.mu.Unlock()
	_ = f.wake(nil)
}

func (f *futexModel) wake(*atomicx.Uint32) error {
	f.mu.Lock()
	all := f.sleeping
	f.sleeping = nil
	f.mu.Unlock()
	for k := range all {
		all[k].Wake()
	}
	return nil
}

// A sharedWorld is one file, and processes that have it.
type sharedWorld struct {
	h     *header
	futex futexModel
}

// newHeader is a new file in memory.
func newHeader(start uint64) *header {
	b := fresh(start)
	return (*header)(unsafe.Pointer(unsafe.SliceData(b))) // Safety: 4096 bytes of Go's memory lie at the beginning of a page
}

func newSharedWorld(s *explore.Scenario, start uint64) *sharedWorld {
	w := &sharedWorld{h: newHeader(start)}
	explore.Name(s, &w.h.value, "value")
	explore.Name(s, &w.h.wanted, "wanted")
	explore.Name(s, &w.h.turn, "turn")
	return w
}

// process is one more process's Mapping. It has no file.
func (w *sharedWorld) process() *Mapping {
	m := &Mapping{steady: true}
	m.line.h, m.line.os = w.h, &w.futex
	return m
}

// wait waits as WaitWith does where nothing ends but the point.
func wait(m *Mapping, n uint64) {
	err := m.park(context.Background(), n)
	explore.Assert(err == nil, "wait for %d: %v", n, err)
	explore.Assert(m.line.h.value.Load() >= n, "woken for %d before it was reached", n)
}

func advance(m *Mapping, n uint64) {
	err := m.line.advance(n)
	explore.Assert(err == nil, "advance to %d: %v", n, err)
}

// TestExploreSleepAgainstAdvance: no wake-up is lost, also of two that come close together.
func TestExploreSleepAgainstAdvance(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3, StoreBuffers: true}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 0)
		sleeper, writer := w.process(), w.process()
		s.Thread("sleeper", func() { wait(sleeper, 2) })
		s.Thread("writer", func() {
			advance(writer, 1)
			advance(writer, 2) // the last one: no other comes to make good for it
		})
	})
}

// TestExploreTwoSleepers: a wish that another's wake-up takes away is made again, and none hides a lower one.
func TestExploreTwoSleepers(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 0)
		writer := w.process()
		var served atomicx.Bool
		for _, n := range []uint64{1, 2} {
			m := w.process()
			s.Thread("sleeper", func() {
				wait(m, n)
				if n == 1 {
					served.Store(true)
				}
			})
		}
		s.Thread("writer", func() {
			advance(writer, 1)
			for !served.Load() {
				atomicx.Pause(1)
			}
			advance(writer, 2)
		})
	})
}

// TestExploreTwoAdvancers: of two goroutines that advance, each wakes for its own, and who looks never sees the value go back.
func TestExploreTwoAdvancers(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 0)
		writer, sleeper := w.process(), w.process()
		s.Thread("sleeper", func() { wait(sleeper, 2) })
		for _, n := range []uint64{1, 2} {
			s.Thread("advancer", func() {
				err := writer.line.advance(n)
				explore.Assert(err == nil || n == 1, "advance to 2: %v", err)
			})
		}
		s.Finally(func() {
			explore.Assert(writer.line.failure() == nil && sleeper.line.failure() == nil, "the value seemed to go back")
		})
	})
}

// TestExploreSeen: goroutines of one process that look at once see no jump back where there is none.
func TestExploreSeen(t *testing.T) {
	explore.Test(t, explore.Options{Mode: explore.Exhaustive}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 0)
		m, writer := w.process(), w.process()
		for range 2 {
			s.Thread("looks", func() {
				a, err := m.line.look()
				explore.Assert(err == nil, "%v", err)
				b, err := m.line.look()
				explore.Assert(err == nil && b >= a, "%d after %d, %v", b, a, err)
			})
		}
		s.Thread("writer", func() { advance(writer, 7) })
	})
}

// TestExploreWriterDies at any step of an advance: the next one wakes who sleeps, and both see the value that there is.
func TestExploreWriterDies(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 0)
		sleeper, dying, next := w.process(), w.process(), w.process()
		var died atomicx.Bool // what the lock tells
		s.Thread("sleeper", func() { wait(sleeper, 1) })
		s.Thread("dying", func() {
			step := explore.Choose(4)
			explore.Assert(dying.line.raise(1) == nil, "raise")
			if step > 0 && dying.line.due(1) && step > 1 {
				dying.line.h.turn.Add(1)
				if step > 2 {
					_ = dying.line.os.wake(&dying.line.h.turn)
				}
			}
			died.Store(true)
		})
		s.Thread("next", func() {
			for !died.Load() {
				atomicx.Pause(1)
			}
			writer := &Writer{m: next}
			explore.Assert(writer.begin() == nil, "begin")
			n, err := writer.Next()
			explore.Assert(n == 2 && err == nil, "it goes on with %d, %v", n, err)
		})
	})
}

// TestExploreNobodyComes: who sleeps after a writer died at any step of an advance looks again after a time.
func TestExploreNobodyComes(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 0)
		sleeper, dying := w.process(), w.process()
		s.Thread("sleeper", func() { wait(sleeper, 1) })
		s.Thread("dying", func() {
			explore.Assert(dying.line.raise(1) == nil, "raise")
			if explore.Choose(2) > 0 {
				dying.line.due(1)
			}
			w.futex.timeout() // of whoever sleeps now, or will
		})
	})
}

// TestExploreSleepAgainstClose: who sleeps in a Mapping that is closed wakes up, and others sleep on.
func TestExploreSleepAgainstClose(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 0)
		leaving, staying, writer := w.process(), w.process(), w.process()
		s.Thread("leaving", func() {
			err := leaving.park(context.Background(), 1)
			explore.Assert(err == nil || err == ErrClosed, "%v", err)
		})
		s.Thread("staying", func() { wait(staying, 1) })
		s.Thread("closes", func() {
			leaving.closed.Store(true) // as Close does
			_ = leaving.line.rouse()
			advance(writer, 1)
		})
	})
}

// TestExploreNumbers: each number is issued once, and is in the file before anybody is told.
func TestExploreNumbers(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		w := newSharedWorld(s, 5)
		writer := &Writer{m: w.process()}
		writer.numbers.Store(5)
		given := map[uint64]bool{}
		for _, count := range []uint64{1, 3} {
			s.Thread("issues", func() {
				first, err := writer.NextN(count)
				explore.Assert(err == nil, "%v", err)
				explore.Assert(w.h.issued.Load() >= first+count-1, "%d was told before it was in the file", first)
				for n := first; n < first+count; n++ {
					explore.Assert(!given[n], "%d was issued twice", n)
					given[n] = true
				}
			})
		}
		s.Finally(func() { explore.Assert(len(given) == 4 && w.h.issued.Load() == 9, "%v %d", given, w.h.issued.Load()) })
	})
}
