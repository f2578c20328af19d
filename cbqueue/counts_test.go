package cbqueue

import (
	"sync"
	"testing"
)

// sumCounts adds up what owners have counted.
func sumCounts(owners ...*Owner) (s Counts) {
	for _, o := range owners {
		c := o.Counts()
		s.Added += c.Added
		s.Run += c.Run
		s.Canceled += c.Canceled
		s.Taken += c.Taken
		s.Put += c.Put
	}
	return s
}

func TestCounts(t *testing.T) {
	p := newPool(t, 400)
	p.SweepOften()
	a, b := newOwner(p), newOwner(p)
	var tickets []Ticket
	l := newList(1)
	for k := range 20 {
		x, err := l.add(a, uint64(k))
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, x)
	}
	args := make([]uint64, 30)
	if err := b.AddMany(&l.word, l.life, 7, args, nil); err != nil {
		t.Fatal(err)
	}
	for k, x := range tickets[:8] {
		if !l.cancel(b, x) || l.cancel(a, x) {
			t.Errorf("ticket %d isn't canceled once", k)
		}
	}
	if all, with, settled := p.Count(&l.word, l.life, 8, 1000); all != 42 || with != 42 || !settled {
		t.Errorf("counted %d, %d, %v, want 42", all, with, settled)
	}
	if all, with, _ := p.Count(&l.word, l.life, 7, 1000); all != 42 || with != 0 {
		t.Errorf("counted %d, %d of another handler", all, with)
	}
	if all, _, _ := p.Count(&l.word, l.life, 8, 10); all != 10 {
		t.Errorf("counted %d, with a limit of 10", all)
	}
	if all, _, settled := p.Count(&l.word, l.life+1<<LifeShift, 8, 10); all != 0 || settled {
		t.Error("counted in another life")
	}
	l.close(a, 1, func(uint64) {})
	if all, _, settled := p.Count(&l.word, l.life, 8, 1000); all != 0 || settled {
		t.Error("counted what is closed")
	}
	want := Counts{Added: 50, Run: 42, Canceled: 8}
	got := sumCounts(a, b)
	if got.Added != want.Added || got.Run != want.Run || got.Canceled != want.Canceled {
		t.Errorf("%+v, want %+v", got, want)
	}
	if out := got.Taken - got.Put; out == 0 || out != uint64(a.Stock()+b.Stock()) {
		t.Errorf("%d nodes are out of the depot, %d in stock", out, a.Stock()+b.Stock())
	}
	one := newList(2) // the fast path of one callback
	_, _ = one.add(a, 1)
	one.close(b, 1, func(uint64) {})
	if got := sumCounts(a, b); got.Run != 43 {
		t.Errorf("run %d, want 43", got.Run)
	}
	a.Close()
	b.Close()
	if got := sumCounts(a, b); got.Taken != got.Put || p.Touched() == 0 || p.Touched() > p.Nodes() {
		t.Errorf("%d nodes taken, %d put, %d of %d touched", got.Taken, got.Put, p.Touched(), p.Nodes())
	}
}

// TestStressCounts counts lists while others add, cancel, sweep and close: whatever a walk finds, it ends; and when all
// is done each callback that was added has run or was canceled.
func TestStressCounts(t *testing.T) {
	rounds := 3000
	if testing.Short() {
		rounds = 500
	}
	const nodes = 2000
	p := newPool(t, nodes)
	p.SweepOften()
	l := newList(1)
	owners := []*Owner{newOwner(p), newOwner(p), newOwner(p)}
	var workers, counter sync.WaitGroup
	stop := make(chan struct{})
	counter.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if all, with, _ := p.Count(&l.word, l.life, 8, nodes); all < with || all > nodes {
				t.Errorf("counted %d, %d", all, with)
			}
		}
	})
	for _, o := range owners {
		workers.Go(func() {
			var tickets []Ticket
			for k := range rounds {
				if x, err := l.add(o, uint64(k)); err == nil {
					tickets = append(tickets, x)
				}
				if len(tickets) > 20 {
					l.cancel(o, tickets[k%len(tickets)])
					tickets = tickets[1:]
				}
			}
			for _, x := range tickets[len(tickets)/2:] {
				l.cancel(o, x)
			}
		})
	}
	workers.Wait()
	close(stop)
	counter.Wait()
	before := sumCounts(owners...)
	if all, _, settled := p.Count(&l.word, l.life, 8, nodes); uint64(all) != before.Added-before.Canceled || !settled {
		t.Errorf("counted %d (settled %v), added %d, canceled %d", all, settled, before.Added, before.Canceled)
	}
	ran := uint64(0)
	l.close(owners[0], 1, func(uint64) { ran++ })
	if c := sumCounts(owners...); c.Run != ran || c.Added != c.Run+c.Canceled || c.Canceled == 0 || ran == 0 {
		t.Errorf("%+v, ran %d", c, ran)
	}
}
