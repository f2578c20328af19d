package atomicseq

import (
	"errors"
	"runtime"
	"sync"
	"testing"
)

func stressRounds() int {
	if testing.Short() {
		return 2_000
	}
	return 20_000
}

// ladder runs body with 1, 2, 4 and 8 goroutines per processor.
func ladder(t *testing.T, body func(t *testing.T, workers int)) {
	for _, per := range []int{1, 2, 4, 8} {
		body(t, per*runtime.GOMAXPROCS(0))
	}
}

// TestStressEachNumberOnce: every number up to Last belongs to exactly one call.
func TestStressEachNumberOnce(t *testing.T) {
	ladder(t, func(t *testing.T, workers int) {
		var c Counter
		rounds := stressRounds()
		blocks := make([][][2]uint64, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := range rounds {
					n := uint64(1)
					first, err := uint64(0), error(nil)
					if i%3 == 0 {
						n = uint64(1 + i%7)
						first, err = c.NextN(n)
					} else {
						first, err = c.Next()
					}
					if err != nil {
						t.Error(err)
						return
					}
					blocks[w] = append(blocks[w], [2]uint64{first, n})
				}
			})
		}
		wg.Wait()
		owners := make([]uint8, c.Last()+1)
		owners[0] = 1
		for _, list := range blocks {
			for _, b := range list {
				for n := b[0]; n < b[0]+b[1]; n++ {
					owners[n]++
				}
			}
		}
		for n, o := range owners {
			if o != 1 {
				t.Fatalf("%d workers: number %d was handed out %d times", workers, n, o)
			}
		}
	})
}

// TestStressEndIsFinal: at the end of the range, no number twice and none wrapped,
// whatever mixture of blocks runs into it.
func TestStressEndIsFinal(t *testing.T) {
	const left = 1000
	ladder(t, func(t *testing.T, workers int) {
		var c Counter
		if err := c.StartAt(Max - left + 1); err != nil {
			t.Fatal(err)
		}
		owners := make([][]uint64, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for fails := 0; fails < 100; {
					n := uint64(1 + w%3)
					if fails > 50 {
						n = MaxBlock
					}
					first, err := c.NextN(n)
					if errors.Is(err, ErrRange) {
						fails++
						continue
					}
					for k := range n {
						owners[w] = append(owners[w], first+k)
					}
				}
			})
		}
		wg.Wait()
		seen := map[uint64]bool{}
		for _, list := range owners {
			for _, n := range list {
				if n <= Max-left || n > Max || seen[n] {
					t.Fatalf("number %#x, seen before: %v", n, seen[n])
				}
				seen[n] = true
			}
		}
		if len(seen) < left-3 { // a block of three may end it two early
			t.Fatalf("only %d of %d numbers came", len(seen), left)
		}
		if n, err := c.Next(); err == nil {
			t.Fatalf("an ended counter gave %d", n)
		}
	})
}

// TestStressLastIsALowerBound: who has heard of a number finds that Last knows it (I4).
func TestStressLastIsALowerBound(t *testing.T) {
	var c Counter
	heard := make(chan uint64, 64)
	go func() {
		defer close(heard)
		for range stressRounds() {
			n, _ := c.NextOwned()
			heard <- n
		}
	}()
	want := uint64(1)
	for n := range heard {
		if last := c.Last(); n != want || last < n {
			t.Fatalf("heard of %d (want %d), Last is %d", n, want, last)
		}
		want++
	}
}

// TestStressValueNeverGoesDown: pollers see it rise only, the steps of those who
// moved it tile the whole way, and what was written before is visible.
func TestStressValueNeverGoesDown(t *testing.T) {
	ladder(t, func(t *testing.T, workers int) {
		var v PaddedValue
		rounds := uint64(stressRounds())
		payload := make([]uint64, rounds*uint64(workers)+1) // plain: the race detector checks the edge
		steps := make([][][2]uint64, workers)
		var wg sync.WaitGroup
		stop := make(chan struct{})
		var pollers sync.WaitGroup
		pollers.Go(func() {
			for last := uint64(0); ; {
				n := v.Load()
				if n < last {
					t.Errorf("went down from %d to %d", last, n)
				}
				if n > 0 && payload[n] != n {
					t.Errorf("reached %d, but what came before it isn't visible", n)
				}
				last = n
				select {
				case <-stop:
					return
				default:
				}
			}
		})
		for w := range workers {
			wg.Go(func() {
				for i := range rounds {
					n := i*uint64(workers) + uint64(w) + 1
					payload[n] = n
					old, moved, err := v.Advance(n)
					if err != nil || !v.Reached(n) || moved != (old < n) {
						t.Errorf("Advance(%d): %d, %v, %v", n, old, moved, err)
					}
					if moved {
						steps[w] = append(steps[w], [2]uint64{old, n})
					}
				}
			})
		}
		wg.Wait()
		close(stop)
		pollers.Wait()
		from := map[uint64]uint64{}
		for _, list := range steps {
			for _, s := range list {
				if _, twice := from[s[0]]; twice {
					t.Fatalf("two steps start at %d", s[0])
				}
				from[s[0]] = s[1]
			}
		}
		at := uint64(0)
		for range len(from) {
			at = from[at]
		}
		if at != rounds*uint64(workers) || v.Load() != at {
			t.Fatalf("the steps lead to %d, the value is %d", at, v.Load())
		}
	})
}
