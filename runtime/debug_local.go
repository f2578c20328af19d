//go:build fencedebug

package fencert

// debugLocal is what a Local has more. Under debugMu.
//
// A Local is in use from enter to leave, and belongs to one goroutine while that runs callbacks with it or is in a
// signaling section of it. In a build without the tag only the first is seen, by a plain byte, and callbacks may
// use the Local in between: so another goroutine's use is not seen in the long while that they take.
type debugLocal struct {
	user     debugPlace // n > 0: of who is between enter and leave
	owner    debugPlace // where the outermost of the sections began
	sections int        // of this Local, all on one goroutine
	made     debugPlace // by Runtime.Local; n == 0: lent for a call, or the runtime's own
	ended    debugPlace // n > 0: where it was closed, or given back after a call
	end      string     // the title of ended
}

func (l *Local) debugMade() { l.debug.made = debugHere() }

// taken is the place that another goroutine uses this Local from; n == 0: none. Under debugMu.
func (d *debugLocal) taken() (place debugPlace, title string) {
	switch {
	case d.user.n > 0:
		return d.user, "it is in use"
	case d.sections > 0 && d.owner.goroutine != debugID():
		return d.owner, "it belongs to a signal or a signaling section that began"
	}
	return debugPlace{}, ""
}

// debugEnter is called when state was idle, and before it is set to busy.
func (l *Local) debugEnter() {
	here := debugCheaply()
	d := &l.debug // a nil Local is seen here, before the lock
	debugMu.Lock()
	ended, end := d.ended, d.end
	other, title := d.taken()
	if ended.n == 0 && other.n == 0 {
		d.user = here
		debugMu.Unlock()
		return
	}
	debugMu.Unlock()
	l.debugRefuse(ended, end, other, title)
	panic(ErrConcurrentUse)
}

// debugCheck is debugEnter for a use that ends at once.
func (l *Local) debugCheck() {
	l.debugEnter()
	l.debugLeave()
}

// debugResume is debugEnter for a signal that goes on after its callbacks, and must not stop.
func (l *Local) debugResume() {
	here := debugCheaply()
	d := &l.debug
	debugMu.Lock()
	d.user = here
	debugMu.Unlock()
}

func (l *Local) debugLeave() {
	d := &l.debug
	debugMu.Lock()
	d.user.n = 0
	debugMu.Unlock()
}

// debugMisused is called when state was not idle. The caller panics afterwards.
func (l *Local) debugMisused() {
	d := &l.debug
	debugMu.Lock()
	ended, end := d.ended, d.end
	other, title := d.user, "it is in use"
	debugMu.Unlock()
	l.debugRefuse(ended, end, other, title)
}

func (l *Local) debugRefuse(ended debugPlace, end string, other debugPlace, title string) {
	here := debugHere()
	if ended.n > 0 {
		debugReport(l.runtime, MisuseAfterClose, "use of a Local that was "+end, here.stack("here"), ended.stack("it was "+end))
		return
	}
	debugReport(l.runtime, MisuseConcurrentUse,
		"two goroutines use one Local, or one of them uses it again before its call has returned",
		here.stack("here"), other.stack(title))
}

// debugClosed is called by Close, before anything has been given back.
func (l *Local) debugClosed() {
	here := debugHere()
	d := &l.debug
	debugMu.Lock()
	open, owner := d.sections > 0, d.owner
	debugMu.Unlock()
	if open {
		l.leave()
		debugReport(l.runtime, MisuseSection, "Close of a Local in a signaling section", here.stack("here"),
			owner.stack("the section began"))
		l.enter()
	}
	debugMu.Lock()
	for debugPop(owner.goroutine, debugExplicit, l) {
	}
	l.debug.ended, l.debug.end = here, "closed"
	debugMu.Unlock()
}

// debugForgotten is called by the collector, for a Local of Runtime.Local that was not closed.
func (l *Local) debugForgotten() {
	debugReport(l.runtime, MisuseForgottenLocal, "a Local was not closed, and nobody has it any more",
		l.debug.made.stack("it was made"))
}

// debugLend and debugReturn bracket a call that borrows this Local. Between two of them nobody may use it.
func (l *Local) debugLend() {
	debugMu.Lock()
	l.debug.ended.n = 0
	debugMu.Unlock()
}

func (l *Local) debugReturn() {
	here := debugHere()
	debugMu.Lock()
	l.debug.ended, l.debug.end = here, "lent for one call, and the call has returned"
	debugMu.Unlock()
}
