package bench

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	raceGoroutines = 4
	raceAdds       = 12 // per goroutine and round
)

// A raceLedger is what every goroutine did in one round, and what came of it.
type raceLedger struct {
	ran      [raceGoroutines * raceAdds]atomic.Int32
	accepted [raceGoroutines][raceAdds]bool
	canceled [raceGoroutines][raceAdds]bool
	won      [raceGoroutines]bool
	bad      atomic.Pointer[string] // the first thing found wrong
}

func (l *raceLedger) report(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	l.bad.CompareAndSwap(nil, &s)
}

// race has all goroutines add to, cancel on, hold, and wait for one fence, while two
// of them try to signal it; and use the handle of the round before all the while.
// Every callback that was accepted and not canceled runs once, no other runs, one
// Signal wins.
func (t *trial[F, T]) race() {
	rounds := 2000
	if testing.Short() {
		rounds = 300
	}
	var (
		ledger    raceLedger
		fence     F
		previous  F
		have      bool
		workers   [raceGoroutines]Worker[F, T]
		meet      = barrier{n: raceGoroutines}
		goroutine sync.WaitGroup
		stop      bool
	)
	for id := range workers {
		workers[id] = t.worker(func(arg uint64, err error) {
			if err != errResult {
				ledger.report("a callback got the result %v", err)
			}
			ledger.ran[arg].Add(1)
		})
	}
	for id := 1; id < raceGoroutines; id++ {
		goroutine.Go(func() {
			for round := 0; ; round++ {
				meet.wait()
				if stop {
					return
				}
				raceRound(&ledger, workers[id], fence, previous, have, id, round)
				meet.wait()
			}
		})
	}
	for round := range rounds {
		fence = workers[0].Arm()
		meet.wait()
		raceRound(&ledger, workers[0], fence, previous, have, 0, round)
		meet.wait()
		ledger.judge()
		if round%2 == 0 {
			workers[0].Drop(fence)
		}
		if previous, have = fence, true; ledger.bad.Load() != nil {
			break
		}
	}
	stop = true
	meet.wait()
	goroutine.Wait()
	if bad := ledger.bad.Load(); bad != nil {
		t.Fatalf("%s", *bad)
	}
}

// raceRound is one goroutine's part of a round. In even rounds the winner signals
// and the fence is dropped after the round; in odd ones it finishes, and the slot
// may live on while the others still use the handle.
func raceRound[F comparable, T any](l *raceLedger, w Worker[F, T], f, previous F, have bool, id, round int) {
	signals := id == round/2%raceGoroutines || id == (round/2+1)%raceGoroutines
	at := round / 7 % raceAdds
	for k := range raceAdds {
		if signals && k == at {
			signal := w.Signal
			if round%2 == 1 {
				signal = w.Finish
			}
			l.won[id] = signal(f, errResult)
		}
		ticket, ok := w.Add(f, uint64(id*raceAdds+k))
		l.accepted[id][k] = ok
		if ok && (k+round)%3 == 0 {
			l.canceled[id][k] = w.Cancel(f, ticket)
		}
		if have && k == (round+id)%raceAdds {
			useOld(l, w, previous)
		}
		if k == raceAdds/2 && (id+round)%2 == 0 {
			holdNow(l, w, f, !signals)
		}
	}
}

// useOld does everything that a handle of a past life must not be able to do.
func useOld[F comparable, T any](l *raceLedger, w Worker[F, T], f F) {
	if _, ok := w.Add(f, 0); ok {
		l.report("Add accepted in the round after the signal")
	}
	if w.Signal(f, nil) {
		l.report("Signal accepted in the round after the signal")
	}
	if !w.Signaled(f) {
		l.report("not signaled in the round after the signal")
	}
}

// holdNow holds f if it can and reads the result, waiting for it if it may.
func holdNow[F comparable, T any](l *raceLedger, w Worker[F, T], f F, mayWait bool) {
	if !w.Hold(f) {
		if !w.Signaled(f) {
			l.report("Hold refused on a pending fence")
		}
		return
	}
	if mayWait {
		if err := w.Wait(context.Background(), f, Park); err != errResult {
			l.report("Wait = %v while held", err)
		}
	}
	if w.Signaled(f) {
		if err := w.Err(f); err != errResult {
			l.report("Err = %v while held", err)
		}
	}
	w.Release(f)
}

// judge closes the books of a round and opens new ones.
func (l *raceLedger) judge() {
	winners := 0
	for id := range raceGoroutines {
		if l.won[id] {
			winners++
		}
		for k := range raceAdds {
			want := int32(0)
			if l.accepted[id][k] && !l.canceled[id][k] {
				want = 1
			}
			if ran := l.ran[id*raceAdds+k].Swap(0); ran != want {
				l.report("a callback ran %d times: accepted %v, canceled %v",
					ran, l.accepted[id][k], l.canceled[id][k])
			}
		}
	}
	if winners != 1 {
		l.report("%d calls of Signal won", winners)
	}
	l.accepted, l.canceled = [raceGoroutines][raceAdds]bool{}, [raceGoroutines][raceAdds]bool{}
	l.won = [raceGoroutines]bool{}
}

// A barrier lets n goroutines go on together, again and again.
type barrier struct {
	n       int64
	arrived atomic.Int64
	phase   atomic.Int64
}

func (b *barrier) wait() {
	phase := b.phase.Load()
	if b.arrived.Add(1) == b.n {
		b.arrived.Store(0)
		b.phase.Add(1)
		return
	}
	for b.phase.Load() == phase {
		runtime.Gosched()
	}
}
