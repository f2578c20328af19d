package epoch

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A board leads readers to objects by its links. Objects are plain memory, so the
// race detector checks I4: a reader's look and the reclaim that poisons it must be
// ordered.
type board struct {
	t       *testing.T
	links   [4]atomic.Uint32 // index of an object
	objects []uint64         // its own index while alive, poison afterwards
	retired []uint32         // by the writer of the object; plain, each has one
	died    []atomic.Uint32  // the ledger
	fresh   atomic.Uint32
}

const poison = ^uint64(0)

func newBoard(t *testing.T, objects int) *board {
	b := &board{
		t: t, objects: make([]uint64, objects), retired: make([]uint32, objects), died: make([]atomic.Uint32, objects),
	}
	for i := range b.objects {
		b.objects[i] = uint64(i)
	}
	for i := range b.links {
		b.links[i].Store(b.fresh.Add(1))
	}
	return b
}

func (b *board) reclaim(arg uint64) {
	if n := b.died[arg].Add(1); n != 1 {
		b.t.Errorf("object %d was reclaimed %d times", arg, n)
	}
	b.objects[arg] = poison
}

// read looks at what link leads to, several times in one section.
func (b *board) read(p *Participant, link int) {
	p.Pin()
	i := b.links[link].Load()
	for range 3 {
		if v := b.objects[i]; v != uint64(i) {
			b.t.Errorf("object %d was reclaimed under a reader", i)
		}
	}
	p.Unpin()
}

// replace puts a new object behind link and retires the old one; false when no object
// is left.
func (b *board) replace(p *Participant, id ReclaimerID, link int) bool {
	i := b.fresh.Add(1)
	if int(i) >= len(b.objects) {
		return false
	}
	old := b.links[link].Swap(i)
	b.retired[old]++
	var since time.Time
	for p.Retire(id, uint64(old)) != nil { // full
		if p.Collect() > 0 {
			since = time.Time{}
			continue
		}
		switch now := time.Now(); {
		case since.IsZero():
			since = now
		case now.Sub(since) > 20*time.Second:
			b.t.Errorf("the epoch stands still: %+v", p.d.Stats())
			return false
		}
		runtime.Gosched()
	}
	return true
}

// TestStressEachRetiredOnce: readers who retire too, writers, collectors and a churn of
// registrations. Whoever sees a dead object, and whatever dies twice or never, fails.
func TestStressEachRetiredOnce(t *testing.T) {
	for _, pinning := range []Pinning{PinAuto, PinPortable} {
		t.Run(pinning.String(), func(t *testing.T) { stressEachRetiredOnce(t, pinning) })
	}
}

func stressEachRetiredOnce(t *testing.T, pinning Pinning) {
	objects := 20_000
	if testing.Short() {
		objects = 4_000
	}
	for _, per := range []int{1, 2, 4, 8} {
		workers := per * runtime.GOMAXPROCS(0)
		b := newBoard(t, objects)
		d, err := New(Config{MaxParticipants: workers + 2, MaxRetired: 64, Pinning: pinning})
		if err != nil {
			t.Fatal(err)
		}
		id := reclaimer(t, d, b.reclaim)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() { b.work(d, id, w) })
		}
		wg.Wait()

		p := register(t, d)
		collect(p, 3)
		if st := d.Stats(); st.Pinned != 0 || st.Orphans != 0 || st.Retired != 0 {
			t.Errorf("%+v after all is over", st)
		}
		live := map[uint32]bool{}
		for i := range b.links {
			live[b.links[i].Load()] = true
		}
		dead := 0
		for i := range b.objects {
			died := b.died[i].Load()
			if died != b.retired[i] || died == 1 && live[uint32(i)] {
				t.Fatalf("object %d was retired %d times and reclaimed %d times", i, b.retired[i], died)
			}
			dead += int(died)
		}
		if dead < objects-len(b.links)-2 {
			t.Fatalf("only %d of %d objects came and went", dead, objects)
		}
	}
}

// work is one goroutine of the stress: its registration lasts a hundred rounds.
func (b *board) work(d *Domain, id ReclaimerID, seed int) {
	for {
		p, err := d.Register()
		if err != nil {
			b.t.Error(err)
			return
		}
		more := true
		for k := 0; k < 100 && more; k++ {
			b.read(p, (seed+k)%len(b.links))
			if (seed+k)%3 == 0 {
				more = b.replace(p, id, (seed*7+k)%len(b.links))
			}
			if k%16 == seed%16 {
				p.Collect()
			}
		}
		if err := p.Unregister(); err != nil {
			b.t.Error(err)
		}
		if !more {
			return
		}
	}
}

// TestStressRegister: as many slots as workers, so none may ever be refused, whatever
// is orphaned or swept at the moment.
func TestStressRegister(t *testing.T) {
	rounds := 5_000
	if testing.Short() {
		rounds = 500
	}
	workers := 4 * runtime.GOMAXPROCS(0)
	d, err := New(Config{MaxParticipants: workers, MaxRetired: 8})
	if err != nil {
		t.Fatal(err)
	}
	var ran, retired atomic.Uint64
	id := reclaimer(t, d, func(uint64) { ran.Add(1) })
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				p, err := d.Register()
				if errors.Is(err, ErrExhausted) {
					t.Error("refused, with a slot for each")
					return
				}
				for p.Retire(id, 0) == nil && retired.Add(1)%3 != 0 {
				}
				p.Collect()
				if err := p.Unregister(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	p := register(t, d)
	collect(p, 3)
	if st := d.Stats(); st.Retired != 0 || st.Orphans != 0 || ran.Load() != retired.Load() {
		t.Errorf("%d of %d ran; %+v", ran.Load(), retired.Load(), st)
	}
}
