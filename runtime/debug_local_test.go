//go:build fencedebug

package fencert

import "testing"

func reservesHere(l *Local) {
	if r, err := l.Reserve(); err == nil {
		l.Unreserve(r)
	}
}

// misuses calls f on another goroutine, where it panics as without the tag.
func (x *misuseFixture) misuses(f func()) {
	x.Helper()
	if v, _ := panicOf(f); v != ErrConcurrentUse {
		x.Errorf("panics with %v", v)
	}
}

// TestMisuseByTwoGoroutines: there is no race in it that the race detector could see, but for its own bookkeeping.
func TestMisuseByTwoGoroutines(t *testing.T) {
	x := newMisuseFixture(t)
	entersHere(x.l)
	x.misuses(func() { reservesHere(x.l) })
	x.wantMisuse(MisuseConcurrentUse, "", "reservesHere", "entersHere")
	x.l.state = idle // as it looks to one who comes at the same moment
	x.misuses(func() { reservesHere(x.l) })
	x.wantMisuse(MisuseConcurrentUse, "", "reservesHere", "entersHere")
	x.l.leave()
	reservesHere(x.l)
	elsewhere(func() { reservesHere(x.l) })
	x.wantNothing("handing a Local over")
}

func entersHere(l *Local) { l.enter() }

// TestMisuseWhileCallbacksRun: between two calls of its callbacks a Local is not busy, and still not anybody's.
func TestMisuseWhileCallbacksRun(t *testing.T) {
	x := newMisuseFixture(t)
	i := x.arm()
	calls := x.handler(func(l *Local, _ uint64, _ error) {
		reservesHere(l)
		x.misuses(func() { reservesHere(x.l) })
	})
	_ = must(x.l.OnSignal(i.Fence(), calls, 0))
	finishesHere(x.l, i)
	x.wantMisuse(MisuseConcurrentUse, "", "reservesHere", "finishesHere")
	x.idle(x.l)
	beginsHere(x.l)
	reservesHere(x.l)
	x.misuses(func() { reservesHere(x.l) })
	x.wantMisuse(MisuseConcurrentUse, "", "reservesHere", "beginsHere")
	x.misuses(func() { _ = x.l.Pin() })
	x.wantMisuse(MisuseConcurrentUse, "", "Pin", "beginsHere")
	x.l.EndSignaling()
	elsewhere(func() { reservesHere(x.l) })
}

func TestMisuseAfterClose(t *testing.T) {
	x := newMisuseFixture(t)
	l := x.rt.Local()
	closesHere(l)
	closesHere(l)
	x.wantNothing("Close, twice")
	for range 2 {
		x.misuses(func() { reservesHere(l) })
		x.wantMisuse(MisuseAfterClose, "a Local that was closed", "reservesHere", "closesHere")
	}
	i := x.arm()
	x.misuses(func() { finishesHere(l, i) })
	x.wantMisuse(MisuseAfterClose, "a Local that was closed", "finishesHere", "closesHere")
	x.want("Finish", x.l.Finish(i, nil), nil)
}

// TestMisuseOfALentLocal: a callback keeps the Local that it was given.
func TestMisuseOfALentLocal(t *testing.T) {
	x := newMisuseFixture(t)
	var kept *Local
	keeps := x.handler(func(l *Local, _ uint64, _ error) { kept = l; reservesHere(l) })
	signal := func() {
		i := x.arm()
		_ = must(x.rt.OnSignal(i.Fence(), keeps, 0))
		finishesBorrowingHere(x.rt, i)
	}
	signal()
	x.misuses(func() { reservesHere(kept) })
	x.wantMisuse(MisuseAfterClose, "lent for one call", "reservesHere", "finishesBorrowingHere")
	signal()
	for range x.rt.stripes {
		l, s := x.rt.borrow()
		defer x.rt.giveBack(l, s)
	}
	signal() // on one that there wasn't
	x.misuses(func() { reservesHere(kept) })
	x.wantMisuse(MisuseAfterClose, "lent for one call", "reservesHere", "finishesBorrowingHere")
}

func finishesBorrowingHere(rt *Runtime, i Issuer) { _ = rt.Finish(i, nil) }

func TestMisuseOfAForeignTicket(t *testing.T) {
	x, y := newMisuseFixture(t), newMisuseFixture(t)
	i := x.arm()
	ticket := must(x.l.OnSignal(i.Fence(), x.note, 1))
	if cancelsHere(y.l, ticket) {
		t.Error("canceled by another runtime")
	}
	y.wantMisuse(MisuseForeignTicket, "", "cancelsHere")
	cancelsHere(x.l, Ticket{})
	cancelsHere(x.l, ticket)
	cancelsHere(x.l, ticket)
	x.want("Finish", x.l.Finish(i, nil), nil)
	cancelsHere(x.l, ticket)
	x.wantNothing("Cancel of its own tickets")
}

func cancelsHere(l *Local, t Ticket) bool { return l.Cancel(t) }
