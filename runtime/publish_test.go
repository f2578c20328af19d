package fencert

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

func TestPublish(t *testing.T) {
	x := newFixture(t, Config{Fences: 2, Errors: 2})
	table := errors.New("from the table")
	i, other := x.arm(), x.arm()
	n, err := x.rt.Publish("frame", i.Fence())
	x.want("Publish", err, nil)
	_, err = x.rt.Publish("frame", other.Fence())
	x.want("Publish under the same name", err, ErrPublished)
	again, err := x.rt.Publish("alias", i.Fence())
	x.want("Publish of the same fence", err, nil)
	bare, err := x.rt.Publish("", i.Fence())
	x.want("Publish without a name", err, nil)
	if n == 0 || again <= n || bare <= again {
		t.Errorf("numbers %d, %d, %d", n, again, bare)
	}
	x.want("Finish", x.l.Finish(other, nil), nil)
	x.want("what was refused is not held", other.Fence().Err(), ErrStale)
	x.want("Finish", x.l.Finish(i, table), nil)
	found := func(f Fence, err error) {
		t.Helper()
		x.want("lookup", err, nil)
		if f != i.Fence() || f.Err() != table {
			t.Errorf("found another fence, or with the result %v", f.Err())
		}
	}
	found(x.rt.Lookup("frame"))
	found(x.rt.Lookup("alias"))
	for _, k := range []uint64{n, again, bare} {
		found(x.rt.LookupNumber(k))
	}
	x.want("Unpublish", x.rt.Unpublish("frame"), nil)
	x.want("Unpublish twice", x.rt.Unpublish("frame"), ErrNotFound)
	x.want("UnpublishNumber after it", x.rt.UnpublishNumber(n), ErrNotFound)
	_, err = x.rt.LookupNumber(n)
	x.want("LookupNumber after it", err, ErrNotFound)
	found(x.rt.Lookup("alias"))
	x.want("UnpublishNumber", x.rt.UnpublishNumber(again), nil)
	_, err = x.rt.Lookup("alias")
	x.want("Lookup after UnpublishNumber", err, ErrNotFound)
	found(x.rt.LookupNumber(bare))
	for _, name := range []string{"", "never"} {
		_, err = x.rt.Lookup(name)
		x.want("Lookup", err, ErrNotFound)
		x.want("Unpublish", x.rt.Unpublish(name), ErrNotFound)
	}
	_, err = x.rt.LookupNumber(0)
	x.want("LookupNumber", err, ErrNotFound)
	x.want("UnpublishNumber", x.rt.UnpublishNumber(bare), nil)
	x.want("the last one gone", i.Fence().Err(), ErrStale)
	_, err = x.rt.Publish("frame", i.Fence())
	x.want("Publish of a stale fence", err, ErrStale)
	_, err = x.rt.Publish("frame", Fence{})
	x.want("Publish of the zero Fence", err, ErrStale)
	next := x.arm()
	reused, err := x.rt.Publish("frame", next.Fence())
	x.want("Publish under a free name", err, nil)
	if reused <= bare {
		t.Errorf("number %d came again", reused)
	}
	x.want("Unpublish", x.rt.Unpublish("frame"), nil)
	x.want("Finish", x.l.Finish(next, nil), nil)
	if x.rt.published.byName.Size() != 0 || x.rt.published.byNumber.Size() != 0 {
		t.Error("entries stay behind")
	}
}

func TestPublishForeign(t *testing.T) {
	x, y := newFixture(t, small), newFixture(t, small)
	i := y.arm()
	_, err := x.rt.Publish("name", i.Fence())
	x.want("Publish", err, ErrForeign)
	x.want("Finish", y.l.Finish(i, nil), nil)
	x.want("not held", i.Fence().Err(), ErrStale)
}

// TestPublishedAtClose: Close releases what is published, so that its error leaves the table.
func TestPublishedAtClose(t *testing.T) {
	x := newFixture(t, small)
	i, pending := x.arm(), x.arm()
	must(x.rt.Publish("finished", i.Fence()))
	n := must(x.rt.Publish("", pending.Fence()))
	x.want("Finish", x.l.Finish(i, errors.New("from the table")), nil)
	x.want("Close", x.rt.Close(), ErrLeaked)
	x.want("Finish", x.l.Drop(pending), nil)
	for k := range x.rt.results.errors {
		if err := x.rt.results.errors[k].Get(); err != nil {
			t.Errorf("the table of errors keeps %v", err)
		}
	}
	_, err := x.rt.Lookup("finished")
	x.want("Lookup", err, ErrNotFound)
	_, err = x.rt.LookupNumber(n)
	x.want("LookupNumber", err, ErrNotFound)
	_, err = x.rt.Publish("late", Stub())
	x.want("Publish", err, ErrClosed)
	x.want("Unpublish", x.rt.Unpublish("finished"), ErrNotFound)
}

// TestHalfPublished stops Publish and Unpublish in the middle, where the explorer, which yields at atomics alone, doesn't.
func TestHalfPublished(t *testing.T) {
	x := newFixture(t, small)
	r := &x.rt.published
	i := x.arm()
	e := &entry{name: "name", number: 1000, hold: must(x.rt.Hold(i.Fence()))}
	if !r.enterName(e) {
		t.Fatal("the name is taken")
	}
	x.want("Unpublish before there is a number", x.rt.Unpublish("name"), nil)
	r.enterNumber(e)
	_, err := x.rt.LookupNumber(1000)
	x.want("LookupNumber", err, ErrNotFound)
	if r.byNumber.Size() != 0 {
		t.Error("the number stays behind")
	}

	old := &entry{name: "name", number: 1001, hold: must(x.rt.Hold(i.Fence()))}
	r.enterName(old)
	r.enterNumber(old)
	old.gone.Store(true) // the first step of remove
	_, err = x.rt.Lookup("name")
	x.want("Lookup of what is being removed", err, ErrNotFound)
	_, err = x.rt.LookupNumber(1001)
	x.want("LookupNumber of what is being removed", err, ErrNotFound)
	n, err := x.rt.Publish("name", i.Fence())
	x.want("Publish in its place", err, nil)
	r.forget(old) // the rest of remove
	r.byNumber.Delete(old.number)
	x.want("Release", x.l.Release(old.hold), nil)
	f, err := x.rt.Lookup("name")
	if err != nil || f != i.Fence() {
		t.Errorf("the newer one was removed with it: %v", err)
	}
	x.want("UnpublishNumber", x.rt.UnpublishNumber(n), nil)
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("still held", i.Fence().Err(), ErrStale)
}

// TestPublishRace has several publish, look up and take back under few names: what is found under a name was published
// under it, each fence is held while it is published, and nothing stays behind.
func TestPublishRace(t *testing.T) {
	x := newFixture(t, Config{}) // the magazines of Locals and stripes keep some thousand fences
	var wg sync.WaitGroup
	var published, removed, seen atomic.Int64
	for g := range 4 {
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for k := range scaled(20_000) {
				name := fmt.Sprint(k % 3)
				i := must(l.NewFence(x.c))
				if n, err := x.rt.Publish(name, i.Fence()); err == nil {
					published.Add(1)
					if f, err := x.rt.LookupNumber(n); err == nil && f != i.Fence() {
						t.Error("a number leads to another fence")
					}
				} else if err != ErrPublished {
					t.Errorf("Publish: %v", err)
				}
				if f, err := x.rt.Lookup(name); err == nil {
					if h, err := l.Hold(f); err == nil {
						seen.Add(1)
						if err := h.Err(); err != nil && err != ErrPending {
							t.Errorf("result %v", err)
						}
						_ = l.Release(h)
					}
				}
				_ = l.Finish(i, nil)
				if k%2 == g%2 && x.rt.Unpublish(name) == nil {
					removed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	for _, name := range []string{"0", "1", "2"} {
		if x.rt.Unpublish(name) == nil {
			removed.Add(1)
		}
	}
	if published.Load() != removed.Load() || published.Load() == 0 || seen.Load() == 0 {
		t.Errorf("%d published, %d taken back, %d seen", published.Load(), removed.Load(), seen.Load())
	}
	if a, b := x.rt.published.byName.Size(), x.rt.published.byNumber.Size(); a != 0 || b != 0 {
		t.Errorf("%d names and %d numbers stay behind", a, b)
	}
}
