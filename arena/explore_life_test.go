//go:build explore

package arena

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// TestExploreLastGeneration: two use two slots until their generations end, ending lives for each other. No life comes
// twice, and what is used up is retired and not handed out.
func TestExploreLastGeneration(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		const slots, lives = 2, 2
		a, _ := New(slots)
		a.SetLastGeneration(FirstGeneration + lives)
		var used [slots + 1][lives]atomicx.Cell[bool]
		var passed atomicx.Uint64
		use := func(o *Owner) Ref {
			r, err := o.Reserve()
			explore.Assert(err == nil || err == ErrExhausted, "Reserve: %v", err)
			if err != nil {
				return 0
			}
			g := r.Generation() - FirstGeneration
			explore.Assert(g < lives, "slot %d is handed out at the end", r.Index())
			life := &used[r.Index()][g]
			explore.Assert(!life.Get(), "a life of slot %d comes twice", r.Index())
			life.Set(true)
			return r
		}
		s.Thread("a", func() {
			o := a.NewOwner()
			passed.Store(uint64(use(o)))
			if r := use(o); r != 0 {
				o.End(r)
			}
			o.Close()
		})
		s.Thread("b", func() {
			o := a.NewOwner()
			if r := Ref(passed.Swap(0)); r != 0 {
				o.End(r)
			}
			if r := use(o); r != 0 {
				o.End(r)
			}
			o.Close()
		})
		s.Finally(func() {
			o := a.NewOwner()
			if r := Ref(passed.Load()); r != 0 {
				o.End(r)
			}
			for r := use(o); r != 0; r = use(o) {
				o.End(r)
			}
			explore.Assert(a.Retired() == slots, "%d of %d slots are retired", a.Retired(), slots)
		})
	})
}

// TestExploreExhausted: two want the only slot. Who gets none is told so, and when nobody has it, it can be had.
func TestExploreExhausted(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		c := newCrowd(1, 0, false)
		var got [2]atomicx.Cell[int]
		for k, name := range []string{"a", "b"} {
			s.Thread(name, func() {
				o := c.NewOwner()
				for range 2 {
					r, err := o.Reserve()
					explore.Assert(err == nil || err == ErrExhausted, "Reserve: %v", err)
					if err == nil {
						got[k].Set(got[k].Get() + 1)
						c.end(o, c.got(r))
					}
				}
				o.Close()
			})
		}
		s.Finally(func() {
			explore.Assert(got[0].Get()+got[1].Get() > 0, "neither ever had it")
			c.finally(1)
		})
	})
}

// TestExploreStaleRef: who has a Ref looks at its word while the life ends by a release store and the slot goes to another
// goroutine, which begins the next. The word is of that life or of a later one, and never goes back.
func TestExploreStaleRef(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		a, _ := New(1)
		r, _ := a.NewOwner().Reserve()
		s.Thread("looker", func() {
			w := a.Word(r.Index())
			before := w.Load()
			after := w.Load()
			explore.Assert(before&^indexMask >= r.Life() && after >= before, "the word of life %#x: %#x, then %#x", r.Life(), before, after)
			if after&^indexMask != r.Life() {
				explore.Assert(!a.NewOwner().Return(r), "an ended life is returned")
			}
		})
		s.Thread("ender", func() {
			o := a.NewOwner()
			o.End(r)
			o.Close()
		})
		s.Thread("next", func() {
			o := a.NewOwner()
			if next, err := o.Reserve(); err == nil {
				explore.Assert(next.Generation() > r.Generation(), "life %#x again", r.Life())
				o.End(next)
			}
			o.Close()
		})
	})
}
