package fencert

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestCancelWait(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	ticket := x.add(i.Fence(), 1)
	for _, c := range []struct {
		name   string
		ticket Ticket
		want   bool
	}{{"pending", ticket, true}, {"canceled before", ticket, false}, {"of none", Ticket{}, false}} {
		if ok, err := x.l.CancelWait(c.ticket); ok != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.name, ok, err)
		}
	}
	inside, goOn := make(chan bool), make(chan bool)
	over := false
	slow := x.handler(func(*Local, uint64, error) { inside <- true; <-goOn; over = true })
	ticket = must(x.l.OnSignal(i.Fence(), slow, 0))
	signaled := make(chan error)
	go func() { signaled <- x.rt.Finish(i, nil) }()
	<-inside
	time.AfterFunc(3*time.Millisecond, func() { close(goOn) })
	if ok, err := x.l.CancelWait(ticket); ok || err != nil || !over {
		t.Errorf("CancelWait: %v, %v, and the callback has returned: %v", ok, err, over)
	}
	x.want("Finish", <-signaled, nil)
	if ok, err := x.l.CancelWait(ticket); ok || err != nil {
		t.Errorf("recycled: %v, %v", ok, err)
	}
	x.wantRan()
}

// TestCancelWaitInACallback is refused, and changes nothing: in any callback of the Local, whatever the ticket.
func TestCancelWaitInACallback(t *testing.T) {
	x := newFixture(t, small)
	i, j := x.arm(), x.arm()
	ticket := x.add(j.Fence(), 7)
	var own Ticket
	try := x.handler(func(l *Local, _ uint64, _ error) {
		for _, t := range []Ticket{ticket, own, {}} {
			ok, err := l.CancelWait(t)
			x.want("CancelWait", err, ErrInCallback)
			if ok {
				x.Error("CancelWait: true")
			}
		}
	})
	own = must(x.l.OnSignal(i.Fence(), try, 0))
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.finish(j)
	x.wantRan(7)
}

// TestStressCancelWait uses what the callback uses right after CancelWait: the race detector sees whether it is over.
func TestStressCancelWait(t *testing.T) {
	x := newFixture(t, Config{Fences: 1 << 14})
	var ran, canceled atomic.Int64
	used := make([]int, 4096)
	use := x.handler(func(_ *Local, arg uint64, _ error) { used[arg]++; ran.Add(1) })
	var wg sync.WaitGroup
	rounds := scaled(8000)
	for w := range 4 {
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			arg := w * 1024
			for n := range rounds {
				i := x.armBy(l)
				f := i.Fence()
				ticket := must(l.OnSignal(f, use, uint64(arg)))
				finished := make(chan bool)
				go func() { _ = x.rt.Finish(i, nil); close(finished) }()
				other := make(chan bool)
				go func() { other <- n%4 != 3 && x.rt.Cancel(ticket) }()
				for n%4 == 3 && !f.Signaled() { // now and then the callback has surely begun
					runtime.Gosched()
				}
				ok, err := l.CancelWait(ticket)
				used[arg]++ // not atomic
				x.want("CancelWait", err, nil)
				if ok {
					canceled.Add(1)
				}
				if <-other {
					canceled.Add(1)
				}
				<-finished
			}
		})
	}
	wg.Wait()
	if n := int64(4 * rounds); ran.Load()+canceled.Load() != n || ran.Load() == 0 || canceled.Load() == 0 {
		t.Errorf("%d added, %d ran, %d canceled", n, ran.Load(), canceled.Load())
	}
}
