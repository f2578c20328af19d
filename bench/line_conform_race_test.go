package bench

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lineRaceAdds is how many callbacks a goroutine adds in a race.
const lineRaceAdds = 4000

// valueInRace has goroutines advance to numbers of their own: each number moves the value at most once, the value never
// falls, and is the largest in the end.
func (t *lineTrial[L, T]) valueInRace() {
	const each = 2000
	var (
		l       = t.line()
		moved   atomic.Int64
		running sync.WaitGroup
	)
	for id := range uint64(raceGoroutines) {
		w := t.worker(nil)
		running.Go(func() {
			seen := uint64(0)
			for k := range uint64(each) {
				n := k*raceGoroutines + id + 1
				if w.Advance(l, n) {
					moved.Add(1)
				}
				v := w.Value(l)
				if v < n || v < seen {
					t.Errorf("the value is %d after Advance(%d) and %d before", v, n, seen)
				}
				seen = v
			}
		})
	}
	running.Wait()
	w := t.worker(nil)
	if v := w.Value(l); v != each*raceGoroutines {
		t.Fatalf("the value is %d, want %d", v, each*raceGoroutines)
	}
	if m := moved.Load(); m < each || m > each*raceGoroutines {
		t.Fatalf("the value moved %d times", m)
	}
}

// orderInRace: callbacks that were there before run in the order of their points whoever advances, never two at a time,
// and never before their point is reached.
func (t *lineTrial[L, T]) orderInRace() {
	const points = 4096
	for round := range 3 {
		var (
			l       = t.line()
			w       LineWorker[L, T]
			last    atomic.Uint64
			inside  atomic.Int32
			running sync.WaitGroup
		)
		w = t.worker(func(arg uint64, _ error) {
			if inside.Add(1) != 1 {
				t.Errorf("two callbacks at a time")
			}
			if before := last.Swap(arg); before != arg-1 {
				t.Errorf("callback %d ran after %d", arg, before)
			}
			if v := w.Value(l); v < arg {
				t.Errorf("callback %d ran at %d", arg, v)
			}
			inside.Add(-1)
		})
		for n := uint64(points); n > 0; n-- {
			t.must(w, l, n)
		}
		for id := range uint64(2) {
			advancer := t.worker(nil)
			running.Go(func() {
				for n := id; n < points; n += 2 + uint64(round) {
					advancer.Advance(l, n)
				}
			})
		}
		running.Wait()
		w.Advance(l, points)
		w.Flush(l)
		if n := last.Load(); n != points {
			t.Fatalf("%d callbacks ran, want %d", n, points)
		}
	}
}

// lastAdvance: one goroutine adds callbacks at a point and around it while another advances to it, and nobody advances any
// more: each that was accepted has run then, if its point is reached.
func (t *lineTrial[L, T]) lastAdvance() {
	rounds := 3000
	if testing.Short() {
		rounds = 600
	}
	var (
		l        = t.line()
		ran      = make([]atomic.Int32, rounds+1)
		adder    = t.worker(func(arg uint64, _ error) { ran[arg].Add(1) })
		advancer = t.worker(nil)
		meet     = barrier{n: 2}
		running  sync.WaitGroup
		lost     bool
	)
	running.Go(func() {
		for round := uint64(1); round <= uint64(rounds); round++ {
			meet.wait()
			if round%4 == 0 {
				runtime.Gosched() // the adder goes first, on one processor too
			}
			advancer.Polls(l, round*2, int(round%61)*16) // time passes
			advancer.Advance(l, round*2)
			meet.wait()
		}
	})
	for round := uint64(1); round <= uint64(rounds); round++ {
		meet.wait()
		adder.Polls(l, round*2, int(round%53)*16)
		_, early := adder.OnReach(l, round*2-1, round)
		_, at := adder.OnReach(l, round*2, round)
		meet.wait()
		want := int32(0)
		for _, accepted := range []bool{early, at} {
			if accepted {
				want++
			}
		}
		// Not by Flush: where a callback was lost it may wait for ever.
		for end := time.Now().Add(time.Second); ran[round].Load() != want && time.Now().Before(end) && !lost; {
			runtime.Gosched()
		}
		if got := ran[round].Load(); got != want && !lost {
			t.Errorf("%d callbacks ran of %d that were accepted (%v, %v)", got, want, early, at)
			lost = true
		}
	}
	running.Wait()
}

// lineRace is what goroutines share that add to, cancel on and advance one timeline.
type lineRace struct {
	ran      []atomic.Int32 // by argument
	accepted []bool
	canceled []bool
}

// race has every goroutine advance to numbers near the value, add at, below, behind and a lap ahead of it, and cancel some.
// Each callback that was accepted and not canceled runs once, no other runs.
func (t *lineTrial[L, T]) race() {
	each := lineRaceAdds
	if testing.Short() {
		each = 800
	}
	ahead := []uint64{0, 1, 2, 64, 65}
	var (
		l       = t.line()
		ledger  = lineRace{make([]atomic.Int32, raceGoroutines*each), make([]bool, raceGoroutines*each), make([]bool, raceGoroutines*each)}
		running sync.WaitGroup
		inside  atomic.Int32
		workers [raceGoroutines]LineWorker[L, T]
	)
	for id := range workers {
		workers[id] = t.worker(func(arg uint64, err error) {
			if err != nil {
				t.Errorf("a callback got the result %v", err)
			}
			if inside.Add(1) != 1 {
				t.Errorf("two callbacks at a time")
			}
			ledger.ran[arg].Add(1)
			inside.Add(-1)
		})
		running.Go(func() { raceAlong(&ledger, workers[id], l, id, each, ahead) })
	}
	running.Wait()
	w := workers[0]
	w.Advance(l, w.Value(l)+100)
	w.Flush(l)
	for arg := range ledger.ran {
		want := int32(0)
		if ledger.accepted[arg] && !ledger.canceled[arg] {
			want = 1
		}
		if got := ledger.ran[arg].Load(); got != want {
			t.Fatalf("callback %d ran %d times, want %d: accepted %v, canceled %v",
				arg, got, want, ledger.accepted[arg], ledger.canceled[arg])
		}
	}
}

func raceAlong[L comparable, T any](ledger *lineRace, w LineWorker[L, T], l L, id, each int, ahead []uint64) {
	for k := range each {
		arg := id*each + k
		value := w.Value(l)
		ticket, ok := w.OnReach(l, value+ahead[(k+id)%len(ahead)], uint64(arg))
		ledger.accepted[arg] = ok
		if (k+id)%4 != 3 {
			w.Advance(l, value+1)
		}
		if ok && k%3 == 0 {
			ledger.canceled[arg] = w.Cancel(l, ticket)
		}
		if k%97 == 0 {
			w.Advance(l, value+64)
		}
	}
}
