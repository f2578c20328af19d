package wheel

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

// points is what Next gives until it ends.
func points(w *Wheel, o *Owner) (got []uint64) {
	for {
		c, ok := o.Next(w)
		if !ok {
			return got
		}
		got = append(got, c.Point)
	}
}

// advanced is what Advance delivers.
func advanced(w *Wheel, o *Owner, n uint64) []uint64 {
	if _, due := o.Advance(w, n); due {
		return points(w, o)
	}
	return nil
}

func mustAdd(t *testing.T, w *Wheel, o *Owner, point, arg uint64) Ticket {
	t.Helper()
	x, err := o.Add(w, point, 7, arg)
	if err != nil {
		t.Fatalf("add %d: %v", point, err)
	}
	return x
}

func TestInOrder(t *testing.T) {
	w, o := newOwned(t, 100)
	for _, p := range []uint64{70, 3, 4096, 5, 1, 64, MaxPoint, 1 << 40, 5} {
		mustAdd(t, w, o, p, p)
	}
	for _, c := range []struct {
		to   uint64
		want []uint64
	}{
		{2, []uint64{1}}, {2, nil}, {1, nil}, {64, []uint64{3, 5, 5, 64}}, {69, nil}, {70, []uint64{70}},
		{4095, nil}, {1 << 40, []uint64{4096, 1 << 40}}, {MaxPoint - 1, nil}, {MaxPoint, []uint64{MaxPoint}},
	} {
		if got := advanced(w, o, c.to); !slices.Equal(got, c.want) {
			t.Errorf("advance to %d: %v, want %v", c.to, got, c.want)
		}
	}
	if n := o.Pending(w); n != 0 {
		t.Errorf("%d pending", n)
	}
}

func TestErrors(t *testing.T) {
	w, o := newOwned(t, 2)
	if _, err := o.Add(w, MaxPoint+1, 0, 0); !errors.Is(err, ErrRange) {
		t.Error(err)
	}
	if _, err := o.Add(w, 1, MaxHandler+1, 0); !errors.Is(err, ErrRange) {
		t.Error(err)
	}
	if err := o.AddMany(w, []uint64{1, 2}, 0, []uint64{1}, nil); !errors.Is(err, ErrRange) {
		t.Error(err)
	}
	if moved, due := o.Advance(w, MaxPoint+1); moved || due {
		t.Error("advanced above MaxPoint")
	}
	if _, err := o.Add(w, 0, 0, 0); !errors.Is(err, ErrSignaled) {
		t.Error(err)
	}
	o.Advance(w, 5)
	if _, err := o.Add(w, 5, 0, 0); !errors.Is(err, ErrSignaled) {
		t.Error(err)
	}
	mustAdd(t, w, o, 6, 0)
	if err := o.AddMany(w, []uint64{6, 7}, 0, []uint64{0, 0}, nil); !errors.Is(err, ErrExhausted) {
		t.Error(err)
	}
	x := mustAdd(t, w, o, 7, 0)
	if _, err := o.Add(w, 8, 0, 0); !errors.Is(err, ErrExhausted) {
		t.Error(err)
	}
	if !o.Cancel(w, x) || o.Cancel(w, x) || o.Cancel(w, 0) || o.Cancel(w, ^Ticket(0)) {
		t.Error("Cancel")
	}
	if got := advanced(w, o, 9); !slices.Equal(got, []uint64{6}) {
		t.Errorf("%v", got)
	}
	tickets := make([]Ticket, 2)
	if err := o.AddMany(w, []uint64{12, 11}, 3, []uint64{1, 2}, func(k int, t Ticket) { tickets[k] = t }); err != nil {
		t.Error("both nodes are free again: ", err)
	}
	if !o.Cancel(w, tickets[0]) {
		t.Error("the first of many")
	}
	if got := advanced(w, o, 20); !slices.Equal(got, []uint64{11}) {
		t.Errorf("%v", got)
	}
	if _, err := NewPool(0, nil); !errors.Is(err, ErrSize) {
		t.Error(err)
	}
	if err := o.Reserve(3); !errors.Is(err, ErrExhausted) {
		t.Error(err)
	}
	if err := o.Reserve(2); err != nil || o.Stock() != 2 {
		t.Error(err, o.Stock())
	}
}

func TestClose(t *testing.T) {
	w, o := newOwned(t, 100)
	o.Advance(w, 5)
	for _, p := range []uint64{MaxPoint, 9, 6} {
		mustAdd(t, w, o, p, p)
	}
	if ok, _ := o.CloseWheel(w, 0); ok || w.Closed() {
		t.Error("closed with no code")
	}
	ok, due := o.CloseWheel(w, 3)
	if got := points(w, o); !ok || !due || !slices.Equal(got, []uint64{6, 9, MaxPoint}) {
		t.Errorf("%v %v %v", ok, due, got)
	}
	if ok, due := o.CloseWheel(w, 4); ok || due {
		t.Error("closed twice")
	}
	if moved, _ := o.Advance(w, 100); moved || w.Value() != 5 {
		t.Error("advanced after Close")
	}
	if s, code := w.Status(5); !s || code != 0 {
		t.Error("reached:", s, code)
	}
	if s, code := w.Status(6); !s || code != 3 {
		t.Error("beyond:", s, code)
	}
	if _, err := o.Add(w, 7, 0, 0); !errors.Is(err, ErrSignaled) {
		t.Error(err)
	}
}

// TestCallbacksThatDoNotReturn: panics, an exit of the goroutine and nested calls leave the wheel whole.
func TestCallbacksThatDoNotReturn(t *testing.T) {
	w, o := newOwned(t, 100)
	for p := uint64(1); p <= 4; p++ {
		mustAdd(t, w, o, p, p)
	}
	var got []uint64
	var run func()
	run = func() {
		defer func() {
			if recover(); len(got) < 6 {
				run()
			}
		}()
		for {
			c, ok := o.Next(w)
			if !ok {
				return
			}
			got = append(got, c.Point)
			switch c.Point {
			case 1, 4:
				panic("callback")
			case 2:
				runtime.Goexit()
			case 3:
				mustAdd(t, w, o, 10, 0)
				mustAdd(t, w, o, 9, 0)
				if moved, due := o.Advance(w, 12); !moved || due {
					t.Error("nested:", moved, due)
				}
				if !errors.Is(o.Flush(w), ErrDelivering) {
					t.Error("Flush inside a callback")
				}
			}
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, due := o.Advance(w, 4); due {
			run()
		}
	}()
	<-done
	if !slices.Equal(got, []uint64{1, 2, 3, 4, 9, 10}) {
		t.Errorf("%v", got)
	}
}

func TestFinished(t *testing.T) {
	w, o := newOwned(t, 100)
	x, y := mustAdd(t, w, o, 1, 0), mustAdd(t, w, o, 2, 0)
	if w.pool.Finished(x) || !w.pool.Finished(0) {
		t.Error("before")
	}
	o.Cancel(w, y)
	if !w.pool.Finished(y) {
		t.Error("canceled")
	}
	o.Advance(w, 1)
	o.Next(w)
	if w.pool.Finished(x) || o.Cancel(w, x) {
		t.Error("while it runs")
	}
	if o.Next(w); !w.pool.Finished(x) {
		t.Error("after it ran")
	}
	mustAdd(t, w, o, 5, 0)
	mustAdd(t, w, o, 5, 0)
	if !w.pool.Finished(x) || o.Cancel(w, x) {
		t.Error("used again")
	}
	var other Wheel
	other.Init(w.pool, 0)
	if z := mustAdd(t, &other, o, 9, 0); o.Cancel(w, z) || !o.Cancel(&other, z) {
		t.Error("a ticket of another wheel")
	}
}

func TestOldest(t *testing.T) {
	w, o := newOwned(t, 100)
	if _, ok, busy := o.Oldest(w); ok || busy {
		t.Error("an empty wheel")
	}
	x := mustAdd(t, w, o, 700, 0)
	mustAdd(t, w, o, 702, 0)
	mustAdd(t, w, o, 701, 0)
	if p, ok, _ := o.Oldest(w); !ok || p != 700 {
		t.Error(p, ok)
	}
	o.Cancel(w, x)
	if p, ok, _ := o.Oldest(w); !ok || p != 701 {
		t.Error(p, ok)
	}
	if n := o.Pending(w); n != 2 {
		t.Error(n)
	}
	o.Advance(w, 701)
	o.Next(w)
	if _, _, busy := o.Oldest(w); !busy {
		t.Error("it is being delivered")
	}
	var stranger Owner
	stranger.Init(w.pool)
	if _, ok := stranger.Next(w); ok {
		t.Error("Next for who doesn't own the wheel")
	}
	if got := points(w, o); !slices.Equal(got, []uint64(nil)) {
		t.Error(got)
	}
	if _, ok := o.Next(w); ok || o.top != nil {
		t.Error("Next behind the end")
	}
}

// TestSweepKeepsDeadNodesFew adds and cancels for ever while one callback waits.
func TestSweepKeepsDeadNodesFew(t *testing.T) {
	w, o := newOwned(t, 4096)
	mustAdd(t, w, o, 1<<40, 0)
	for k := range uint64(100_000) {
		if !o.Cancel(w, mustAdd(t, w, o, 1000+k%5000, 0)) {
			t.Fatal("not canceled")
		}
	}
}

func TestUsedUpGenerations(t *testing.T) {
	w, o := newOwned(t, 2)
	w.pool.SetLastGeneration(4)
	o.Init(w.pool)
	n := uint64(0)
	for ; ; n++ {
		if _, err := o.Add(w, n+1, 0, 0); err != nil {
			break
		}
		if got := advanced(w, o, n+1); len(got) != 1 {
			t.Fatal(got)
		}
	}
	if n != 2*3 || w.pool.Retired() != 2 {
		t.Errorf("%d uses, %d retired", n, w.pool.Retired())
	}
}

// TestHandOver: what others make due is delivered by the caller up to the budget.
func TestHandOver(t *testing.T) {
	var handed *Wheel
	p, _ := NewPool(100, func(w *Wheel) { handed = w })
	p.budget = 2
	var w Wheel
	var o, other Owner
	w.Init(p, 0)
	o.Init(p)
	other.Init(p)
	for k := uint64(1); k <= 5; k++ {
		mustAdd(t, &w, &o, k, k)
	}
	o.Advance(&w, 1)
	if moved, due := other.Advance(&w, 5); !moved || due {
		t.Error(moved, due)
	}
	m := w.Mark()
	if got := points(&w, &o); !slices.Equal(got, []uint64{1, 2, 3}) || handed != &w || w.Passed(m) {
		t.Errorf("%v %v", got, handed)
	}
	other.Adopt(&w)
	if got := points(&w, &other); !slices.Equal(got, []uint64{4, 5}) || !w.Passed(m) {
		t.Errorf("%v", got)
	}
	if o.top != nil || other.top != nil {
		t.Error("still delivering")
	}
}

func TestNothingAllocates(t *testing.T) {
	w, o := newOwned(t, 1000)
	n := uint64(0)
	if a := testing.AllocsPerRun(1000, func() {
		n += 10
		mustAdd(t, w, o, n, n)
		mustAdd(t, w, o, n-1, n)
		o.Cancel(w, mustAdd(t, w, o, n+5, n))
		if _, due := o.Advance(w, n); due {
			deliver(w, o)
		}
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

func TestLayout(t *testing.T) {
	if s := unsafe.Sizeof(node{}); s != 32 && unsafe.Sizeof(uintptr(0)) == 8 {
		t.Errorf("a node has %d bytes", s)
	}
	var w Wheel
	value, box, owner := unsafe.Offsetof(w.value), unsafe.Offsetof(w.box), unsafe.Offsetof(w.limit)
	if box-value < 128 || owner-box < 128 {
		t.Errorf("value, box and what the owner has lie at %d, %d, %d", value, box, owner)
	}
}

// TestEndOne delivers one by one what another Owner adds: all of it at once, in order, and the nodes come back.
func TestEndOne(t *testing.T) {
	w, o := newOwned(t, 1000)
	var adder Owner
	adder.Init(w.pool)
	point := uint64(0)
	for k := uint64(0); k < 20_000; k++ {
		point += k%130 + 1
		if _, err := adder.Add(w, point, 3, k); err != nil {
			t.Fatal(k, err)
		}
		far, err := adder.Add(w, point+1000*k%9999, 4, k) // some of these wait behind it
		if err != nil {
			t.Fatal(k, err)
		}
		early := k%3 == 0 && adder.Cancel(w, far)
		if !w.Raise(point) || w.Quiet(point) {
			t.Fatal("nothing is due")
		}
		c, one, due := o.KickOne(w, point)
		switch {
		case !due:
			t.Fatal("nothing is due")
		case one:
			if c.Point > point || c.Handler != 3 && c.Handler != 4 || w.Delivered(point) {
				t.Fatal(c)
			}
			if k%7 == 0 && !o.EndOne(w) {
				t.Fatal("it doesn't end")
			}
			deliver(w, o)
		default:
			deliver(w, o)
		}
		if !w.Delivered(point) || o.delivers(w) {
			t.Fatal("it isn't delivered")
		}
		_ = early
	}
	if s := o.Stock() + adder.Stock(); s > 4*int(w.pool.stock)+2*exchange {
		t.Errorf("%d of 1000 nodes are hoarded", s)
	}
}
