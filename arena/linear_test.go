package arena

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/fencert/fencert/internal/linear"
)

// A slotOp is one step of a call on a small arena: generations count from the first one.
type slotOp struct {
	kind       slotKind
	slot       int
	generation uint8
}

type slotKind uint8

const (
	reserved  slotKind = iota // Reserve gave this life
	exhausted                 // Reserve gave none
	ended                     // End, or Return that answers true: this life is over
	given                     // and then the slot may be reserved again
	refused                   // Return answers false
	looked                    // the word says that this is the present life
)

func (o slotOp) String() string {
	name := [...]string{"Reserve", "Reserve: ErrExhausted", "life ends", "slot is free", "Return: false", "word"}[o.kind]
	if o.kind == exhausted {
		return name
	}
	return fmt.Sprintf("%s %d.%d", name, o.slot, o.generation)
}

const mostSlots = 3

// slotStates is an arena whose magazines keep nothing.
type slotStates [mostSlots]struct {
	generation uint8
	place      uint8
}

const (
	isFree = iota
	isOwned
	isEnded
	isRetired
)

// slotSpec: no slot has two owners, each life comes once and in its order, a used-up slot never again (A1 to A3), and a
// Reserve is refused only when no slot is free.
func slotSpec(slots int, last uint8) linear.Spec[slotStates, slotOp] {
	return linear.Spec[slotStates, slotOp]{Step: func(s slotStates, o slotOp) (slotStates, bool) {
		x := &s[o.slot]
		switch same := x.generation == o.generation; o.kind {
		case reserved:
			ok := x.place == isFree && same
			x.place = isOwned
			return s, ok
		case exhausted:
			for _, y := range s[:slots] {
				if y.place == isFree {
					return s, false
				}
			}
			return s, true
		case ended:
			ok := x.place == isOwned && same
			x.place = isEnded
			x.generation++
			return s, ok
		case given:
			ok := x.place == isEnded && x.generation == o.generation+1
			x.place = isFree
			if x.generation >= last {
				x.place = isRetired
			}
			return s, ok
		case refused:
			return s, x.place != isOwned || !same
		default:
			return s, same
		}
	}}
}

// A slotThread makes calls on an arena and records them.
type slotThread struct {
	*linear.Thread[slotOp]
	o *Owner
}

func slotOpOf(kind slotKind, r Ref) slotOp {
	return slotOp{kind, int(r.Index()) - 1, uint8(r.Generation() - FirstGeneration)}
}

func (x slotThread) reserve() (r Ref) {
	x.Do(func() slotOp {
		var err error
		if r, err = x.o.Reserve(); errors.Is(err, ErrExhausted) {
			return slotOp{kind: exhausted}
		} else if err != nil {
			panic(err)
		}
		return slotOpOf(reserved, r)
	})
	return r
}

func (x slotThread) end(r Ref) {
	x.Steps(func() []slotOp {
		x.o.End(r)
		return []slotOp{slotOpOf(ended, r), slotOpOf(given, r)}
	})
}

func (x slotThread) giveBack(r Ref) {
	x.Steps(func() []slotOp {
		if x.o.Return(r) {
			return []slotOp{slotOpOf(ended, r), slotOpOf(given, r)}
		}
		return []slotOp{slotOpOf(refused, r)}
	})
}

func (x slotThread) look(index uint32) {
	x.Do(func() slotOp {
		w := x.o.arena.Word(index).Load()
		if w == 0 { // it has had no life yet
			w = MakeRef(0, FirstGeneration).Life()
		}
		return slotOpOf(looked, Ref(w|uint64(index)))
	})
}

// TestLinearArena has goroutines reserve, end, return and look at few slots, so that most calls meet.
func TestLinearArena(t *testing.T) {
	for _, c := range []struct{ slots, goroutines int }{{1, 2}, {2, 3}, {3, 3}, {3, 4}} {
		t.Run(fmt.Sprintf("slots=%d/goroutines=%d", c.slots, c.goroutines), func(t *testing.T) {
			const last = 4
			check := linear.NewChecker(t, slotSpec(c.slots, last))
			linear.Batches(linear.Scaled(2000), 200, func(n int) {
				arenas, histories := make([]*Arena, n), make([]*linear.History[slotOp], n)
				for i := range n {
					arenas[i], _ = New(c.slots)
					arenas[i].SetShare(16) // magazines keep nothing
					arenas[i].SetLastGeneration(FirstGeneration + last)
					histories[i] = linear.NewHistory[slotOp](c.goroutines)
				}
				seed := rand.Uint64()
				linear.Together(c.goroutines, n, func(i, k int) {
					x := slotThread{histories[i].Thread(k), arenas[i].NewOwner()}
					useSlots(x, c.slots, rand.New(rand.NewPCG(seed+uint64(i), uint64(k))))
				})
				for _, h := range histories {
					if err := check.Check(h); err != nil {
						t.Fatal(err)
					}
				}
			})
			t.Log(check)
		})
	}
}

// useSlots is one goroutine's random calls.
func useSlots(x slotThread, slots int, r *rand.Rand) {
	var mine, old Ref
	for range 6 {
		switch r.UintN(8) {
		case 0:
			x.look(1 + r.Uint32N(uint32(slots)))
		case 1:
			runtime.Gosched()
		case 2:
			if old != 0 {
				x.giveBack(old) // once more
			}
		default:
			if mine == 0 {
				mine = x.reserve()
				continue
			}
			if r.UintN(2) == 0 {
				x.end(mine)
			} else {
				x.giveBack(mine)
			}
			mine, old = 0, mine
		}
	}
}

// TestLinearArenaRefutes: what the specification is there to refuse.
func TestLinearArenaRefutes(t *testing.T) {
	check := linear.NewChecker(t, slotSpec(2, 4))
	op := func(kind slotKind, slot int, generation uint8) slotOp { return slotOp{kind, slot, generation} }
	end := func(slot int, generation uint8) []slotOp {
		return []slotOp{op(ended, slot, generation), op(given, slot, generation)}
	}
	for name, wrong := range map[string][]slotOp{
		"two owners":              {op(reserved, 0, 0), op(reserved, 0, 0)},
		"a life again":            append(append([]slotOp{op(reserved, 0, 0)}, end(0, 0)...), op(reserved, 0, 0)),
		"a life left out":         {op(reserved, 0, 1)},
		"returned twice":          append(append([]slotOp{op(reserved, 0, 0)}, end(0, 0)...), end(0, 0)...),
		"an owner refused":        {op(reserved, 0, 0), op(refused, 0, 0)},
		"a slot kept from others": {op(reserved, 0, 0), op(exhausted, 0, 0)},
		"an end unseen":           append(append([]slotOp{op(reserved, 0, 0)}, end(0, 0)...), op(looked, 0, 0)),
	} {
		if !check.Refutes(linear.Sequence(wrong...)) {
			t.Errorf("%s: not refuted", name)
		}
	}
	used := []slotOp{}
	for g := range uint8(4) {
		used = append(append(used, op(reserved, 0, g)), end(0, g)...)
	}
	if check.Refutes(linear.Sequence(append(used, op(reserved, 1, 0), op(exhausted, 0, 0))...)) {
		t.Error("a slot's last life: refuted")
	}
	if !check.Refutes(linear.Sequence(append(used, op(reserved, 0, 4))...)) {
		t.Error("a life too many: not refuted")
	}
	// Two who reserve at once, and both get the slot.
	h := linear.NewHistory[slotOp](2)
	h.Wrote(0, 1, 3, op(reserved, 0, 0))
	h.Wrote(1, 2, 4, op(reserved, 0, 0))
	if !check.Refutes(h) {
		t.Error("two owners at once: not refuted")
	}
}
