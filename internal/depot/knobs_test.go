package depot

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// nearTheEnd sets the tag of an unused depot so many takes before its wrap (D4).
func nearTheEnd(d *Depot, takes uint64) { d.head.Store(-takes << IndexBits) }

// TestStressTagWraps takes and puts over the wrap of the tag: no index is lost or had by two.
func TestStressTagWraps(t *testing.T) {
	for _, near := range []bool{false, true} { // without the knob nothing wraps
		d := New(64)
		if near {
			nearTheEnd(d, 500)
		}
		before := d.head.Load()
		var owner [65]atomic.Int32
		var wg sync.WaitGroup
		for w := range 4 * runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				buf := make([]uint32, 1+w%5)
				for range 1000 {
					n := d.Take(buf)
					for _, i := range buf[:n] {
						if k := owner[i].Add(1); k != 1 {
							t.Errorf("index %d has %d owners", i, k)
						}
					}
					for _, i := range buf[:n] {
						owner[i].Add(-1)
					}
					d.Put(buf[:n])
				}
			})
		}
		wg.Wait()
		if wrapped := d.head.Load() < before; wrapped != near {
			t.Errorf("near the end: %v; the tag has wrapped: %v", near, wrapped)
		}
		n := 0
		for buf := make([]uint32, 65); ; {
			k := d.Take(buf)
			if n += k; k == 0 {
				break
			}
		}
		if n != 64 {
			t.Errorf("%d of 64 indices are left", n)
		}
	}
}
