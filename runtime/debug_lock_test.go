//go:build fencedebug

package fencert

import (
	"sync"
	"testing"
)

func locksHere(m sync.Locker) { m.Lock() }

// TestMisuseOfALock breaks the rule in two halves, in both orders: the lock is held while waiting, and taken in a
// section.
func TestMisuseOfALock(t *testing.T) {
	waitFirst := func(x *misuseFixture, m sync.Locker) {
		elsewhere(func() {
			locksHere(m)
			waitsHere(Fence{})
			m.Unlock()
		})
	}
	section := func(x *misuseFixture, m sync.Locker) {
		beginsHere(x.l)
		locksHere(m)
		m.Unlock()
		x.l.EndSignaling()
	}
	t.Run("wait first", func(t *testing.T) {
		x, m := newMisuseFixture(t), Checked(new(sync.Mutex))
		waitFirst(x, m)
		x.wantNothing("a wait with a lock held")
		section(x, m)
		x.wantMisuse(MisuseLock, "of a lock that was held in Fence.Wait", "locksHere", "beginsHere", "waitsHere", "locksHere")
	})
	t.Run("section first", func(t *testing.T) {
		x, m := newMisuseFixture(t), Checked(new(sync.Mutex))
		section(x, m)
		x.wantNothing("a lock taken in a section")
		waitFirst(x, m)
		x.wantMisuse(MisuseLock, "holding a lock that was taken in a signaling section", "waitsHere", "locksHere", "locksHere", "beginsHere")
	})
	t.Run("callback", func(t *testing.T) {
		x, m := newMisuseFixture(t), Checked(new(sync.Mutex))
		waitFirst(x, m)
		i := x.arm()
		locks := x.handler(func(*Local, uint64, error) { locksHere(m); m.Unlock() })
		_ = must(x.l.OnSignal(i.Fence(), locks, 0))
		finishesHere(x.l, i)
		x.wantMisuse(MisuseLock, "Lock in the callbacks of driver/timeline 1", "locksHere", "finishesHere", "waitsHere", "locksHere")
	})
	t.Run("readers", func(t *testing.T) {
		var rw sync.RWMutex
		x, m := newMisuseFixture(t), Checked(rw.RLocker())
		locksHere(m)
		waitFirst(x, m)
		m.Unlock()
		section(x, m)
		x.wantMisuse(MisuseLock, "of a lock that was held in Fence.Wait", "locksHere", "beginsHere", "waitsHere", "locksHere")
	})
}

// TestLocksWithoutMisuse: each half alone, and a lock that was given back before the wait, also by another goroutine.
func TestLocksWithoutMisuse(t *testing.T) {
	x := newMisuseFixture(t)
	waiters, signalers, between := Checked(new(sync.Mutex)), Checked(new(sync.Mutex)), Checked(new(sync.Mutex))
	for range 2 {
		waiters.Lock()
		between.Lock()
		elsewhere(between.Unlock)
		waitsHere(Fence{})
		waiters.Unlock()
		between.Lock()
		x.l.BeginSignaling()
		signalers.Lock()
		x.ran = nil
		signalers.Unlock()
		x.l.EndSignaling()
		between.Unlock()
		x.l.BeginSignaling()
		between.Lock()
		x.l.EndSignaling()
		between.Unlock()
	}
	x.wantNothing("locks that keep the rule")
}
