package atomicx

import (
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"
)

func TestWordsAreTheirValues(t *testing.T) {
	if s := unsafe.Sizeof(Uint32{}); s != 4 {
		t.Errorf("Uint32 has %d bytes", s)
	}
	if s := unsafe.Sizeof(Uint64{}); s != 8 {
		t.Errorf("Uint64 has %d bytes", s)
	}
	if a := unsafe.Alignof(struct{ x Uint64 }{}.x); a != 8 && unsafe.Sizeof(uintptr(0)) == 8 {
		t.Errorf("Uint64 is aligned to %d", a)
	}
	if s := unsafe.Sizeof(Cell[uint32]{}); s != 4 {
		t.Errorf("a Cell of uint32 has %d bytes", s)
	}
}

func TestPlainAndReleaseStores(t *testing.T) {
	var words [3]Uint32
	StoreRelease32(&words[1], 0xdeadbeef)
	if words[0].Load() != 0 || words[1].Load() != 0xdeadbeef || words[2].Load() != 0 || Own32(&words[1]) != 0xdeadbeef {
		t.Errorf("%x %x %x", words[0].Load(), words[1].Load(), words[2].Load())
	}
	StoreRelease32(&words[1], 7)
	if words[0].Load() != 0 || words[1].Load() != 7 || words[2].Load() != 0 {
		t.Errorf("StoreRelease32: %x %x %x", words[0].Load(), words[1].Load(), words[2].Load())
	}
	var wide [3]Uint64
	StoreRelease64(&wide[1], 1<<63|5)
	if wide[0].Load() != 0 || wide[1].Load() != 1<<63|5 || wide[2].Load() != 0 {
		t.Errorf("StoreRelease64: %x %x %x", wide[0].Load(), wide[1].Load(), wide[2].Load())
	}
	var c Cell[string]
	if c.Set("x"); c.Get() != "x" {
		t.Errorf("Cell: %q", c.Get())
	}
}

// TestReleaseStoresPublish hands a plain value over by a release store, many times.
func TestReleaseStoresPublish(t *testing.T) {
	rounds := uint64(200_000)
	if testing.Short() {
		rounds = 5_000
	}
	var turn Uint64
	var data, sum uint64
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := uint64(1); i <= rounds; i++ {
			for turn.Load() != 2*i-2 {
				Pause(1)
				runtime.Gosched()
			}
			data = i
			StoreRelease64(&turn, 2*i-1)
		}
	})
	for i := uint64(1); i <= rounds; i++ {
		for turn.Load() != 2*i-1 {
			Pause(1)
			runtime.Gosched()
		}
		sum += data
		StoreRelease64(&turn, 2*i)
	}
	wg.Wait()
	if sum != rounds*(rounds+1)/2 {
		t.Errorf("sum %d", sum)
	}
}

func TestParker(t *testing.T) {
	p := NewParker()
	p.Wake()
	p.Wake() // counts once
	if !p.Park(nil, nil) {
		t.Error("a wake that came first is kept")
	}
	if p.Drain() {
		t.Error("two wakes left two tokens")
	}
	closed := make(chan struct{})
	close(closed)
	if p.Park(closed, nil) {
		t.Error("woken by nobody")
	}
	p.Wake()
	if !p.Drain() || p.Drain() {
		t.Error("Drain takes the one token")
	}
	go func() {
		time.Sleep(time.Millisecond)
		p.Wake()
	}()
	if !p.Park(make(chan struct{}), nil) {
		t.Error("not woken")
	}
	if p.Park(nil, time.After(time.Microsecond)) {
		t.Error("woken by nobody, with a timer")
	}
}

func TestPauseReturns(t *testing.T) {
	for _, n := range []uint32{1, 2, 1000} {
		Pause(n)
	}
}

func TestTally(t *testing.T) {
	var tallies [3]Tally
	m := &tallies[1]
	m.Add(5)
	m.Add(1 << 40)
	m.Add(^uint64(0))
	if n := m.Load(); n != 1<<40+4 {
		t.Errorf("%d", n)
	}
	if m.Set(7); m.Load() != 7 || tallies[0].Load() != 0 || tallies[2].Load() != 0 {
		t.Errorf("%d %d %d", tallies[0].Load(), m.Load(), tallies[2].Load())
	}
	if s := unsafe.Sizeof(*m); s != 8 {
		t.Errorf("a Tally has %d bytes", s)
	}
}

// TestTallyIsRead has others read while the owner counts, and the owner change.
func TestTallyIsRead(t *testing.T) {
	if Exploring {
		t.Skip("there a Tally is a plain number, for threads that don't run at once")
	}
	const owners, each = 4, 10_000
	var m Tally
	var reader, writers sync.WaitGroup
	reader.Go(func() {
		for last := uint64(0); last < owners*each; {
			n := m.Load()
			if n < last || n > owners*each {
				t.Errorf("%d after %d", n, last)
				return
			}
			last = n
			runtime.Gosched()
		}
	})
	var mu sync.Mutex
	for range owners {
		writers.Go(func() {
			for range each {
				mu.Lock()
				m.Add(1)
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	reader.Wait()
}
