package fencert

// A panicked is the first panic among callbacks.
type panicked struct {
	value any
	any   bool // there was one
}

// keep notes a panic, unless there was one before.
func (p *panicked) keep(value any) {
	if !p.any {
		*p = panicked{value, true}
	}
}

// interrupted goes on with a run after a callback that did not return; value is what recover gave, nil after Goexit.
//
// A panic may lie over a Goexit, which goes on once the panic is recovered: there is no telling whether the frames below
// are returned to. So all that they would have done is done here, in the deferred call of run.
func (l *Local) interrupted(value any, result error) {
	var p panicked
	if value != nil {
		p.keep(value)
	}
	l.finish(l.innermost(), result, &p)
}

// finish runs the other callbacks of an interrupted run, ends it, and does what the signal does after that. It goes on in
// a deferred call of its own as often as one of them exits.
func (l *Local) finish(f *frame, result error, p *panicked) {
	ended := false
	defer func() {
		if !ended {
			l.finish(f, result, p)
		}
	}()
	for !l.runGuarded(f, result, p) {
	}
	ended = true
	l.endRun(f)
	switch {
	case l.depth > 0: // the panic is the callback's that signaled
		l.raise(*p)
	case !l.looping:
		l.runPutOff(*p)
	case p.any: // it was put off itself
		l.first.keep(p.value)
	}
}

// runGuarded runs callbacks until none is left (true) or one panics (false).
func (l *Local) runGuarded(f *frame, result error, p *panicked) (returned bool) {
	l.leave() // a call of this package that panicked may have left it busy
	defer func() {
		if !returned {
			if value := recover(); value != nil {
				p.keep(value)
			}
		}
	}()
	l.runRest(f, result)
	return true
}

// raise hands the first panic on.
func (l *Local) raise(p panicked) {
	if !p.any {
		return
	}
	if l.runtime.config.OnPanic != nil {
		l.runtime.config.OnPanic(p.value)
		return
	}
	panic(p.value)
}
