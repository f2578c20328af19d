package fencert

import (
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/wheel"
)

// onPoint is OnSignal for what is no slot's.
//
//go:noinline
func (l *Local) onPoint(f Fence, h Handler, arg uint64) (Ticket, error) {
	rt := l.runtime
	if t := f.timelineOf(); debugging || t == nil || t.runtime != rt || h.runtime != rt || l.state != idle || !l.points.Ready() {
		return l.onSignalSlow(f, h, arg)
	}
	l.state = busy
	// As in addPoint.
	ticket, err := l.points.Add(&f.timelineOf().wheel, f.number, h.index, arg)
	l.state = idle
	if err != nil {
		return l.addPointAgain(f, h.index, arg, err)
	}
	l.counts.pointsAdded.Add(1)
	return Ticket{f, cbqueue.Ticket(ticket)}, nil
}

// addPoint is add for a point of this runtime.
//
//go:noinline
func (l *Local) addPoint(f Fence, handler uint32, arg uint64) (Ticket, error) {
	l.enter()
	// Publishes: what the caller did before, to who runs it. Pairs with: the CAS of the box by who delivers.
	ticket, err := l.owner().Add(&f.timelineOf().wheel, f.number, handler, arg)
	l.leave()
	if err != nil {
		return l.addPointAgain(f, handler, arg, err)
	}
	l.counts.pointsAdded.Add(1)
	return Ticket{f, cbqueue.Ticket(ticket)}, nil
}

// addPointAgain looks for what is free elsewhere, and tries once more, if that was it.
//
//go:noinline
func (l *Local) addPointAgain(f Fence, handler uint32, arg uint64, err error) (Ticket, error) {
	var ticket wheel.Ticket
	if err == wheel.ErrExhausted {
		l.findPoints(f.timelineOf())
		l.enter()
		ticket, err = l.owner().Add(&f.timelineOf().wheel, f.number, handler, arg)
		l.leave()
	}
	if err != nil {
		return Ticket{}, l.refused(pointError(err), ResourcePoints)
	}
	l.counts.pointsAdded.Add(1)
	return Ticket{f, cbqueue.Ticket(ticket)}, nil
}

// OnSignalEach adds a callback for each of the points, by one CAS: when points[k] is signaled, h is called with args[k]. All
// are added or none. tickets may be nil; else it has the length of points and is filled.
//
// In callbacks: yes. Lock-free; one CAS, no allocation. Errors: ErrSignaled: the lowest of them is signaled, no callback was
// added. ErrExhausted, which cannot happen after ReservePoints. ErrRange: a point above MaxPoint, or slices of different lengths.
// ErrForeign.
func (l *Local) OnSignalEach(t *Timeline, points []uint64, h Handler, args []uint64, tickets []Ticket) error {
	if t.runtime != l.runtime || h.runtime != l.runtime {
		return ErrForeign
	}
	if len(points) != len(args) || tickets != nil && len(tickets) != len(args) {
		return ErrRange
	}
	return l.addPoints(t, points, h.index, args, tickets)
}

// OnSignalEach is Local.OnSignalEach on a borrowed Local.
func (rt *Runtime) OnSignalEach(t *Timeline, points []uint64, h Handler, args []uint64, tickets []Ticket) error {
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	return l.OnSignalEach(t, points, h, args, tickets)
}

// addPoints adds a callback for each argument; points has as many, or is one point for all.
func (l *Local) addPoints(t *Timeline, points []uint64, handler uint32, args []uint64, tickets []Ticket) error {
	l.enter()
	o := l.owner()
	var named func(int, wheel.Ticket)
	if tickets != nil {
		named = func(k int, ticket wheel.Ticket) { tickets[k] = Ticket{t.At(points[k]), cbqueue.Ticket(ticket)} }
	}
	err := o.AddMany(&t.wheel, points, handler, args, named)
	l.leave()
	if err == wheel.ErrExhausted {
		l.findPoints(t)
		l.enter()
		err = o.AddMany(&t.wheel, points, handler, args, named)
		l.leave()
	}
	if err != nil {
		return l.refused(pointError(err), ResourcePoints)
	}
	l.counts.pointsAdded.Add(uint64(len(args)))
	return nil
}

// cancelPoint is Cancel for a point of this runtime.
func (l *Local) cancelPoint(t Ticket) bool {
	l.enter()
	ok := l.owner().Cancel(&t.fence.timelineOf().wheel, wheel.Ticket(t.node))
	l.leave()
	if ok {
		l.counts.pointsCanceled.Add(1)
	}
	return ok
}

// awaitPoint returns when the callback of a point isn't running and never will be. Cancel has answered false.
func (l *Local) awaitPoint(t Ticket) {
	if !t.fence.pointOf(l.runtime) {
		return
	}
	pool := l.runtime.points.Load()
	var e ending
	var p poller
	defer p.stop()
	for !pool.Finished(wheel.Ticket(t.node)) {
		p.sleep(&e)
	}
}

// ReservePoints makes sure that the next n callbacks on points that are added through this Local find room. It doesn't add to
// an earlier call: the last one counts. In callbacks: yes. Lock-free; no allocation. Errors: ErrExhausted; then an earlier
// one still counts. Before the runtime's first timeline there is no room.
func (l *Local) ReservePoints(n int) error {
	l.check()
	if l.runtime.points.Load() == nil {
		if n == 0 {
			return nil
		}
		return l.ranOut(ResourcePoints)
	}
	l.enter()
	o := l.owner()
	err := o.Reserve(n)
	if err != nil {
		l.runtime.askStripes((*Local).flushPoints)
		err = o.Reserve(n)
	}
	l.leave()
	if err != nil {
		return l.ranOut(ResourcePoints)
	}
	return nil
}

// flushPoints gives free callbacks on points back. The caller owns the Local.
func (l *Local) flushPoints() {
	if l.points.Ready() {
		l.points.Close()
	}
}

// findPoints looks for free callbacks on points, when there are none: canceled ones of the timeline that are not swept yet, and
// those that the stripes keep.
//
//go:noinline
func (l *Local) findPoints(t *Timeline) {
	l.runtime.askStripes((*Local).flushPoints)
	l.enter()
	l.owner().Sweep(&t.wheel)
	l.leave()
}

//go:noinline
func pointError(err error) error {
	switch err {
	case wheel.ErrSignaled:
		return ErrSignaled
	case wheel.ErrExhausted:
		return ErrExhausted
	}
	return ErrRange
}
