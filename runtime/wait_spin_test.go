package fencert

import (
	"context"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// TestSpinnerFollows: looking in vain makes it look less, down to the least; looking that pays makes it look more.
func TestSpinnerFollows(t *testing.T) {
	var s spinner
	s.init()
	if n := s.looks(); n != mostLooks {
		t.Errorf("begins with %d looks, want %d", n, mostLooks)
	}
	for range 100 {
		before := s.guess.Load() >> 8
		s.vain()
		if after := s.guess.Load() >> 8; after > before || after == before && before > s.least || after < s.least {
			t.Fatalf("after looking in vain %d looks, then %d", before, after)
		}
	}
	probes, least := 0, 0
	for range 2 * probeEvery {
		switch n := s.looks(); n {
		case mostLooks:
			probes++
		case leastLooks:
			least++
		}
		s.vain()
	}
	if probes != 2 || least != 2*probeEvery-2 {
		t.Errorf("at the least: %d waits look %d times, %d look %d times", least, leastLooks, probes, mostLooks)
	}
	s.paid(60)
	if n := s.looks(); n != 120 {
		t.Errorf("%d looks after 60 have paid", n)
	}
	if s.paid(3); s.looks() != 120 {
		t.Errorf("%d looks after 3 have paid, too", s.looks())
	}
	if s.paid(mostLooks); s.looks() != mostLooks {
		t.Errorf("%d looks at the most", s.looks())
	}
}

// TestSpinnerKnobsBite: the bounds and the number of processors are what a wait goes by.
func TestSpinnerKnobsBite(t *testing.T) {
	if atomicx.Exploring {
		t.Skip("its pauses have no length")
	}
	x := newFixture(t, small)
	s := &x.rt.waiters.spin
	look := func(most uint32, processors int) (parked bool, took time.Duration) {
		s.least, s.most = most, most
		s.guess.Store(most << 8)
		s.processors = func() int { return processors }
		w := x.rt.waiters.take(0, 1)
		defer w.put()
		start := time.Now()
		return !s.until(w, &ending{ctx: context.Background()}, SpinThenPark), time.Since(start)
	}
	parked, long := look(1<<17, 2)
	if !parked || long < 100*time.Microsecond {
		t.Errorf("131,072 looks in %v, parked %v", long, parked)
	}
	for name, c := range map[string]struct {
		most       uint32
		processors int
	}{"few looks": {1, 2}, "one processor": {1 << 17, 1}} {
		quick := long
		for range 20 {
			_, took := look(c.most, c.processors)
			quick = min(quick, took)
		}
		if quick > long/10 {
			t.Errorf("%s: %v, and 131,072 looks take %v", name, quick, long)
		}
	}
	if g := s.guess.Load(); g != 1<<17<<8 && g != 1<<8 && g&0xff != 1 {
		t.Errorf("guess %#x", g)
	}
}

// TestSpinThenParkLearns: waits that are served late end with few looks; those served at once keep what there is.
func TestSpinThenParkLearns(t *testing.T) {
	if atomicx.Exploring {
		t.Skip("its pauses have no length")
	}
	x := newFixture(t, small)
	s := &x.rt.waiters.spin
	s.processors = func() int { return 2 }
	s.most = 64 // a look takes some 50 ns: some 3 us
	s.guess.Store(s.most << 8)
	for range 40 {
		i := x.arm()
		waited := make(chan error)
		x.listed(i.Fence(), func() { waited <- i.Fence().Wait(context.Background()) })
		time.Sleep(200 * time.Microsecond)
		x.want("Finish", x.l.Finish(i, nil), nil)
		<-waited
	}
	if n := s.guess.Load() >> 8; n != s.least {
		t.Errorf("%d looks after 40 waits that were long", n)
	}
}
