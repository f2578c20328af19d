//go:build fencedebug

package fencert

import (
	"fmt"
	"slices"
	"sync"
)

// A debugLock is a checked lock. What happened to it first is kept for good, so that a rule broken in two halves, hours
// and goroutines apart, is seen at the second. The fields are under debugMu.
type debugLock struct {
	sync.Locker
	waited *debugWaited // it was held while waiting for a fence
	taken  *debugTaken  // it was taken in a section
}

type debugWaited struct {
	what           string
	wait, lockedAt debugPlace
}

type debugTaken struct {
	in       debugSection
	lockedAt debugPlace
}

// A debugHeld is a checked lock that a goroutine holds. The lock doesn't know its holder: a read lock has many.
type debugHeld struct {
	lock     *debugLock
	lockedAt debugPlace
}

func debugChecked(inner sync.Locker) sync.Locker { return &debugLock{Locker: inner} }

// Lock reports before it locks.
func (m *debugLock) Lock() {
	here := debugHere()
	debugMu.Lock()
	var in *debugSection
	if g := debugGoroutines[here.goroutine]; g != nil && len(g.sections) > 0 {
		s := g.sections[len(g.sections)-1]
		in = &s
		if m.taken == nil {
			m.taken = &debugTaken{s, here}
		}
	}
	waited := m.waited
	debugMu.Unlock()
	if in != nil && waited != nil {
		debugReport(in.runtime, MisuseLock, fmt.Sprintf("Lock in %s, of a lock that was held in %s", in.what, waited.what),
			here.stack("here"), in.stack(), waited.wait.stack("it was held while waiting"),
			waited.lockedAt.stack("having been locked"))
	}
	m.Locker.Lock()
	debugMu.Lock()
	g := debugOf(here.goroutine)
	g.held = append(g.held, debugHeld{m, here})
	debugMu.Unlock()
}

// Unlock may come on another goroutine than Lock, as a Mutex allows.
func (m *debugLock) Unlock() {
	id := debugID()
	debugMu.Lock()
	if !m.forget(id) {
		for other := range debugGoroutines {
			if m.forget(other) {
				break
			}
		}
	}
	debugMu.Unlock()
	m.Locker.Unlock()
}

// forget takes the lock off a goroutine's list, and tells whether it was there. Under debugMu.
func (m *debugLock) forget(id uint64) bool {
	g := debugGoroutines[id]
	if g == nil {
		return false
	}
	k := slices.IndexFunc(g.held, func(h debugHeld) bool { return h.lock == m })
	if k < 0 {
		return false
	}
	g.held = slices.Delete(g.held, k, k+1)
	debugPrune(id)
	return true
}

// debugHeldWhileWaiting notes the locks that a goroutine holds while it waits, and returns the reports of those that
// were taken in a section before. Under debugMu; the reports are made without.
func debugHeldWhileWaiting(g *debugGoroutine, here debugPlace, what string) (reports []func()) {
	for _, h := range g.held {
		if h.lock.waited == nil {
			h.lock.waited = &debugWaited{what, here, h.lockedAt}
		}
		if t := h.lock.taken; t != nil {
			reports = append(reports, func() {
				debugReport(t.in.runtime, MisuseLock, fmt.Sprintf("%s, holding a lock that was taken in %s", what, t.in.what),
					here.stack("here"), h.lockedAt.stack("it was locked"),
					t.lockedAt.stack("it had been locked in "+t.in.what), t.in.stack())
			})
		}
	}
	return reports
}
