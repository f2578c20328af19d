package arena

import (
	"errors"
	"testing"
)

// FuzzReturn returns any number as a Ref. Only the very Ref that was reserved is taken back, once.
func FuzzReturn(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(func(t *testing.T, number uint64) {
		a := mustNew(t, 2)
		o := a.NewOwner()
		x, _ := o.Reserve()
		over, _ := o.Reserve()
		end(o, a, over)
		if Next(uint64(over)) == Ref(number).Life() && Ref(number).Index() == over.Index() {
			return // names a life that is still to come, as no Ref does that was handed out
		}
		if o.Return(Ref(number)) != (Ref(number) == x) {
			t.Errorf("%#x was taken back, or %#x wasn't", number, uint64(x))
		}
		if Ref(number) != x && !o.Return(x) {
			t.Error("what was reserved isn't taken back any more")
		}
		for k := range 3 {
			if _, err := o.Reserve(); (err == nil) != (k < 2) {
				t.Errorf("slot %d of 2: %v", k+1, err)
			}
		}
	})
}

// FuzzSizes: arenas of any size, grown to any size.
func FuzzSizes(f *testing.F) {
	f.Add(1, 1, 1)
	f.Fuzz(func(t *testing.T, slots, most, grow int) {
		if most > 1<<12 && most <= MaxSlots && slots >= 1 && slots <= most {
			return // it would be made, and costs memory
		}
		a, err := NewGrowable(slots, most)
		if (err == nil) != (slots >= 1 && slots <= most && most <= MaxSlots) || err != nil && !errors.Is(err, ErrSize) {
			t.Fatalf("NewGrowable(%d, %d): %v", slots, most, err)
		}
		if err != nil {
			return
		}
		if err := a.Grow(grow); (err == nil) != (grow >= 1 && grow <= most) || err != nil && !errors.Is(err, ErrSize) {
			t.Errorf("Grow(%d) of %d to %d: %v", grow, slots, most, err)
		} else if want := max(slots, grow); err == nil && a.Slots() != want {
			t.Errorf("%d slots, want %d", a.Slots(), want)
		}
	})
}
