package fencert

import (
	"errors"
	"sync"
	"testing"
)

func TestGrow(t *testing.T) {
	x := newFixture(t, Config{Fences: 10, GrowTo: 300, Callbacks: 4, GrowCallbacksTo: 50})
	var issuers []Issuer
	for range 10 {
		issuers = append(issuers, x.arm())
	}
	ticket := x.add(issuers[0].Fence(), 1)
	for range 3 {
		x.add(issuers[1].Fence(), 2)
	}
	_, err := x.l.Reserve()
	x.want("Reserve", err, ErrExhausted)
	_, err = x.l.OnSignal(issuers[2].Fence(), x.note, 2)
	x.want("OnSignal", err, ErrExhausted)
	for _, bad := range []int{-1, 0, 301} {
		x.want("Grow", x.rt.Grow(bad), ErrConfig)
	}
	x.want("GrowCallbacks", x.rt.GrowCallbacks(51), ErrConfig)

	x.want("Grow", x.rt.Grow(300), nil)
	x.want("Grow to less", x.rt.Grow(20), nil)
	x.want("GrowCallbacks", x.rt.GrowCallbacks(50), nil)
	if x.rt.Fences() != 300 || x.rt.Callbacks() != 50 || x.rt.Config().Fences != 10 {
		t.Errorf("%d fences, %d callbacks", x.rt.Fences(), x.rt.Callbacks())
	}
	for len(issuers) < 300 {
		issuers = append(issuers, x.arm())
	}
	_, err = x.l.Reserve()
	x.want("Reserve", err, ErrExhausted)
	for range 46 {
		x.add(issuers[299].Fence(), 3)
	}
	for k, i := range issuers {
		f := i.Fence()
		if f.Signaled() || x.rt.Fence(f.Ref()) != f {
			t.Fatalf("fence %d: signaled %v", k, f.Signaled())
		}
		if seqno, err := f.Seqno(); err != nil || seqno != uint64(k+1) {
			t.Fatalf("fence %d has seqno %d, %v", k, seqno, err)
		}
	}
	if !x.l.Cancel(ticket) {
		t.Error("a ticket from before doesn't cancel")
	}
	err = x.rt.Close()
	var leaks *LeakError
	if !errors.As(err, &leaks) || leaks.Leaks[0].Pending != 300 {
		t.Errorf("Close: %v", err)
	}
	if len(x.ran) != 3+46 {
		t.Errorf("%d callbacks have run", len(x.ran))
	}
	for k, i := range issuers {
		if i.Fence().Err() != ErrCanceled {
			t.Errorf("fence %d: %v", k, i.Fence().Err())
		}
	}
	x.want("Grow after Close", x.rt.Grow(300), ErrClosed)
	x.want("GrowCallbacks after Close", x.rt.GrowCallbacks(50), ErrClosed)
}

func TestGrowConfig(t *testing.T) {
	for _, c := range []Config{
		{Fences: 10, GrowTo: 9}, {GrowTo: 100}, {GrowTo: MaxFences + 1}, {GrowTo: -1},
		{Callbacks: 10, GrowCallbacksTo: 9}, {GrowCallbacksTo: -1}, {GrowCallbacksTo: MaxCallbacks + 1},
	} {
		if rt, err := New(c); rt != nil || !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	x := newFixture(t, small)
	x.want("Grow without GrowTo", x.rt.Grow(small.Fences+1), ErrConfig)
	x.want("Grow to what there is", x.rt.Grow(small.Fences), nil)
}

// TestStressGrow grows while others reserve all they can: each fence has one owner, and all of them come.
func TestStressGrow(t *testing.T) {
	const most = 4096
	for range scaled(20) {
		x := newFixture(t, Config{Fences: 1, GrowTo: most})
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[Ref]bool{}
		for range 4 {
			wg.Go(func() {
				l := x.rt.Local()
				defer l.Close()
				var all []Reservation
				for {
					r, err := l.Reserve()
					if err != nil {
						if x.rt.Fences() == most {
							break
						}
						continue
					}
					all = append(all, r)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, r := range all {
					if seen[r.ref] {
						t.Errorf("%x has two owners", uint64(r.ref))
					}
					seen[r.ref] = true
					l.Unreserve(r)
				}
			})
		}
		wg.Go(func() {
			for n := 1; n < most; n += n/3 + 1 {
				x.want("Grow", x.rt.Grow(n), nil)
			}
			x.want("Grow", x.rt.Grow(most), nil)
		})
		wg.Wait()
		x.rt.config.Fences = most // what settled expects
	}
}
