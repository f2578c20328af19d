package arena

import (
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// take reserves until there is no more.
func take(t testing.TB, o *Owner) (refs []Ref) {
	t.Helper()
	for {
		r, err := o.Reserve()
		if err != nil {
			if !errors.Is(err, ErrExhausted) {
				t.Fatal(err)
			}
			return refs
		}
		refs = append(refs, r)
	}
}

// TestMagazinesScale: what Owners that have used a slot and given it back keep from others is at most 1 in 16 each.
func TestMagazinesScale(t *testing.T) {
	for slots, most := range map[int]int{1: 0, 10: 0, 31: 0, 32: 2, 128: 8, 1000: 62, 16 * ringSize: ringSize, 1 << 17: ringSize} {
		a := mustNew(t, slots)
		if atomicx.Exploring {
			a.SetShare(16)
		}
		o := a.NewOwner()
		refs := make([]Ref, 0, slots)
		for range min(slots, 3*ringSize) {
			r, err := o.Reserve()
			if err != nil {
				t.Fatal(err)
			}
			refs = append(refs, r)
		}
		for _, r := range refs {
			end(o, a, r)
			if o.Held() > most {
				t.Fatalf("%d slots: an Owner keeps %d, want %d at most", slots, o.Held(), most)
			}
		}
		if most > 0 && o.Held() == 0 {
			t.Errorf("%d slots: an Owner keeps none", slots)
		}
	}
}

// TestScarceSlotsAreGivenBack: once a Reserve has found nothing, an Owner gives all it has when it gives one, and what
// is left then is shared out one by one until there is plenty.
func TestScarceSlotsAreGivenBack(t *testing.T) {
	const slots = 16 * ringSize
	a := mustNew(t, slots)
	o, p := a.NewOwner(), a.NewOwner()
	r, _ := o.Reserve()
	if a.Scarce() {
		t.Fatal("scarce from the beginning")
	}
	refs := take(t, p)
	if !a.Scarce() || o.Held() == 0 {
		t.Fatalf("exhausted, scarce %v, o holds %d", a.Scarce(), o.Held())
	}
	end(o, a, r)
	if o.Held() != 0 {
		t.Errorf("o keeps %d", o.Held())
	}
	more, err := p.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(take(t, o)) + len(take(t, p)); got != fullRefill-1 {
		t.Errorf("%d of the last %d slots could be had", got, fullRefill-1)
	}
	for _, r := range append(refs, more) {
		end(p, a, r)
	}
	if _, err := o.Reserve(); err != nil || a.Scarce() {
		t.Errorf("%v with nearly all free, scarce %v", err, a.Scarce())
	}
	if o.Held() != fullRefill-1 {
		t.Errorf("plenty, and o holds %d", o.Held())
	}
}

func TestGrow(t *testing.T) {
	a, err := NewGrowable(3, 16*ringSize)
	if err != nil {
		t.Fatal(err)
	}
	o := a.NewOwner()
	refs := take(t, o)
	if len(refs) != 3 || a.Slots() != 3 {
		t.Fatalf("%d of %d slots", len(refs), a.Slots())
	}
	for _, bad := range []int{-1, 0, 16*ringSize + 1} {
		if err := a.Grow(bad); !errors.Is(err, ErrSize) {
			t.Errorf("Grow(%d): %v", bad, err)
		}
	}
	word := a.Word(refs[0].Index())
	if err := a.Grow(1000); err != nil || a.Slots() != 1000 {
		t.Fatalf("%v, %d slots", err, a.Slots())
	}
	if a.Word(refs[0].Index()) != word || word.Load() != refs[0].Life() {
		t.Error("a slot has moved")
	}
	if more := take(t, o); len(more) != 997 || more[0].Index() != 4 {
		t.Errorf("%d more, from %d on", len(more), more[0].Index())
	}
	if err := a.Grow(10); err != nil || a.Slots() != 1000 {
		t.Errorf("it shrinks: %v, %d slots", err, a.Slots())
	}
	if _, err := NewGrowable(3, 2); !errors.Is(err, ErrSize) {
		t.Errorf("NewGrowable(3, 2): %v", err)
	}
}

// TestGrowWidensMagazines: Owners keep as many as the larger arena allows.
func TestGrowWidensMagazines(t *testing.T) {
	a, err := NewGrowable(32, 16*ringSize)
	if err != nil {
		t.Fatal(err)
	}
	o := a.NewOwner()
	if err := a.Grow(16 * ringSize); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Reserve(); err != nil || o.Held() != fullRefill-1 {
		t.Errorf("%v, %d held", err, o.Held())
	}
}

func TestShareKnobBites(t *testing.T) {
	a := mustNew(t, 4)
	if !atomicx.Exploring && (!a.Scarce() || a.share != 16) {
		t.Error("an arena of 4 lets Owners keep slots without the knob")
	}
	a.SetShare(1)
	o := a.NewOwner()
	refs := take(t, o)
	if len(refs) != 4 || !a.Scarce() {
		t.Errorf("%d slots, scarce %v", len(refs), a.Scarce())
	}
	end(o, a, refs[0])
	end(o, a, refs[1])
	if _, err := o.Reserve(); err != nil || a.Scarce() || o.Held() != 1 {
		t.Errorf("%v, scarce %v, %d held", err, a.Scarce(), o.Held())
	}
}

func TestSpread(t *testing.T) {
	for n := range fullRefill + 1 {
		ring := make([]uint32, n)
		for i := range ring {
			ring[i] = uint32(i)
		}
		spread(ring)
		seen := map[uint32]bool{}
		for k, i := range ring {
			if seen[i] = true; k > 0 && n >= 16 && ring[k-1]/8 == i/8 {
				t.Errorf("of %d, %d comes right after %d", n, i, ring[k-1])
			}
		}
		if len(seen) != n {
			t.Errorf("%d of %d are left", len(seen), n)
		}
	}
}
