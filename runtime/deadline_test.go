package fencert

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// tellNoted is the fixture's SetDeadline.
func tellNoted(x *backed, see func(Fence, uint64) uint64) func(Fence, uint64, time.Time) {
	return func(f Fence, seqno uint64, t time.Time) {
		see(f, seqno)
		x.deadlines = append(x.deadlines, int64(t.Sub(x.rt.start)/time.Second))
		if x.onTell != nil {
			x.onTell(f)
		}
	}
}

// in is so many seconds after New.
func (x *backed) in(seconds int) time.Time {
	return x.rt.start.Add(time.Duration(seconds) * time.Second)
}

func (x *backed) wantTold(want ...int64) {
	x.Helper()
	if !slices.Equal(x.deadlines, want) {
		x.Errorf("told of %v, want %v", x.deadlines, want)
	}
}

// TestSoonestDeadlineWins: a later deadline is not passed on, an earlier one is; each life begins anew.
func TestSoonestDeadlineWins(t *testing.T) {
	x := newBacked(t, Config{Fences: 1, Callbacks: 4})
	for range 3 {
		x.deadlines = nil
		i := x.arm()
		f := i.Fence()
		for _, s := range []int{10, 20, 10, 5, 7} {
			x.want("SetDeadline", x.l.SetDeadline(f, x.in(s)), nil)
		}
		x.want("SetDeadline", x.rt.SetDeadline(f, x.in(-3)), nil) // long over: as soon as possible
		x.want("SetDeadline", x.rt.SetDeadline(f, x.in(-2)), nil)
		x.wantTold(10, 5, -3)
		if len(x.enabled) != 0 || f.Signaled() {
			t.Error("a hint has an effect")
		}
		x.want("Signal", x.l.Signal(i, nil), nil)
		x.want("SetDeadline of a signaled fence", x.l.SetDeadline(f, x.in(-9)), ErrSignaled)
		x.want("Drop", x.l.Drop(i), nil)
		x.want("SetDeadline of a stale handle", x.l.SetDeadline(f, x.in(-9)), ErrSignaled)
		x.wantTold(10, 5, -3)
	}
}

// TestDeadlineOfAStaleHandle: the slot's next fence isn't told.
func TestDeadlineOfAStaleHandle(t *testing.T) {
	x := newBacked(t, Config{Fences: 1, Callbacks: 4})
	i := x.arm()
	stale := i.Fence()
	x.done(i)
	i = x.arm()
	x.want("SetDeadline", x.l.SetDeadline(stale, x.in(1)), ErrSignaled)
	x.wantTold()
	x.want("SetDeadline", x.l.SetDeadline(i.Fence(), x.in(2)), nil)
	x.wantTold(2)
	x.done(i)
}

// TestDeadlineLimits: times that don't fit are the farthest that do, in their order.
func TestDeadlineLimits(t *testing.T) {
	x := newBacked(t, small)
	i := x.arm()
	far := x.rt.start.Add(math.MaxInt64)
	for _, at := range []time.Time{far, far.Add(-time.Hour), x.rt.start, {}, x.rt.start.Add(math.MinInt64)} {
		x.want("SetDeadline", x.l.SetDeadline(i.Fence(), at), nil)
	}
	const years146 = 1 << 62 / int64(time.Second)
	x.wantTold(years146, 0, -years146)
	x.done(i)
	d := x.rt.deadline(x.in(7))
	if at := x.rt.deadlineTime(d); !at.Equal(x.in(7)) || d&telling != 0 {
		t.Errorf("7 seconds are %v", at)
	}
}

func TestDeadlineErrors(t *testing.T) {
	x, y := newBacked(t, small), newBacked(t, small)
	i := y.arm()
	x.want("another runtime's", x.l.SetDeadline(i.Fence(), x.in(1)), ErrForeign)
	y.done(i)
	x.want("the zero Fence", x.l.SetDeadline(Fence{}, x.in(1)), ErrSignaled)
	for _, o := range [][]ContextOption{nil, {WithBackend(Backend{})}, {Timestamps()}} {
		i := must(x.l.NewFence(must(x.rt.NewFenceContext("driver", "deaf", o...))))
		x.want("a backend that doesn't want to know", x.l.SetDeadline(i.Fence(), x.in(1)), nil)
		x.done(i)
	}
	x.wantTold()
}

// TestDeadlineInTheHook: what is asked for while the backend is being told follows, without nesting, also after a panic.
func TestDeadlineInTheHook(t *testing.T) {
	for _, panics := range []bool{false, true} {
		x := newBacked(t, small)
		i := x.arm()
		inside := 0
		x.onTell = func(f Fence) {
			if inside++; inside > 1 {
				t.Error("told while being told")
			}
			defer func() { inside-- }()
			if n := len(x.deadlines); n < 4 {
				x.want("SetDeadline in the hook", x.rt.SetDeadline(f, x.in(10-n)), nil)
				x.want("later", x.rt.SetDeadline(f, x.in(20)), nil)
			}
			if panics && len(x.deadlines) != 2 {
				panic(len(x.deadlines))
			}
		}
		v, _ := panicOf(func() { x.want("SetDeadline", x.l.SetDeadline(i.Fence(), x.in(10)), nil) })
		if (v != nil) != panics {
			t.Errorf("goes on as %v", v)
		}
		x.wantTold(10, 9, 8, 7)
		x.onTell = func(f Fence) {
			x.want("sooner, in the hook", x.rt.SetDeadline(f, x.in(-1)), nil) // not passed on: it is signaled then
			x.want("Finish in the hook", x.rt.Finish(i, nil), nil)
		}
		x.want("SetDeadline", x.l.SetDeadline(i.Fence(), x.in(1)), nil)
		x.want("SetDeadline", x.l.SetDeadline(i.Fence(), x.in(0)), ErrSignaled)
		x.wantTold(10, 9, 8, 7, 1)
	}
}

// TestDeadlineAgainstSignal sets deadlines from several goroutines while the fence is finished and its slot used again: each
// fence's come in order, one at a time, before it is recycled.
func TestDeadlineAgainstSignal(t *testing.T) {
	rounds := scaled(4000)
	x := newFixture(t, Config{Fences: 4})
	var told [1 << 13]struct {
		sync.Mutex
		last time.Time
		n    int
	}
	c := must(x.rt.NewFenceContext("driver", "backed", WithBackend(Backend{
		SetDeadline: func(f Fence, seqno uint64, at time.Time) {
			e := &told[seqno]
			if !e.TryLock() {
				t.Error("told by two at once")
				return
			}
			defer e.Unlock()
			if e.n++; e.n > 1 && !at.Before(e.last) {
				t.Errorf("fence %d: told of %v after %v", seqno, at, e.last)
			}
			e.last = at
			if n, err := f.Seqno(); n != seqno || err != nil {
				t.Errorf("the hook of seqno %d is given a fence with %d, %v", seqno, n, err)
			}
		},
	})))
	now, calls := time.Now(), 0
	for range min(rounds, len(told)-1) {
		i := must(x.l.NewFence(c))
		f := i.Fence()
		x.want("SetDeadline", x.l.SetDeadline(f, now.Add(time.Hour)), nil)
		var wg sync.WaitGroup
		start := make(chan struct{})
		for g := range 3 {
			wg.Go(func() {
				<-start
				for k := range 4 {
					if err := x.rt.SetDeadline(f, now.Add(time.Duration((g+1)*(10-k)))); err != nil && err != ErrSignaled {
						t.Errorf("SetDeadline: %v", err)
					}
				}
			})
		}
		close(start)
		runtime.Gosched()
		x.want("Finish", x.l.Finish(i, nil), nil)
		wg.Wait()
		for k := range x.rt.stripes { // whoever held it last has recycled it
			x.rt.stripes[k].local.slots.Close()
		}
	}
	for k := range told {
		calls += told[k].n
	}
	t.Logf("told %d times", calls)
}
