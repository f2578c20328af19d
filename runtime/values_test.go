package fencert

import (
	"sync"
	"testing"

	"github.com/puzpuzpuz/xsync/v3"
)

// A valued is all handles of one fence.
type valued struct {
	fence  Fence
	issuer Issuer
	ref    Ref
	packed IssuerRef
	ticket Ticket
	hold   Hold
}

func (x *fixture) valued() valued {
	i := x.arm()
	return valued{i.Fence(), i, i.Fence().Ref(), i.Ref(), x.add(i.Fence(), 0), must(x.l.Hold(i.Fence()))}
}

// end ends the fence by handles that have gone through a container.
func (x *fixture) end(v valued) {
	x.Helper()
	if v.issuer.Fence() != v.fence || x.rt.Fence(v.ref) != v.fence || x.rt.Issuer(v.packed) != v.issuer || v.hold.Fence() != v.fence {
		x.Error("the handles are of different fences")
	}
	if !x.l.Cancel(v.ticket) {
		x.Error("the ticket is not this fence's")
	}
	x.want("Release", x.l.Release(v.hold), nil)
	x.want("Finish", x.l.Finish(x.rt.Issuer(v.packed), nil), nil)
	x.want("Err", v.fence.Err(), ErrStale)
}

// TestHandlesAreValues: every handle is comparable, a key of any map, and comes out of containers as it went in. Equal are
// those of the same fence, and of the same life only.
func TestHandlesAreValues(t *testing.T) {
	const n = 8
	x := newFixture(t, Config{Fences: n, Callbacks: 128})
	seen := map[any]int{}
	for life := range 3 {
		var all [n]valued
		var std sync.Map
		byFence, byRef := xsync.NewMapOf[Fence, int](), xsync.NewMapOf[Ref, int]()
		byIssuer, byTicket := xsync.NewMapOf[Issuer, int](), map[Ticket]int{}
		byHold, byPacked := map[Hold]int{}, map[IssuerRef]int{}
		pipe := make(chan valued, n)
		for k := range all {
			v := x.valued()
			all[k] = v
			for _, key := range []any{v.fence, v.issuer, v.ref, v.packed, v.ticket, v.hold} {
				if old, ok := seen[key]; ok {
					t.Errorf("%T of life %d equals that of %d", key, life, old)
				}
				seen[key] = life
			}
			std.Store(v.fence, k)
			byFence.Store(v.fence, k)
			byRef.Store(v.ref, k)
			byIssuer.Store(v.issuer, k)
			byTicket[v.ticket], byHold[v.hold], byPacked[v.packed] = k, k, k
			pipe <- v
		}
		close(pipe)
		k := 0
		for v := range pipe {
			if v != all[k] {
				t.Errorf("a channel has changed %v", k)
			}
			at, _ := std.Load(v.fence)
			f, _ := byFence.Load(x.rt.Fence(v.ref))
			r, _ := byRef.Load(v.fence.Ref())
			i, _ := byIssuer.Load(x.rt.Issuer(v.packed))
			for what, got := range map[string]any{
				"sync.Map": at, "Fence": f, "Ref": r, "Issuer": i, "Ticket": byTicket[v.ticket], "Hold": byHold[v.hold],
				"IssuerRef": byPacked[v.packed],
			} {
				if got != k {
					t.Errorf("%s: %v, want %d", what, got, k)
				}
			}
			x.end(v)
			k++
		}
	}
	if len(seen) != 6*3*n {
		t.Errorf("%d different handles", len(seen))
	}
}

// TestHandlesCrossGoroutines: one arms, one adds and holds, one signals; what goes between them are values in channels.
func TestHandlesCrossGoroutines(t *testing.T) {
	x := newFixture(t, Config{Fences: 4096})
	n := scaled(20_000)
	armed, watched, done := make(chan Issuer, 16), make(chan IssuerRef, 16), make(chan Hold, 16)
	results := map[Fence]error{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range n {
			armed <- must(x.rt.NewFence(x.c))
		}
		close(armed)
	})
	wg.Go(func() {
		l := x.rt.Local()
		defer l.Close()
		for i := range armed {
			done <- must(l.Hold(i.Fence()))
			watched <- i.Ref()
		}
		close(watched)
		close(done)
	})
	wg.Go(func() {
		for r := range watched {
			i := x.rt.Issuer(r)
			seqno := must(i.Fence().Seqno())
			if err := x.rt.Finish(i, errno(int(seqno%100)+1)); err != nil {
				t.Errorf("Finish: %v", err)
			}
		}
	})
	for h := range done {
		_ = h.Fence().Wait(t.Context())
		seqno := must(h.Fence().Seqno())
		if h.Err() != errno(int(seqno%100)+1) {
			t.Errorf("fence %d: %v", seqno, h.Err())
		}
		results[h.Fence()] = h.Err()
		x.want("Release", x.rt.Release(h), nil)
	}
	wg.Wait()
	if len(results) != n {
		t.Errorf("%d results of %d fences", len(results), n)
	}
}
