package fencert

import (
	"sync"
	"testing"

	"github.com/fencert/fencert/arena"
)

func TestReserveExhausted(t *testing.T) {
	const n = 300 // more than a magazine
	x := newFixture(t, Config{Fences: n})
	for round := range 3 {
		var rooms []Reservation
		for range n {
			rooms = append(rooms, must(x.l.Reserve()))
		}
		for range 3 {
			if _, err := x.l.Reserve(); err != ErrExhausted {
				t.Fatalf("one too many: %v", err)
			}
		}
		x.idle(x.l)
		if round == 1 {
			x.l.Close()
			x.l = x.rt.Local()
		}
		for k, r := range rooms {
			if k%2 == 0 {
				x.want("Finish", x.l.Finish(x.l.Arm(r, x.c), nil), nil)
			} else if !x.l.Unreserve(r) {
				t.Fatal("not returned")
			}
		}
	}
}

func TestUnreserveTwice(t *testing.T) {
	x := newFixture(t, Config{Fences: 1})
	r := must(x.l.Reserve())
	if !x.l.Unreserve(r) || x.l.Unreserve(r) || x.rt.Unreserve(r) {
		t.Error("not returned exactly once")
	}
	next := must(x.l.Reserve())
	if x.l.Unreserve(r) {
		t.Error("returned in the next life")
	}
	i := x.l.Arm(next, x.c)
	if x.l.Unreserve(r) || x.l.Unreserve(next) {
		t.Error("an armed fence was returned")
	}
	if i.Fence().Signaled() {
		t.Error("returned under its issuer")
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	if x.l.Unreserve(next) {
		t.Error("a finished fence was returned")
	}
}

// TestArmTwice covers what was armed, armed and finished, returned, and returned and reserved again.
func TestArmTwice(t *testing.T) {
	x := newFixture(t, Config{Fences: 1})
	armed := func(when string, r Reservation) {
		t.Helper()
		seqno := x.c.LastSeqno()
		if v, _ := panicOf(func() { x.l.Arm(r, x.c) }); v != ErrArmed {
			t.Errorf("%s: Arm answers with %v", when, v)
		}
		if v, _ := panicOf(func() { x.rt.Arm(r, x.c) }); v != ErrArmed {
			t.Errorf("%s: implicit Arm answers with %v", when, v)
		}
		if x.c.LastSeqno() != seqno {
			t.Errorf("%s: a seqno was taken", when)
		}
		x.idle(x.l)
	}
	r := must(x.l.Reserve())
	i := x.l.Arm(r, x.c)
	armed("armed", r)
	if n, err := i.Fence().Seqno(); n != 1 || err != nil || i.Fence().Signaled() {
		t.Errorf("the fence was changed: seqno %d, %v", n, err)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	armed("finished", r)
	returned := must(x.l.Reserve())
	armed("reserved again", r)
	x.l.Unreserve(returned)
	armed("returned", returned)
	last := must(x.l.Reserve())
	armed("returned and reserved again", returned)
	i = x.l.Arm(last, x.c)
	armed("returned and armed again", returned)
	x.want("Finish", x.l.Finish(i, nil), nil)
}

func TestSeqnos(t *testing.T) {
	x := newFixture(t, small)
	other := must(x.rt.NewFenceContext("driver", "other", SingleIssuer()))
	if other.ID() == x.c.ID() || other.Driver() != "driver" || other.Timeline() != "other" || other.LastSeqno() != 0 {
		t.Errorf("context %d %s/%s, last %d", other.ID(), other.Driver(), other.Timeline(), other.LastSeqno())
	}
	for n := uint64(1); n <= 500; n++ {
		for _, c := range []*FenceContext{x.c, other} {
			i := x.l.Arm(must(x.l.Reserve()), c)
			got, err := i.Fence().Seqno()
			if of, _ := i.Fence().Context(); got != n || err != nil || of != c || c.LastSeqno() != n {
				t.Fatalf("seqno %d of %v, last %d, %v, want %d", got, of, c.LastSeqno(), err, n)
			}
			x.want("Finish", x.l.Finish(i, nil), nil)
		}
	}
	r := must(x.l.Reserve())
	x.l.Unreserve(r)
	if x.c.LastSeqno() != 500 {
		t.Error("a reservation took a seqno")
	}
}

// TestSeqnosAreUnique arms in one context from several goroutines, on their own reservations and on handed
// over ones.
func TestSeqnosAreUnique(t *testing.T) {
	const workers = 4
	n := scaled(4000)
	x := newFixture(t, Config{Fences: 4096})
	seen := make([][]uint64, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for range n {
				i := l.Arm(must(l.Reserve()), x.c)
				seqno, err := i.Fence().Seqno()
				if err != nil {
					t.Error(err)
				}
				seen[w] = append(seen[w], seqno)
				if err := l.Finish(i, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	all := make([]bool, workers*n+1)
	for _, s := range seen {
		last := uint64(0)
		for _, k := range s {
			if k <= last || all[k] {
				t.Fatalf("seqno %d after %d, seen %v", k, last, all[k])
			}
			all[k], last = true, k
		}
	}
	if x.c.LastSeqno() != uint64(workers*n) {
		t.Errorf("last is %d", x.c.LastSeqno())
	}
}

// TestGenerationsEnd brings a slot near its last generation: it is retired and never armed again.
func TestGenerationsEnd(t *testing.T) {
	for _, how := range []string{"finish", "hold", "return"} {
		t.Run(how, func(t *testing.T) {
			x := newFixture(t, Config{Fences: 2})
			i := x.arm()
			n := x.rt.index(i.Fence().word)
			x.want("Finish", x.l.Finish(i, nil), nil)
			const lives = 3
			x.l.slots.Close() // the magazine knows the generation, too
			x.rt.arena.Word(n).Store((arena.LastGeneration - lives) << arena.IndexBits)
			lived := 0
			for range 20 {
				r := must(x.l.Reserve())
				if r.ref.Index() == n {
					lived++
				}
				if how == "return" {
					x.l.Unreserve(r)
					continue
				}
				i := x.l.Arm(r, x.c)
				if how == "hold" {
					h := must(x.l.Hold(i.Fence()))
					x.want("Finish", x.l.Finish(i, nil), nil)
					x.want("Release", x.l.Release(h), nil)
				} else {
					x.want("Finish", x.l.Finish(i, nil), nil)
				}
				if !i.Fence().Signaled() || i.Fence().Err() != ErrStale {
					t.Fatal("the last life doesn't end")
				}
			}
			if lived != lives || x.rt.arena.Retired() != 1 {
				t.Errorf("%d more lives, %d retired; want %d and 1", lived, x.rt.arena.Retired(), lives)
			}
		})
	}
}
