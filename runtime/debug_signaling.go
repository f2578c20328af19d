package fencert

import "sync"

// BeginSignaling begins a signaling section on this Local and this goroutine: the code between a fence becoming visible
// to others and its signal. All that stands between the two delays every waiter, so there: no waiting for a fence, no
// call that allocates (Local, NewFenceContext, Handler, Reclaimer, the first Pin), no Collect, no lock that a waiter
// may hold (see Checked).
//
// A build with the tag fencedebug reports where that is broken, with the stack of this call; others do nothing here.
// Sections nest, and each ends on the goroutine where it began; the Local is not handed over in between. Callbacks run
// in the section of who signals. In callbacks: yes, ended in the same one. After Close: panics with the tag. No error.
// Without the tag wait-free, no atomic, no allocation; with it, it takes microseconds and a mutex.
func (l *Local) BeginSignaling() {
	if debugging {
		l.debugBegin()
	}
}

// EndSignaling ends the innermost signaling section of this Local on this goroutine. Without one, a build with the tag
// fencedebug reports it. For the rest, see BeginSignaling.
func (l *Local) EndSignaling() {
	if debugging {
		l.debugEnd()
	}
}

// Checked returns a lock that stands for inner, to be used in its place everywhere. A build with the tag fencedebug
// watches it for one rule: a lock that is ever held while waiting for a fence must not be taken in a signaling section,
// a callback or a hook. The waiter waits for the signal with the lock in hand, and the signaler for the lock: a
// deadlock as soon as the two meet. The report comes without their meeting, as soon as both have happened, whichever
// was first, and has the stacks of both. Other builds return inner itself, at no cost.
//
// Any goroutine may call it; it allocates with the tag. Locking and unlocking on different goroutines is allowed. Of a
// sync.RWMutex check rw and rw.RLocker() both: they are two locks to it, and each is held to the rule by itself.
func Checked(inner sync.Locker) sync.Locker {
	if debugging {
		return debugChecked(inner)
	}
	return inner
}
