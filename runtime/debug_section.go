//go:build fencedebug

package fencert

import "fmt"

// A debugSection is code that stands between a fence and its signal: an explicit signaling section, a run of callbacks,
// or a hook of a backend.
type debugSection struct {
	kind    debugKind
	what    string // "a signaling section", "the callbacks of driver/timeline 7", "the hook name"
	runtime *Runtime
	local   *Local // none: a hook
	began   debugPlace
}

type debugKind uint8

const (
	debugExplicit debugKind = iota
	debugCallbacks
	debugHook
)

// began is the section's beginning as a stack of a report.
func (s *debugSection) stack() MisuseStack { return s.began.stack(s.what + " began") }

// A debugGoroutine is what the checks know of a goroutine. It is there while it isn't empty.
type debugGoroutine struct {
	sections []debugSection // innermost last
	held     []debugHeld    // in the order of locking
}

// debugGoroutines are by number. Under debugMu.
var debugGoroutines = map[uint64]*debugGoroutine{}

// debugOf finds or makes the entry of a goroutine. Under debugMu.
func debugOf(id uint64) *debugGoroutine {
	g := debugGoroutines[id]
	if g == nil {
		g = new(debugGoroutine)
		debugGoroutines[id] = g
	}
	return g
}

// debugPrune forgets an entry that has become empty. Under debugMu.
func debugPrune(id uint64) {
	if g := debugGoroutines[id]; g != nil && len(g.sections) == 0 && len(g.held) == 0 {
		delete(debugGoroutines, id)
	}
}

// debugNowhere tells quickly that no goroutine is in a section or holds a checked lock.
func debugNowhere() bool {
	debugMu.Lock()
	defer debugMu.Unlock()
	return len(debugGoroutines) == 0
}

// push begins a section. Its Local belongs to the goroutine until the end.
func (s debugSection) push() {
	debugMu.Lock()
	defer debugMu.Unlock()
	g := debugOf(s.began.goroutine)
	g.sections = append(g.sections, s)
	if l := s.local; l != nil {
		if l.debug.sections == 0 {
			l.debug.owner = s.began
		}
		l.debug.sections++
	}
}

// debugPop ends the innermost section of this kind and Local on a goroutine, and tells whether there was one. When
// callbacks or a hook end, what was begun inside and not ended goes with them: its EndSignaling, if it still comes, is
// reported. Under debugMu.
func debugPop(id uint64, kind debugKind, l *Local) bool {
	g := debugGoroutines[id]
	if g == nil {
		return false
	}
	for k := len(g.sections) - 1; k >= 0; k-- {
		if s := &g.sections[k]; s.kind != kind || s.local != l {
			continue
		}
		end := k + 1
		if kind != debugExplicit {
			end = len(g.sections)
		}
		for _, s := range g.sections[k:end] {
			if s.local != nil {
				s.local.debug.sections--
			}
		}
		kept := append(g.sections[:k], g.sections[end:]...)
		clear(g.sections[len(kept):])
		g.sections = kept
		debugPrune(id)
		return true
	}
	return false
}

func (l *Local) debugBegin() {
	l.check()
	debugSection{kind: debugExplicit, what: "a signaling section", runtime: l.runtime, local: l, began: debugHere()}.push()
}

func (l *Local) debugEnd() {
	here := debugHere()
	d := &l.debug // a nil Local is seen here, before the lock
	debugMu.Lock()
	ok := debugPop(here.goroutine, debugExplicit, l)
	elsewhere, owner := d.sections > 0 && d.owner.goroutine != here.goroutine, d.owner
	debugMu.Unlock()
	switch {
	case ok:
	case elsewhere:
		debugReport(l.runtime, MisuseSection, "EndSignaling on another goroutine than BeginSignaling",
			here.stack("here"), owner.stack("the section began"))
	default:
		debugReport(l.runtime, MisuseSection, "EndSignaling without BeginSignaling, or outside the callback that began it",
			here.stack("here"))
	}
}

// debugRunBegin is called before the callbacks of a frame, and debugRunEnd after all that comes of them, also when one
// exits.
func (l *Local) debugRunBegin(f *frame) {
	what := "a run of callbacks"
	if t := f.timeline; f.n == 0 {
		what = fmt.Sprintf("the callbacks of %s/%s", t.context.driver, t.context.timeline)
		debugSection{kind: debugCallbacks, what: what, runtime: l.runtime, local: l, began: debugHere()}.push()
		return
	}
	life := l.runtime.words[f.n].Load() & lifeMask // running: it doesn't end
	if seqno, id, err := (Fence{&l.runtime.words[f.n], life | closedBit}).identity(); err == nil {
		if c, ok := l.runtime.contexts.Load(id); ok {
			what = fmt.Sprintf("the callbacks of %s/%s %d", c.driver, c.timeline, seqno)
		}
	}
	debugSection{kind: debugCallbacks, what: what, runtime: l.runtime, local: l, began: debugHere()}.push()
}

func (l *Local) debugRunEnd() {
	id := debugID()
	debugMu.Lock()
	debugPop(id, debugCallbacks, l)
	debugMu.Unlock()
}

// debugHookBegin and debugHookEnd bracket a call into a backend: the code in it is held to the rules of a signaling
// section. Deferred, debugHookEnd also covers a hook that exits.
func debugHookBegin(rt *Runtime, name string) {
	debugSection{kind: debugHook, what: "the hook " + name, runtime: rt, began: debugHere()}.push()
}

func debugHookEnd() {
	id := debugID()
	debugMu.Lock()
	debugPop(id, debugHook, nil)
	debugMu.Unlock()
}

// debugBlocking is called first by everything that may wait for a fence, also when it finds that it need not.
func debugBlocking(what string) {
	if debugNowhere() {
		return
	}
	here := debugHere()
	debugMu.Lock()
	g := debugGoroutines[here.goroutine]
	if g == nil {
		debugMu.Unlock()
		return
	}
	var in *debugSection
	if n := len(g.sections); n > 0 {
		s := g.sections[n-1]
		in = &s
	}
	inverted := debugHeldWhileWaiting(g, here, what)
	debugMu.Unlock()
	if in != nil {
		debugReport(in.runtime, MisuseWait, what+" in "+in.what, here.stack("here"), in.stack())
	}
	for _, report := range inverted {
		report()
	}
}

// debugCall is called first by what allocates or calls the user's functions. In callbacks all but Close is allowed,
// unless they run in a signaling section or a hook.
func debugCall(what string, why debugWhy) {
	if debugNowhere() {
		return
	}
	here := debugHere()
	debugMu.Lock()
	var in *debugSection
	if g := debugGoroutines[here.goroutine]; g != nil {
		for k := range g.sections {
			if s := g.sections[k]; s.kind != debugCallbacks || why == endsAll {
				in = &s
			}
		}
	}
	debugMu.Unlock()
	if in != nil {
		debugReport(in.runtime, MisuseCall, fmt.Sprintf("%s in %s: %s", what, in.what, why), here.stack("here"), in.stack())
	}
}
