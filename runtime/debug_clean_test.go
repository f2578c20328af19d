//go:build fencedebug

package fencert

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A cleanProgram is workers that keep all the rules, and a runtime that reports when one doesn't.
type cleanProgram struct {
	*misuseFixture
	chain  Handler // finishes the fence that its argument stands for
	count  Handler
	called atomic.Int64
	added  atomic.Int64 // and not canceled
	// waiters is held while waiting; ring is taken between arming and signaling.
	waiters, ring sync.Locker
	armed         int // under ring
}

// TestStressCleanProgram: nothing is reported, also when the collector has been by, and each callback was called.
func TestStressCleanProgram(t *testing.T) {
	p := &cleanProgram{misuseFixture: newMisuseFixtureOf(t, Config{Fences: 4096})}
	p.waiters, p.ring = Checked(new(sync.Mutex)), Checked(new(sync.Mutex))
	p.count = p.handler(func(*Local, uint64, error) { p.called.Add(1) })
	p.chain = p.handler(func(l *Local, ref uint64, _ error) {
		p.called.Add(1)
		if err := l.Finish(l.Runtime().Issuer(IssuerRef(ref)), ErrFailed); err != nil {
			t.Errorf("Finish in a callback: %v", err)
		}
	})
	var all sync.WaitGroup
	pending := make(chan Fence, 4)
	for k := range 3 {
		all.Go(func() {
			l := p.rt.Local()
			defer l.Close()
			for n := range scaled(4000) {
				p.step(l, rand.New(rand.NewPCG(uint64(k), uint64(n))), pending)
			}
		})
	}
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		for f := range pending {
			p.wait(f)
		}
	}()
	all.Wait()
	close(pending)
	<-waited
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if called, added := p.called.Load(), p.added.Load(); called != added || called == 0 {
		t.Errorf("%d callbacks were called of %d", called, added)
	}
	p.wantNothing("a clean program")
}

// wait waits with a lock that no section takes.
func (p *cleanProgram) wait(f Fence) {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	p.waiters.Lock()
	defer p.waiters.Unlock()
	if err := f.Wait(ctx); err != nil && !errors.Is(err, ErrStale) && !errors.Is(err, ErrFailed) && !errors.Is(err, ErrCanceled) {
		p.Errorf("Wait: %v", err)
	}
}

// step arms two fences, of which the first's callback finishes the second, and ends them in one of the ways that there
// are.
func (p *cleanProgram) step(l *Local, r *rand.Rand, pending chan<- Fence) {
	a, errA := l.NewFence(p.c)
	b, errB := p.rt.NewFence(p.c)
	if errA != nil || errB != nil {
		if errA == nil {
			p.want("Drop", l.Drop(a), nil)
		}
		if errB == nil {
			p.want("Drop", l.Drop(b), nil)
		}
		return
	}
	ticket, err := l.OnSignal(a.Fence(), p.count, 1)
	if err == nil {
		p.added.Add(1)
		if r.IntN(2) == 0 && l.Cancel(ticket) {
			p.added.Add(-1)
			l.Cancel(ticket)
		}
	}
	h := must(l.Hold(a.Fence()))
	select {
	case pending <- b.Fence():
	default:
	}
	l.BeginSignaling()
	p.ring.Lock()
	p.armed++
	p.ring.Unlock()
	if _, err := l.OnSignal(a.Fence(), p.chain, uint64(b.Ref())); err == nil {
		p.added.Add(1)
	} else {
		p.want("Finish", l.Finish(b, nil), nil)
	}
	switch r.IntN(3) {
	case 0:
		p.want("Finish", p.rt.Finish(a, nil), nil)
	case 1:
		p.want("Signal", l.Signal(a, nil), nil)
		p.want("Drop", l.Drop(a), nil)
	case 2:
		p.want("Drop", p.rt.Drop(a), nil)
	}
	l.EndSignaling()
	if h.Err() == ErrPending {
		p.Error("not signaled")
	}
	p.want("Release", l.Release(h), nil)
}
