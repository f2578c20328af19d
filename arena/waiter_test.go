package arena

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// emptied returns an arena of which one Owner has all slots.
func emptied(t testing.TB, slots int) (*Arena, *Owner, []Ref) {
	t.Helper()
	a := mustNew(t, slots)
	o := a.NewOwner()
	return a, o, take(t, o)
}

// TestWaitersAreServedInOrder, by whoever gives slots, one each; and a Reserve doesn't get ahead of them.
func TestWaitersAreServedInOrder(t *testing.T) {
	a, o, refs := emptied(t, 3)
	var queue []*Waiter
	for range 5 {
		queue = append(queue, a.Join())
	}
	for k, w := range queue {
		if a.Waiters() != 5-k {
			t.Fatalf("%d wait, want %d", a.Waiters(), 5-k)
		}
		end(o, a, refs[k%3])
		if k < 4 {
			if _, err := o.Reserve(); !errors.Is(err, ErrExhausted) {
				t.Fatalf("Reserve while %d wait: %v", 4-k, err)
			}
		}
		r, err := w.Wait(nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Index() != refs[k%3].Index() || r.Generation() != refs[k%3].Generation()+1 {
			t.Fatalf("waiter %d is handed %v, want the life after %v", k, r, refs[k%3])
		}
		refs[k%3] = r
	}
}

// TestGiveEmptiesTheMagazineForWaiters: an Owner that gives one slot while somebody waits hands over all it has.
func TestGiveEmptiesTheMagazineForWaiters(t *testing.T) {
	const slots = 16 * ringSize
	a := mustNew(t, slots)
	o, p := a.NewOwner(), a.NewOwner()
	r, _ := o.Reserve()
	take(t, p)
	var queue []*Waiter
	for range 10 {
		queue = append(queue, a.Join())
	}
	if a.Waiters() != 10 {
		t.Fatalf("%d wait", a.Waiters())
	}
	end(o, a, r)
	for _, w := range queue {
		if _, err := w.Wait(nil); err != nil {
			t.Fatal(err)
		}
	}
	if a.Waiters() != 0 || !a.Scarce() {
		t.Errorf("%d wait, scarce %v", a.Waiters(), a.Scarce())
	}
	if n := len(take(t, p)); n != fullRefill-10 {
		t.Errorf("%d are left, want %d", n, fullRefill-10)
	}
}

func TestLeavingTheQueue(t *testing.T) {
	a, o, refs := emptied(t, 1)
	canceled := make(chan struct{})
	first, second, third := a.Join(), a.Join(), a.Join()
	close(canceled)
	for _, w := range []*Waiter{third, first} {
		if _, err := w.Wait(canceled); !errors.Is(err, ErrCanceled) {
			t.Fatal(err)
		}
	}
	if a.Waiters() != 1 {
		t.Errorf("%d wait, want 1", a.Waiters())
	}
	end(o, a, refs[0])
	r, err := second.Wait(canceled)
	if err != nil {
		t.Fatalf("a slot that was handed over is lost: %v", err)
	}
	end(o, a, r)
	if len(take(t, o)) != 1 {
		t.Error("the slot is lost")
	}
}

// TestLeavingKeepsTheOrder: those who stay are served in the order in which they came.
func TestLeavingKeepsTheOrder(t *testing.T) {
	a, o, refs := emptied(t, 1)
	canceled := make(chan struct{})
	close(canceled)
	var queue []*Waiter
	for range 6 {
		queue = append(queue, a.Join())
	}
	for _, k := range []int{1, 5, 3} { // the last two of them make half of the queue
		if _, err := queue[k].Wait(canceled); !errors.Is(err, ErrCanceled) {
			t.Fatal(err)
		}
	}
	last := a.Join()
	for k, w := range []*Waiter{queue[0], queue[2], queue[4], last} {
		end(o, a, refs[0])
		r, err := w.Wait(canceled)
		if err != nil {
			t.Fatalf("number %d isn't served in its turn: %v", k, err)
		}
		refs[0] = r
	}
}

// TestLeavingForeverGrowsNothing: who has left is unlinked, also when no slot ever comes and somebody stays.
func TestLeavingForeverGrowsNothing(t *testing.T) {
	a, _, _ := emptied(t, 1)
	canceled := make(chan struct{})
	close(canceled)
	stays := a.Join()
	var all []*Waiter
	for k := range 10_000 {
		all = append(all, a.Join())
		if k%10 == 9 {
			for _, w := range all {
				if _, err := w.Wait(canceled); !errors.Is(err, ErrCanceled) {
					t.Fatal(err)
				}
			}
			all = all[:0]
		}
	}
	n := 0
	a.waiting.absorb()
	for w := a.waiting.first.Get(); w != nil; w = w.next.Get() {
		n++
	}
	if n > 3 || n != a.Waiters() {
		t.Errorf("%d are linked, %d counted", n, a.Waiters())
	}
	if _, err := stays.Wait(canceled); !errors.Is(err, ErrCanceled) {
		t.Fatal(err)
	}
	if a.Waiters() != 0 || a.waiting.gone.Load() != 0 {
		t.Errorf("%d wait, %d are gone", a.Waiters(), a.waiting.gone.Load())
	}
}

func TestShutTurnsWaitersAway(t *testing.T) {
	a, _, _ := emptied(t, 1)
	before := a.Join()
	a.Shut()
	after := a.Join()
	for _, w := range []*Waiter{before, after} {
		if _, err := w.Wait(nil); !errors.Is(err, ErrShut) {
			t.Error(err)
		}
	}
}

func TestGrowServesWaiters(t *testing.T) {
	a, err := NewGrowable(1, 3)
	if err != nil {
		t.Fatal(err)
	}
	take(t, a.NewOwner())
	w := a.Join()
	if err := a.Grow(2); err != nil {
		t.Fatal(err)
	}
	if r, err := w.Wait(nil); err != nil || r.Index() != 2 || r.Generation() != FirstGeneration {
		t.Errorf("%v, %v", r, err)
	}
}

// TestStressWaiters conserves slots: many wait, with and without a limit on their patience, all give back what they
// get, some through other Owners, and each life has one owner. It ends only if no wake-up is lost.
func TestStressWaiters(t *testing.T) {
	var served, gaveUp atomic.Uint64
	for _, slots := range []int{1, 3, 300} {
		a := mustNew(t, slots)
		used := make([]int, slots+1) // plain on purpose: two owners are a race
		workers, rounds := 4*runtime.GOMAXPROCS(0), 2000
		if testing.Short() {
			rounds = 300
		}
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				o := a.NewOwner()
				defer o.Close()
				random := rand.New(rand.NewPCG(uint64(w), 1))
				for range rounds {
					r, err := o.Reserve()
					if err != nil {
						var canceled chan struct{}
						if random.IntN(4) == 0 {
							canceled = make(chan struct{})
							if patience := random.IntN(50); patience < 25 {
								close(canceled)
							} else {
								time.AfterFunc(time.Duration(patience)*time.Microsecond, func() { close(canceled) })
							}
						}
						if r, err = a.Join().Wait(canceled); err != nil {
							if !errors.Is(err, ErrCanceled) {
								t.Error(err)
							}
							gaveUp.Add(1)
							continue
						}
						served.Add(1)
					}
					has := []Ref{r}
					for range slots / 2 { // only who has nothing waits
						if r, err := o.Reserve(); err == nil {
							has = append(has, r)
						}
					}
					for _, r := range has {
						used[r.Index()]++
					}
					if slots > 100 || random.IntN(3) == 0 {
						runtime.Gosched()
					}
					for _, r := range has {
						end(o, a, r)
					}
				}
			})
		}
		wg.Wait()
		if a.Waiters() != 0 || a.waiting.gone.Load() != 0 || a.waiting.turn.Load() != resting {
			t.Errorf("%d wait, %d are gone, turn %d", a.Waiters(), a.waiting.gone.Load(), a.waiting.turn.Load())
		}
		if n := len(take(t, a.NewOwner())); n != slots {
			t.Errorf("%d of %d slots are left", n, slots)
		}
	}
	if served.Load() == 0 || gaveUp.Load() == 0 {
		t.Errorf("%d were served, %d gave up", served.Load(), gaveUp.Load())
	}
}

// TestStressLastWaiterIsServed: one goroutine reserves in turn and waits, another gives what it is passed and keeps
// nothing of it while somebody waits. A lost wake-up would stop both.
func TestStressLastWaiterIsServed(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	const slots = 32 // magazines of 2
	a := mustNew(t, slots)
	pass := make(chan Ref, slots)
	go func() {
		defer close(pass)
		for range rounds {
			r, err := a.Join().Wait(nil)
			if err != nil {
				t.Error(err)
				return
			}
			pass <- r
		}
	}()
	o := a.NewOwner()
	n := 0
	for r := range pass {
		end(o, a, r)
		n++
	}
	o.Close()
	if got := len(take(t, o)); n != rounds || got != slots {
		t.Errorf("%d of %d lives, %d slots are left", n, rounds, got)
	}
}
