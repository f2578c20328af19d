package sharedtimeline

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

// TestFollow: callbacks, waits, channels and waits for several work on a local timeline as always.
func TestFollow(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			m, path := created(t, 10)
			w := must(m.Claim())
			x := must(way.open(path))
			closing(t, x)
			rt, line := localLine(t)
			var ran []uint64
			note := must(rt.Handler(func(_ *fencert.Local, arg uint64, err error) {
				if err == nil {
					ran = append(ran, arg)
				}
			}))
			f := must(x.Follow(line, way.strategy))
			if line.Value() != 10 {
				t.Error("it begins at", line.Value())
			}
			for _, n := range []uint64{30, 12, 1 << 50, 20} {
				must(rt.OnSignal(line.At(n), note, n))
			}
			done, stop := line.At(25).Done()
			defer stop()
			wantErr(t, "Advance", w.Advance(20), nil)
			wantErr(t, "Wait", line.Wait(limited(t), 20), nil)
			wantErr(t, "Flush", line.Flush(limited(t)), nil)
			if len(ran) != 2 || ran[0] != 12 || ran[1] != 20 {
				t.Error(ran)
			}
			wantErr(t, "Advance", w.Advance(30), nil)
			select {
			case <-done:
			case <-limited(t).Done():
				t.Error("the channel wasn't closed")
			}
			k, err := fencert.WaitAny(limited(t), line.At(1<<40), line.At(29))
			if k != 1 || err != nil {
				t.Error(k, err)
			}
			f.Stop()
			f.Stop()
			wantErr(t, "Err", f.Err(), nil)
			wantErr(t, "Advance", w.Advance(40), nil)
			if line.Value() != 30 {
				t.Error("it was stopped")
			}
			f = must(x.Follow(line, way.strategy))
			if line.Value() != 40 {
				t.Error("it goes on at", line.Value())
			}
			wantErr(t, "Close", x.Close(), nil)
			wantErr(t, "Err", f.Err(), ErrClosed)
			wantErr(t, "the local one", line.Wait(limited(t), 50), ErrClosed)
			_, err = x.Follow(line, way.strategy)
			wantErr(t, "Follow", err, ErrClosed)
		})
	}
}

// TestFollowEnds when the local timeline is closed, and has nothing to do at the end of the numbers.
func TestFollowEnds(t *testing.T) {
	m, _ := created(t, 0)
	w := must(m.Claim())
	_, line := localLine(t)
	f := must(m.Follow(line, fencert.Park))
	cause := errors.New("cause")
	wantErr(t, "Close", line.Close(cause), nil)
	wantErr(t, "Advance", w.Advance(1), nil)
	<-f.ended
	wantErr(t, "Err", f.Err(), cause)
	_, err := m.Follow(line, fencert.Park)
	wantErr(t, "Follow", err, cause)
	_, err = m.Follow(line, 9)
	wantErr(t, "Follow", err, fencert.ErrConfig)
	_, other := localLine(t)
	f = must(m.Follow(other, fencert.Park))
	wantErr(t, "Advance", w.Advance(fencert.MaxPoint), nil)
	wantErr(t, "Wait", other.Wait(limited(t), fencert.MaxPoint), nil)
	f.Stop()
	wantErr(t, "Err", f.Err(), nil)
	_, last := localLine(t)
	must(m.Follow(last, fencert.Park)) // at the end already
	wantErr(t, "Close", m.Close(), nil)
	wantErr(t, "all was reached", last.Wait(limited(t), fencert.MaxPoint), nil)
}

// TestForgottenMapping: memory goes when nobody has the Mapping any more, not before.
func TestForgottenMapping(t *testing.T) {
	m, path := created(t, 0)
	unmapped := make(chan bool, 1)
	func() {
		x := must(Open(path))
		wantErr(t, "Close", x.Close(), nil)
		if x.Signaled(1) { // a late call
			t.Error("1 isn't reached")
		}
		runtime.AddCleanup(x, func(int) { unmapped <- true }, 0)
	}()
	for k := 0; ; k++ {
		runtime.GC()
		select {
		case <-unmapped:
			wantErr(t, "Advance", must(m.Claim()).Advance(1), nil)
			return
		case <-time.After(10 * time.Millisecond):
		}
		if k == 1000 {
			t.Fatal("the Mapping is kept by something")
		}
	}
}

// TestStressSharedLedger: several goroutines advance, others wait for each point, by Mappings of their own: every wait ends, none before
// its point, and the numbers are issued once.
func TestStressSharedLedger(t *testing.T) {
	steps := uint64(2000)
	if testing.Short() {
		steps = 300
	}
	m, path := created(t, 0)
	w := must(m.Claim())
	var all sync.WaitGroup
	issued := make([]int, 2*steps+1)
	var mu sync.Mutex
	for range 2 {
		all.Go(func() {
			for range steps {
				n := must(w.Next())
				mu.Lock()
				issued[n]++
				mu.Unlock()
				if err := w.Advance(n); err != nil && err != fencert.ErrSignaled {
					t.Error(err)
				}
				if n%16 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	waits := make([]uint64, 3)
	for k, s := range []fencert.Strategy{fencert.Park, fencert.SpinThenPark, fencert.Park} {
		x := opened(t, path)
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
			defer cancel()
			for n := uint64(1); n <= 2*steps; n++ {
				if err := x.WaitWith(ctx, n, s); err != nil || !x.Signaled(n) {
					t.Error(n, err)
					return
				}
				waits[k]++
			}
		})
	}
	all.Wait()
	for n, c := range issued[1:] {
		if c != 1 {
			t.Error(n+1, "was issued", c, "times")
		}
	}
	for _, n := range waits {
		if n != 2*steps {
			t.Error(n, "waits of", 2*steps)
		}
	}
	if i := must(m.Info()); i.Value != 2*steps || i.Sleepers > 0 {
		t.Errorf("%+v", i)
	}
}
