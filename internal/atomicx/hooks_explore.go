//go:build explore

package atomicx

import (
	"runtime"
	"time"
	"unsafe"
)

// A Mutex is sync.Mutex whose Lock blocks in the schedule. The zero Mutex is unlocked. It must not be copied after
// first use.
type Mutex struct{ held Uint32 }

// Lock blocks until the lock is free, and takes it.
func (m *Mutex) Lock() {
	if current != nil {
		current.Block(KindLock, m.held.addr(), func() bool { return m.held.v.Load() == 0 })
	}
	for !m.held.v.CompareAndSwap(0, 1) { // outside an exploration only
		runtime.Gosched()
	}
	wrote(m.held.addr(), true)
}

// TryLock takes the lock if it is free, and tells whether it was.
func (m *Mutex) TryLock() bool { return m.held.CompareAndSwap(0, 1) }

// Unlock frees the lock. It panics when it was free.
func (m *Mutex) Unlock() {
	step(KindUnlock, m.held.addr())
	if m.held.v.Swap(0) == 0 {
		panic("atomicx: unlock of an unlocked Mutex")
	}
	wrote(m.held.addr(), true)
}

// A Timer is time.Timer on the clock of the exploration: it goes off at any time, before those that are due later.
type Timer struct {
	C    <-chan time.Time
	c    chan time.Time
	real *time.Timer // outside an exploration
}

// NewTimer returns a timer that sends the time on C after d.
func NewTimer(d time.Duration) *Timer {
	if extended == nil {
		t := time.NewTimer(d)
		return &Timer{C: t.C, real: t}
	}
	c := make(chan time.Time, 1)
	t := &Timer{C: c, c: c}
	extended.Set(t, d)
	return t
}

// Stop keeps the timer from going off and tells whether that was still possible. C holds no old time afterwards.
func (t *Timer) Stop() bool {
	if t.real != nil {
		return t.real.Stop()
	}
	was := extended.Unset(t)
	t.drain()
	return was
}

// Reset is Stop, and the timer set anew.
func (t *Timer) Reset(d time.Duration) bool {
	if t.real != nil {
		return t.real.Reset(d)
	}
	was := t.Stop()
	extended.Set(t, d)
	return was
}

func (t *Timer) drain() {
	select {
	case <-t.c:
	default:
	}
}

// Tick is for the scheduler: the timer goes off.
func (t *Timer) Tick(now time.Time) {
	select {
	case t.c <- now:
	default:
	}
}

// Now is the time: in an exploration, when the timer went off that did so last.
func Now() time.Time {
	if extended == nil {
		return time.Now()
	}
	return extended.Now()
}

// Sleep waits for a tick.
func Sleep(d time.Duration) {
	if extended == nil {
		time.Sleep(d)
		return
	}
	if d <= 0 {
		return
	}
	t := NewTimer(d)
	current.Block(KindSleep, unsafe.Pointer(t), func() bool { return len(t.c) > 0 })
}

// Pick is any number below n, which is at least 1: in an exploration each has its schedules, outside of one draw is
// asked.
func Pick(n uint32, draw func(n uint32) uint32) uint32 {
	if extended == nil {
		return draw(n)
	}
	return extended.Pick(n)
}
