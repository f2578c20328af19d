package fencert

import (
	"context"
	"testing"
)

// TestWaitsEnable: each kind of wait asks the backend once, before it takes anything; a hook that panics leaves nothing taken,
// and one that finds its fence passed ends the wait.
func TestWaitsEnable(t *testing.T) {
	ctx := context.Background()
	waits := map[string]func(Fence){
		"Wait":    func(f Fence) { _ = f.Wait(ctx) },
		"WaitAny": func(f Fence) { _, _ = WaitAny(ctx, twice(f)...) },
		"WaitAll": func(f Fence) { _ = WaitAll(ctx, f, f) },
		"Done":    func(f Fence) { c, _ := f.Done(); <-c },
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t, small)
			calls, panics := 0, true
			c := must(x.rt.NewFenceContext("backed", "waits", WithBackend(Backend{
				EnableSignaling: func(*Local, Fence, uint64) bool {
					calls++
					if panics {
						panic("hook")
					}
					return false
				},
			})))
			for range 2 * small.Callbacks { // what is left taken shows
				panics = true
				i := must(x.l.NewFence(c))
				if v, _ := panicOf(func() { wait(i.Fence()) }); v != "hook" {
					t.Fatalf("the panic of the hook became %v", v)
				}
				x.want("Finish", x.l.Finish(i, nil), nil)
				panics = false
				i = must(x.l.NewFence(c))
				wait(i.Fence())
				if !i.Fence().Signaled() {
					t.Fatal("passed, and not signaled")
				}
				x.want("Drop", x.l.Drop(i), nil)
			}
			if calls != 4*small.Callbacks {
				t.Errorf("%d calls for %d fences", calls, 4*small.Callbacks)
			}
		})
	}
}

// twice is a fence twice: more than one, none of which is signaled before the wait.
func twice(f Fence) []Fence { return []Fence{f, f} }
