//go:build fencedebug

package fencert

import (
	"runtime"

	"github.com/fencert/fencert/internal/atomicx"
)

// debugHold is what a Hold has more: a pointer that all copies of one hold share, and two holds of one fence don't. A
// hold of the runtime itself has none.
type debugHold struct{ holding *debugHolding }

type debugHolding struct {
	runtime  *Runtime
	taken    debugPlace
	released debugPlace // n > 0: it was. Under debugMu
}

func (h *Hold) debugHeld() {
	g := &debugHolding{runtime: h.runtime, taken: debugHere()}
	h.debug.holding = g
	if !atomicx.Exploring {
		runtime.SetFinalizer(g, (*debugHolding).forgotten)
	}
}

// forgotten is called by the collector. After Close of the runtime no slot waits for it any more.
func (g *debugHolding) forgotten() {
	debugMu.Lock()
	released := g.released.n > 0
	debugMu.Unlock()
	if released || g.runtime.closed.Load() {
		return
	}
	debugReport(g.runtime, MisuseForgottenHold, "a hold was not released, and nobody has it any more",
		g.taken.stack("it was taken"))
}

// debugReleased is called before a Release. Twice: the reference that it would give up may be another holder's.
func (h Hold) debugReleased() {
	g := h.debug.holding
	if g == nil {
		return
	}
	here := debugHere()
	debugMu.Lock()
	first := g.released
	if first.n == 0 {
		g.released = here
	}
	debugMu.Unlock()
	if first.n == 0 {
		return
	}
	debugReport(g.runtime, MisuseReleasedTwice, "Release of a hold that was released before", here.stack("here"),
		first.stack("it was released"), g.taken.stack("it was taken"))
}
