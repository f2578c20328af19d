package arena

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestStressLastGenerations uses slots up from many goroutines: each life once, not one more, and then all are retired.
func TestStressLastGenerations(t *testing.T) {
	const slots, lives = 64, 200
	for _, per := range []int{1, 2, 4, 8} {
		a := mustNew(t, slots)
		a.SetLastGeneration(FirstGeneration + lives)
		var lived [slots + 1][lives]atomic.Int32
		var wg sync.WaitGroup
		for w := range per * runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				o := a.NewOwner()
				defer o.Close()
				for k := w; a.Retired() < slots; k++ {
					r, err := o.Reserve()
					if err != nil {
						o.Close() // what we keep another may need
						runtime.Gosched()
						continue
					}
					lived[r.Index()][r.Generation()-FirstGeneration].Add(1)
					if k%3 == 0 {
						if !o.Return(r) || o.Return(r) {
							t.Error("a Ref is returned once")
						}
					} else {
						end(o, a, r)
					}
				}
			})
		}
		wg.Wait()
		for i := 1; i <= slots; i++ {
			for g := range lived[i] {
				if n := lived[i][g].Load(); n != 1 {
					t.Fatalf("life %d of slot %d was lived %d times", g, i, n)
				}
			}
		}
	}
}
