//go:build fencedebug

package fencert

import (
	"fmt"
	"runtime"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// debugIssuer is what an Issuer has more: a pointer that all copies share, and no Fence has. When the collector finds
// the object behind it, no copy is left. An issuer that Runtime.Issuer made of a number that never was one has none.
type debugIssuer struct{ token *debugToken }

type debugToken struct {
	fence   Fence
	context *FenceContext
	seqno   uint64
	at      time.Time
	armed   debugPlace

	// Under debugMu: the first that signaled, or tried to; n == 0: none. what: its name.
	first debugPlace
	what  string
}

// name says which fence it is: "driver/timeline 7".
func (t *debugToken) name() string {
	return fmt.Sprintf("%s/%s %d", t.context.driver, t.context.timeline, t.seqno)
}

// debugArmed gives a new issuer its token.
func (i *Issuer) debugArmed(c *FenceContext) {
	t := &debugToken{fence: i.fence, context: c, at: time.Now(), armed: debugHere()}
	t.seqno, _, _ = i.fence.identity()
	i.debug.token = t
	if !atomicx.Exploring { // the collector's goroutine is none of the explorer's threads
		runtime.SetFinalizer(t, (*debugToken).forgotten)
	}
}

// forgotten is called by the collector. Where somebody has claimed the signal, it may be under way, with the last copy
// gone already; where the close of the runtime has signaled, nobody forgot it.
func (t *debugToken) forgotten() {
	debugMu.Lock()
	claimed := t.first.n > 0
	debugMu.Unlock()
	if claimed || t.fence.Signaled() {
		return
	}
	debugReport(t.context.runtime, MisuseForgottenIssuer,
		fmt.Sprintf("nobody can signal %s any more, pending since %v", t.name(), time.Since(t.at).Round(time.Millisecond)),
		t.armed.stack("it was armed"))
}

// debugKeep is called when the issuer goes into an IssuerRef, which the collector doesn't see: from here on nobody can
// tell whether it is forgotten.
func (i Issuer) debugKeep() {
	t := i.debug.token
	if t == nil {
		return
	}
	runtime.SetFinalizer(t, nil) // also since a cycle with a finalizer is never collected: token, context, runtime, kept
	rt := t.context.runtime
	n := rt.index(t.fence.word)
	debugMu.Lock()
	defer debugMu.Unlock()
	if rt.debug.kept == nil {
		rt.debug.kept = map[uint32]*debugToken{}
	}
	if old := rt.debug.kept[n]; old == nil || old.fence.number < t.fence.number {
		rt.debug.kept[n] = t
	}
}

// debugKept gives an issuer that was made of an IssuerRef its token back.
func (rt *Runtime) debugKept(i *Issuer) {
	n := rt.index(i.fence.word)
	debugMu.Lock()
	defer debugMu.Unlock()
	if t := rt.debug.kept[n]; t != nil && t.fence == i.fence {
		i.debug.token = t
	}
}

// claim makes the caller the first that signals. Where it isn't, it returns who was.
func (t *debugToken) claim(here debugPlace, what string) (first debugPlace, by string, ok bool) {
	debugMu.Lock()
	defer debugMu.Unlock()
	if t.first.n > 0 {
		return t.first, t.what, false
	}
	t.first, t.what = here, what
	return here, what, true
}

// debugSignal is called before a Signal or Finish. The second is reported whether or not the first has come to its end:
// it relies on a race. A fence that Close has signaled has no first yet.
func (l *Local) debugSignal(i Issuer, what string) {
	t := i.debug.token
	if t == nil || l.runtime.index(i.fence.word) == 0 {
		return
	}
	l.check() // else it will not signal
	here := debugHere()
	if first, by, ok := t.claim(here, what); !ok {
		debugReport(l.runtime, MisuseSignaledTwice, fmt.Sprintf("%s of %s after its %s", what, t.name(), by),
			here.stack("here"), first.stack("it was signaled"))
	}
}

// debugDrop is called before a Drop, which signals what is pending. It is never a second signal.
func (i Issuer) debugDrop() {
	if t := i.debug.token; t != nil && !i.fence.Signaled() {
		t.claim(debugHere(), "Drop")
	}
}

// debugForeignTicket is called by Cancel for a ticket that is none of the runtime's.
func (l *Local) debugForeignTicket(t Ticket) {
	if t.fence.word == nil {
		return
	}
	here := debugHere()
	debugReport(l.runtime, MisuseForeignTicket, "Cancel of another runtime's ticket", here.stack("here"))
}
