//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A datum is user data in which the explorer sees accesses that nothing orders.
type datum struct{ value atomicx.Cell[int] }

// withData is a world whose fences have user data; drops counts by value.
type withData struct {
	*world
	table *Table[datum]
	drops [8]int
}

const poisoned = -1

func newWithData(w *world) *withData {
	d := &withData{world: w}
	d.table = NewTable(w.rt, func(p *datum) {
		v := p.value.Get()
		explore.Assert(v >= 0, "dropped twice")
		d.drops[v]++
		p.value.Set(poisoned)
	})
	d.c = must(w.rt.NewFenceContext("driver", "data", UserData(d.table)))
	return d
}

func (d *withData) with(l *Local, value int) Issuer {
	i := d.arm(l)
	d.table.At(i).value.Set(value)
	return i
}

// read pins, and looks at the entry as long as it is pinned.
func (d *withData) read(l *Local, f Fence, want int) {
	assertOneOf("Pin", l.Pin(), nil)
	p, ok := d.table.Get(l, f)
	if ok {
		for range 2 {
			v := p.value.Get()
			explore.Assert(v == want, "a pinned reader has %d, want %d", v, want)
			_ = f.Signaled() // a step, for others to get in
		}
	}
	l.Unpin()
}

var forReaders = Config{Fences: 2, Callbacks: 2, Waiters: 1, Readers: 3, Errors: 1}

// TestExplorePinnedReaderAgainstFinish: one finishes and uses the slots again, as far as it may, while another reads.
// Nothing is dropped or used again under the reader's eyes.
func TestExplorePinnedReaderAgainstFinish(t *testing.T) {
	search(t, 2, forReaders, func(s *explore.Scenario, w *world) func() {
		d := newWithData(w)
		l := w.rt.newLocal()
		i := d.with(l, 1)
		f := i.Fence()
		reader := w.rt.newLocal()
		assertOneOf("Pin", reader.Pin(), nil)
		reader.Unpin()
		s.Thread("reader", func() {
			d.read(reader, f, 1)
			reader.giveBack()
		})
		s.Thread("finisher", func() {
			assertOneOf("Finish", l.Finish(i, nil), nil)
			for range 2 {
				next, err := l.NewFence(d.c)
				assertOneOf("NewFence", err, nil, ErrExhausted)
				if err == nil {
					d.table.At(next).value.Set(2)
					assertOneOf("Finish", l.Finish(next, nil), nil)
				}
			}
			l.giveBack()
		})
		return func() {
			for range graceTries {
				w.rt.Collect()
			}
			explore.Assert(d.drops[1] == 1 && d.drops[0] == 0, "dropped %v", d.drops)
		}
	})
}

// TestExploreEndOfLifeAgainstEpoch: somebody moves the epoch while the life ends; what was retired is looked at at once.
func TestExploreEndOfLifeAgainstEpoch(t *testing.T) {
	search(t, 2, forReaders, func(s *explore.Scenario, w *world) func() {
		d := newWithData(w)
		l := w.rt.newLocal()
		i := d.with(l, 1)
		f := i.Fence()
		reader := w.rt.newLocal()
		assertOneOf("Pin", reader.Pin(), nil)
		reader.Unpin()
		s.Thread("finisher", func() {
			assertOneOf("Finish", l.Finish(i, nil), nil)
			l.Collect()
		})
		s.Thread("mover", func() {
			for range 2 {
				w.rt.domain.Elapsed(w.rt.domain.Stamp())
			}
		})
		s.Thread("reader", func() { d.read(reader, f, 1) })
		return func() {
			l.giveBack()
			reader.giveBack()
			for range graceTries {
				w.rt.Collect()
			}
			explore.Assert(d.drops[1] == 1, "dropped %v", d.drops)
		}
	})
}

// TestExploreEndOfLifeBehindAStoreBuffer: the life has ended for everybody before the stamp is taken (U2). Who moves the
// epoch past the stamp, and pins then, doesn't find the entry.
func TestExploreEndOfLifeBehindAStoreBuffer(t *testing.T) {
	searchBuffered(t, 1, forReaders, func(s *explore.Scenario, w *world) func() {
		d := newWithData(w)
		l := w.rt.newLocal()
		i := d.with(l, 1)
		reader := w.rt.newLocal()
		assertOneOf("Pin", reader.Pin(), nil)
		reader.Unpin()
		var finished atomicx.Bool
		s.Thread("finisher", func() {
			assertOneOf("Finish", l.Finish(i, nil), nil)
			l.dropDue(1)
			finished.Store(true)
		})
		s.Thread("reader", func() {
			for range 2 {
				w.rt.domain.Elapsed(w.rt.domain.Stamp())
			}
			assertOneOf("Pin", reader.Pin(), nil)
			p, ok := d.table.Get(reader, i.Fence())
			for !finished.Load() {
				pause()
			}
			if ok {
				explore.Assert(p.value.Get() == 1, "a pinned reader has %d", p.value.Get())
			}
			reader.Unpin()
		})
		return func() {
			l.giveBack()
			reader.giveBack()
			for range graceTries {
				w.rt.Collect()
			}
			explore.Assert(d.drops[1] == 1, "dropped %v", d.drops)
		}
	})
}

// TestExploreRetireAgainstCollect: two lives end while a third goroutine sorts and drops: each drop once, no slot lost.
func TestExploreRetireAgainstCollect(t *testing.T) {
	search(t, 2, forReaders, func(s *explore.Scenario, w *world) func() {
		d := newWithData(w)
		a, b, c := w.rt.newLocal(), w.rt.newLocal(), w.rt.newLocal()
		early, late := d.with(a, 1), d.with(a, 2)
		// One is retired and due from the beginning.
		assertOneOf("Finish", a.Finish(early, nil), nil)
		w.rt.domain.Elapsed(w.rt.domain.Stamp())
		w.rt.domain.Elapsed(w.rt.domain.Stamp())
		s.Thread("finisher", func() { assertOneOf("Finish", b.Finish(late, nil), nil) })
		s.Thread("collector", func() { a.dropDue(2) })
		s.Thread("other", func() { c.dropDue(1) })
		return func() {
			for _, l := range []*Local{a, b, c} {
				l.giveBack()
			}
			for range graceTries {
				w.rt.Collect()
			}
			explore.Assert(d.drops[1] == 1 && d.drops[2] == 1, "dropped %v", d.drops)
		}
	})
}

// TestExploreTwoRetire: the stack of the retired under two pushes and one who takes all of it and puts one back.
func TestExploreTwoRetire(t *testing.T) {
	config := forReaders
	config.Fences = 3
	search(t, 2, config, func(s *explore.Scenario, w *world) func() {
		d := newWithData(w)
		l := w.rt.newLocal()
		fresh := d.with(l, 0)
		one, two := d.with(l, 1), d.with(l, 2)
		assertOneOf("Finish", l.Finish(fresh, nil), nil) // not yet over: put back
		for k, i := range []Issuer{one, two} {
			s.Thread([]string{"one", "two"}[k], w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, nil), nil) }))
		}
		s.Thread("sorter", func() { w.rt.userData.Load().sort(w.rt) })
		return func() {
			l.giveBack()
			for range graceTries {
				w.rt.Collect()
			}
			explore.Assert(d.drops[0] == 1 && d.drops[1] == 1 && d.drops[2] == 1, "dropped %v", d.drops)
		}
	})
}

// TestExploreSortAgainstRetireAgain: while one sorts, another takes all, and one of the slots lives and is retired again.
// Who takes one slot at a time finds it on top again, and makes the other one, which is free by now, the next: so all are
// taken.
func TestExploreSortAgainstRetireAgain(t *testing.T) {
	search(t, 2, forReaders, func(s *explore.Scenario, w *world) func() {
		d := newWithData(w)
		l, other := w.rt.newLocal(), w.rt.newLocal()
		one, two := d.with(l, 1), d.with(l, 2)
		assertOneOf("Finish", l.Finish(one, nil), nil)
		assertOneOf("Finish", l.Finish(two, nil), nil)
		l.giveBack()
		for range 2 {
			w.rt.domain.Elapsed(w.rt.domain.Stamp())
		}
		var again, kept Issuer
		s.Thread("sorter", func() { w.rt.userData.Load().sort(w.rt) })
		s.Thread("other", func() {
			if other.dropDue(2) < 2 {
				return
			}
			again, kept = d.with(other, 3), d.with(other, 3)
			if again.fence.word != two.fence.word {
				again, kept = kept, again
			}
			assertOneOf("Finish", other.Finish(again, nil), nil)
		})
		return func() {
			if kept != (Issuer{}) {
				explore.Assert(d.drops[3] == 0 && d.table.At(kept).value.Get() == 3, "a fence in use was dropped")
				assertOneOf("Finish", other.Finish(kept, nil), nil)
			}
			other.giveBack()
			for range graceTries {
				w.rt.Collect()
			}
			explore.Assert(d.drops[1] == 1 && d.drops[2] == 1 && d.drops[3]%2 == 0, "dropped %v", d.drops)
		}
	})
}
