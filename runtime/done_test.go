package fencert

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestDone(t *testing.T) {
	x := newFixture(t, small)
	before := runtime.NumGoroutine()
	i := x.arm()
	c, stop := i.Fence().Done()
	d, stopOther := i.Fence().Done()
	e, _ := i.Fence().Done()
	inside := x.handler(func(*Local, uint64, error) {
		select {
		case <-c:
			t.Error("closed before the callbacks have run")
		default:
		}
	})
	_ = must(x.l.OnSignal(i.Fence(), inside, 0))
	if !stop() || stop() {
		t.Error("stop is true once")
	}
	if n := x.taken(); n != 2 {
		t.Errorf("%d waiters are taken, want 2", n)
	}
	x.want("Signal", x.l.Signal(i, nil), nil)
	<-d
	<-e
	select {
	case <-c:
		t.Error("closed after stop")
	default:
	}
	if stopOther() || x.taken() != 0 {
		t.Errorf("stopped after it was closed, or %d waiters are left", x.taken())
	}
	f, stop := i.Fence().Done()
	g, _ := Fence{}.Done()
	if <-f; f != g || stop() {
		t.Error("what is signaled already shares one channel")
	}
	x.want("Drop", x.l.Drop(i), nil)
	if runtime.NumGoroutine() > before {
		t.Error("there is a goroutine")
	}
}

// TestDoneWithoutRoom: a timer looks, also while callbacks run already; stop ends it.
func TestDoneWithoutRoom(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Callbacks: 512, Waiters: 1})
	i := x.arm()
	_, stopFirst := i.Fence().Done()
	c, stop := i.Fence().Done()
	d, stopOther := i.Fence().Done()
	time.Sleep(2 * time.Millisecond)
	if !stopOther() || stopOther() || !stopFirst() {
		t.Error("stop")
	}
	inside, goOn := make(chan bool), make(chan bool)
	slow := x.handler(func(*Local, uint64, error) { inside <- true; <-goOn })
	_ = must(x.l.OnSignal(i.Fence(), slow, 0))
	go func() { _ = x.rt.Finish(i, nil) }()
	<-inside
	e, _ := i.Fence().Done()
	f, stopLate := i.Fence().Done()
	if !stopLate() {
		t.Error("stop")
	}
	time.Sleep(2 * time.Millisecond)
	select {
	case <-c:
		t.Error("closed while a callback runs")
	case <-e:
		t.Error("closed while a callback runs")
	default:
	}
	close(goOn)
	<-c
	<-e
	time.Sleep(2 * time.Millisecond)
	select {
	case <-d:
		t.Error("closed after stop")
	case <-f:
		t.Error("closed after stop")
	default:
	}
	if stop() {
		t.Error("stopped after it was closed")
	}
}

func TestDoneAndClose(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	c, stop := i.Fence().Done()
	if err := x.rt.Close(); !errors.Is(err, ErrLeaked) {
		t.Errorf("Close: %v", err)
	}
	<-c
	if stop() {
		t.Error("stopped after it was closed")
	}
}

// TestStressDone stops half of the channels while their fences are signaled: each is stopped or closed.
func TestStressDone(t *testing.T) {
	x := newFixture(t, Config{Fences: 1 << 14, Waiters: 3})
	var asked, closed, kept atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for n := range scaled(8000) {
				i := x.armBy(l)
				c, stop := i.Fence().Done()
				asked.Add(1)
				finished := make(chan bool)
				begin := make(chan bool)
				go func() { <-begin; _ = x.rt.Finish(i, nil); close(finished) }()
				if n%16 != 0 { // else it is surely stopped in time
					close(begin)
				}
				if n%2 == 0 && stop() {
					kept.Add(1)
					select {
					case <-c:
						t.Error("closed after stop")
					default:
					}
				} else {
					<-c
					closed.Add(1)
				}
				if n%16 == 0 {
					close(begin)
				}
				<-finished
			}
		})
	}
	wg.Wait()
	if asked.Load() != closed.Load()+kept.Load() || closed.Load() == 0 || kept.Load() == 0 {
		t.Errorf("%d asked for, %d closed, %d stopped", asked.Load(), closed.Load(), kept.Load())
	}
	if n := x.taken(); n != 0 {
		t.Errorf("%d waiters are still taken", n)
	}
}

// TestDoneOfALocal: of points and fences, of this runtime and another, with a backend, and when there is no room.
func TestDoneOfALocal(t *testing.T) {
	for _, waiters := range []int{2, 2000} { // with 2000 each Local keeps a record
		config := small
		config.Waiters = waiters
		x, other := newFixture(t, config), newFixture(t, small)
		line := must(x.rt.NewTimeline("", ""))
		for n := uint64(1); n <= 20; n++ {
			i, foreign := x.arm(), other.arm()
			all := []<-chan struct{}{
				x.l.Done(line.At(n)), x.l.Done(line.At(n)), line.Done(n), x.l.Done(i.Fence()), x.l.Done(foreign.Fence()),
			}
			for k, c := range all {
				select {
				case <-c:
					t.Fatalf("channel %d is closed", k)
				default:
				}
			}
			x.want("Advance", x.l.Advance(line, n), nil)
			x.want("Finish", x.l.Finish(i, nil), nil)
			x.want("Finish", other.l.Finish(foreign, nil), nil)
			for _, c := range all {
				<-c
			}
			<-x.l.Done(i.Fence())
			<-x.l.Done(line.At(n))
			<-x.l.Done(line.At(MaxPoint + 1))
		}
		x.l.Flush()
	}
}
