//go:build linux && (amd64 || arm64 || 386) && !race && !explore

package epoch

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// lightDomain skips where the kernel has no membarrier: then there is no light pin to be tested.
func lightDomain(t *testing.T) *Domain {
	d, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if !d.Stats().Light {
		t.Skip("the system refuses membarrier(2), so every pin is portable")
	}
	return d
}

// refuse has the kernel refuse a command until the test ends, and counts how often.
func refuse(t *testing.T, command uintptr) *atomic.Uint64 {
	refused := new(atomic.Uint64)
	real := membarrier
	membarrier = func(c uintptr) error {
		if c == command {
			refused.Add(1)
			return syscall.EPERM
		}
		return real(c)
	}
	t.Cleanup(func() { membarrier = real })
	return refused
}

func TestPinningIsChosen(t *testing.T) {
	lightDomain(t)
	d, _, _ := newDomain(t, Config{Pinning: PinPortable})
	if p := register(t, d); d.Stats().Light || p.light {
		t.Error("PinPortable gives light pins")
	}
	if !registerProcess() {
		t.Error("to register twice fails")
	}
	n := refuse(t, registerPrivateExpedited)
	if registerProcess() || n.Load() != 1 {
		t.Error("registered, though the kernel refused")
	}
}

// TestBarriersAreFew: one for each advance; none where nothing was retired, nobody registered, or a reader is seen to be
// in the way.
func TestBarriersAreFew(t *testing.T) {
	lightDomain(t)
	barriers := 0
	real := membarrier
	membarrier = func(c uintptr) error {
		barriers++
		return real(c)
	}
	t.Cleanup(func() { membarrier = real })
	d, id, _ := newDomain(t, Config{})
	want := func(what string, n int) {
		t.Helper()
		if barriers != n {
			t.Errorf("%s: %d barriers, want %d", what, barriers, n)
		}
		barriers = 0
	}
	d.Elapsed(d.Stamp())
	want("nobody registered", 0)
	p, reader := register(t, d), register(t, d)
	collect(p, 5)
	want("nothing retired", 0)
	for i := range uint64(100) {
		retire(t, p, id, i)
	}
	want("Retire", 0)
	p.Collect()
	want("Collect", 1)
	reader.Pin()
	p.Collect()
	want("Collect", 1)
	retire(t, p, id, 1)
	collect(p, 5)
	d.Elapsed(d.Stamp())
	want("a reader in the way", 0)
	reader.Unpin()
	s := d.Stamp()
	d.Elapsed(s)
	want("Elapsed", 1)
	d.Elapsed(s)
	want("Elapsed", 1)
	d.Elapsed(s)
	want("Elapsed already", 0)
}

// TestStressBarrier looks for the reader whose Pin is still in its processor's store buffer when it has read the link: it
// dawdles in its section, and the writer reclaims as fast as it can. Without the barrier this finds it a hundred times in
// a second. Also with the world stopped in its place.
func TestStressBarrier(t *testing.T) {
	t.Run("membarrier", stressBarrier)
	t.Run("refused", func(t *testing.T) {
		lightDomain(t)
		n := refuse(t, privateExpedited)
		stressBarrier(t)
		if n.Load() == 0 {
			t.Error("nobody asked for a barrier")
		}
	})
}

func stressBarrier(t *testing.T) {
	d := lightDomain(t)
	const dead = 1 << 63
	var link atomic.Uint64
	var objects [8]struct {
		atomic.Uint64 // its own number while alive
		_             pad.Line
	}
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		p := register(t, d)
		for k := uint64(0); !stop.Load(); k++ {
			p.Pin()
			i := link.Load()
			atomicx.Pause(uint32(1 + k%4))
			if v := objects[i%8].Load(); v != i {
				t.Errorf("object %d was reclaimed under a reader", i)
			}
			p.Unpin()
			if k%512 == 0 {
				runtime.Gosched()
			}
		}
	})
	length := 400 * time.Millisecond
	if testing.Short() {
		length = 50 * time.Millisecond
	}
	i := uint64(0)
	for end := time.Now().Add(length); i < 10 || time.Now().Before(end); { // on a busy machine it takes longer
		i++
		objects[i%8].Store(i)
		old := link.Swap(i)
		for s := d.Stamp(); !d.Elapsed(s); {
			if time.Now().After(end) {
				runtime.Gosched()
			}
		}
		objects[old%8].Store(dead)
		if i%512 == 0 {
			runtime.Gosched()
		}
	}
	stop.Store(true)
	wg.Wait()
}
