package arena

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/pad"
)

func mustNew(t testing.TB, slots int) *Arena {
	t.Helper()
	a, err := New(slots)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// end ends the life of r as a user would.
func end(o *Owner, a *Arena, r Ref) {
	o.End(r)
	if a.Word(r.Index()).Load() < Next(r.Life()) {
		panic("End doesn't end the life")
	}
}

func TestSizes(t *testing.T) {
	for _, n := range []int{-1, 0, MaxSlots + 1} {
		if _, err := New(n); !errors.Is(err, ErrSize) {
			t.Errorf("New(%d): %v", n, err)
		}
	}
	a := mustNew(t, 1)
	if a.Slots() != 1 || a.Touched() != 0 || len(a.Words()) != 2 {
		t.Errorf("%d slots, %d touched, %d words", a.Slots(), a.Touched(), len(a.Words()))
	}
}

func TestExhaustedWorksAgainAfterGive(t *testing.T) {
	for _, slots := range []int{1, 63, 64, 65, 300, 1000} {
		a := mustNew(t, slots)
		o := a.NewOwner()
		var refs []Ref
		seen := map[uint32]bool{}
		for range slots {
			r, err := o.Reserve()
			if err != nil {
				t.Fatalf("%d slots: %v after %d", slots, err, len(refs))
			}
			if seen[r.Index()] || r.Generation() != FirstGeneration {
				t.Fatalf("slot %d twice, or generation %d", r.Index(), r.Generation())
			}
			seen[r.Index()] = true
			refs = append(refs, r)
		}
		if _, err := o.Reserve(); !errors.Is(err, ErrExhausted) {
			t.Fatalf("%d slots: %v", slots, err)
		}
		for _, r := range refs {
			end(o, a, r)
		}
		for range slots {
			if r, err := o.Reserve(); err != nil || r.Generation() != FirstGeneration+1 {
				t.Fatalf("%d slots, second life: %v, generation %d", slots, err, r.Generation())
			}
		}
	}
}

func TestMagazineIsFirstInFirstOut(t *testing.T) {
	a := mustNew(t, 16*ringSize)
	o := a.NewOwner()
	first, _ := o.Reserve()
	end(o, a, first)
	for range fullRefill - 1 {
		r, _ := o.Reserve()
		if r.Index() == first.Index() {
			t.Fatal("a slot came back before the others had their turn")
		}
	}
	if r, _ := o.Reserve(); r.Index() != first.Index() || r.Generation() != first.Generation()+1 {
		t.Fatalf("%v after %v", r, first)
	}
}

func TestCloseGivesBackForOthers(t *testing.T) {
	const slots = 16 * ringSize
	a := mustNew(t, slots)
	o, p := a.NewOwner(), a.NewOwner()
	r, _ := o.Reserve()
	for n := range slots {
		if _, err := p.Reserve(); errors.Is(err, ErrExhausted) {
			if n != slots-fullRefill {
				t.Fatalf("o's magazine holds %d", slots-1-n)
			}
			break
		}
	}
	o.Close()
	if o.Held() != 0 {
		t.Fatalf("%d held", o.Held())
	}
	for range fullRefill - 1 {
		if _, err := p.Reserve(); err != nil {
			t.Fatal(err)
		}
	}
	end(o, a, r)
	if _, err := p.Reserve(); err != nil {
		t.Fatal("slots are scarce, and what was given last is kept")
	}
}

func TestReturnOnce(t *testing.T) {
	a := mustNew(t, 4)
	o := a.NewOwner()
	r, _ := o.Reserve()
	if !o.Return(r) || o.Return(r) {
		t.Error("a Ref is returned once")
	}
	for _, bad := range []Ref{0, MakeRef(5, 1), MakeRef(MaxSlots, 1), MakeRef(1, 77)} {
		if o.Return(bad) {
			t.Errorf("%x was taken back", uint64(bad))
		}
	}
}

func TestUsedUpSlotsAreRetired(t *testing.T) {
	for _, slots := range []int{2, 64} { // without a magazine, and with one that takes what is given
		a := mustNew(t, slots)
		a.SetLastGeneration(FirstGeneration + 3)
		o := a.NewOwner()
		lives := 0
		for lives <= slots*3 {
			r, err := o.Reserve()
			if err != nil {
				break
			}
			lives++
			end(o, a, r)
		}
		if lives != slots*3 || a.Retired() != uint64(slots) { // three generations of each
			t.Errorf("%d slots: %d lives, %d retired", slots, lives, a.Retired())
		}
	}
}

// TestShutReachesMagazines: what a magazine has kept is no new life once who shut the arena down has written to the words.
func TestShutReachesMagazines(t *testing.T) {
	a := mustNew(t, 64)
	o := a.NewOwner()
	r, err := o.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	end(o, a, r)
	held := o.Held()
	if held == 0 {
		t.Fatal("the magazine keeps nothing")
	}
	for i := a.Shut(); i > 0; i-- {
		w := a.Word(i)
		w.Store(w.Load() | 1)
	}
	for range held {
		if r, err := o.Reserve(); !errors.Is(err, ErrShut) {
			t.Errorf("%v, %v", r, err)
		}
	}
}

func TestLastGenerationKnobBites(t *testing.T) {
	if a := mustNew(t, 1); a.last != LastGeneration {
		t.Errorf("an arena's last generation is %d without the knob", a.last)
	}
}

func TestLayout(t *testing.T) {
	a := mustNew(t, 16)
	base := uintptr(unsafe.Pointer(unsafe.SliceData(a.words)))
	if got := uintptr(unsafe.Pointer(a.Word(3))) - base; got != 24 {
		t.Errorf("Words()[3] is %d bytes behind Words()[0]", got)
	}
	gate, written := unsafe.Offsetof(a.gate), min(unsafe.Offsetof(a.waiting), unsafe.Offsetof(a.retired))
	if gate < pad.Size || written-gate < pad.Size {
		t.Error("what every Give reads shares a line with what is written")
	}
	if wordsBefore*8 < pad.Size {
		t.Error("the first line isn't left unused")
	}
}

func TestReserveAndGiveDontAllocate(t *testing.T) {
	a := mustNew(t, 1000)
	o := a.NewOwner()
	var refs [500]Ref
	if n := testing.AllocsPerRun(100, func() {
		for i := range refs {
			refs[i], _ = o.Reserve()
		}
		for _, r := range refs {
			end(o, a, r)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzRef(f *testing.F) {
	f.Add(uint32(1), uint64(1))
	f.Add(uint32(MaxSlots), uint64(LastGeneration))
	f.Fuzz(func(t *testing.T, index uint32, generation uint64) {
		index &= indexMask
		generation &= LastGeneration
		r := MakeRef(index, generation)
		if r.Index() != index || r.Generation() != generation {
			t.Fatalf("%d %d became %d %d", index, generation, r.Index(), r.Generation())
		}
		if Generation(r.Life()) != generation || r.Life()&indexMask != 0 {
			t.Fatalf("life %x", r.Life())
		}
		if n := Next(uint64(r)); generation < LastGeneration && (Generation(n) != generation+1 || n&indexMask != 0) {
			t.Fatalf("next %x", n)
		}
	})
}

func TestStressEachLifeHasOneOwner(t *testing.T) {
	rounds := 30000
	if testing.Short() {
		rounds = 3000
	}
	for _, per := range []int{1, 2, 4, 8} {
		workers := per * runtime.GOMAXPROCS(0)
		const slots = 200
		a := mustNew(t, slots)
		used := make([]int, slots+1) // plain on purpose: two owners are a race
		pass := make(chan Ref, 64)   // some lives end on another goroutine
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				o := a.NewOwner()
				defer o.Close()
				for i := range rounds {
					r, err := o.Reserve()
					if err != nil {
						runtime.Gosched()
						continue
					}
					used[r.Index()]++
					if (i+w)%3 == 0 {
						select {
						case pass <- r:
							continue
						default:
						}
					}
					end(o, a, r)
					select {
					case r := <-pass:
						used[r.Index()]++
						end(o, a, r)
					default:
					}
				}
			})
		}
		wg.Wait()
		close(pass)
		o := a.NewOwner()
		for r := range pass {
			end(o, a, r)
		}
		n := 0
		for ; ; n++ {
			if _, err := o.Reserve(); err != nil {
				break
			}
		}
		if n != slots {
			t.Errorf("%d workers: %d of %d slots are left", workers, n, slots)
		}
	}
}
