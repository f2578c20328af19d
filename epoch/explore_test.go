//go:build explore

package epoch

import (
	"context"
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// How far these scenarios go. Most end by themselves, so no bound is needed; where release stores arrive late (that of Unpin, and
// those of the rings' counts) some have too many schedules for that, and are sampled.
var (
	all         = explore.Options{Mode: explore.Exhaustive}
	allBuffered = explore.Options{Mode: explore.Exhaustive, StoreBuffers: true}
	sampled     = explore.Options{Mode: explore.Random, StoreBuffers: true, MaxSchedules: 10_000}

	small  = []explore.Options{all, allBuffered}
	medium = append([]explore.Options{all, sampled}, explore.WhenLong(allBuffered)...)
)

// large is for those of which only a bound sees the end.
func large(preemptions int) []explore.Options {
	return append([]explore.Options{{Preemptions: preemptions}, sampled}, explore.WhenLong(all)...)
}

// A world is a domain with one object, reached through link and destroyed by id.
type world struct {
	d     *Domain
	id    ReclaimerID
	link  atomicx.Uint32     // 1 while the object can be reached
	dead  atomicx.Cell[bool] // a reader's Get and the destroyer's Set must be ordered
	count atomicx.Cell[int]  // times destroyed
	p     map[string]*Participant
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ok(err error) { explore.Assert(err == nil, "%v", err) }

func newWorld(slots int, names ...string) *world {
	w := &world{d: must(New(Config{MaxParticipants: slots, MaxRetired: 4, MaxReclaimers: 2})), p: map[string]*Participant{}}
	w.id = must(w.d.Reclaimer(func(uint64) {
		w.dead.Set(true)
		w.count.Set(w.count.Get() + 1)
	}))
	w.link.Store(1)
	for _, n := range names {
		w.p[n] = must(w.d.Register())
	}
	return w
}

// look uses the object if it can be reached.
func (w *world) look() {
	if w.link.Load() == 1 {
		explore.Assert(!w.dead.Get(), "a reader holds a reclaimed object")
	}
}

// read is one section.
func (w *world) read(p *Participant) {
	p.Pin()
	w.look()
	p.Unpin()
}

// remove unlinks and retires the object.
func (w *world) remove(p *Participant) {
	w.link.Store(0)
	ok(p.Retire(w.id, 1))
}

// finally has p reclaim what is left, and asserts that the object died once.
func (w *world) finally(s *explore.Scenario, p func() *Participant) {
	s.Finally(func() {
		collect(p(), 3)
		explore.Assert(w.count.Get() == 1, "destroyed %d times", w.count.Get())
		st := w.d.Stats()
		explore.Assert(st.Retired == 0 && st.Pinned == 0 && st.Orphans == 0 && w.d.orphans.Load() == 0, "%+v", st)
	})
}

// readerAndWriter: one who pins before, in or after the removal, twice.
func readerAndWriter(breakIt func(*world)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		w := newWorld(2, "reader", "writer")
		breakIt(w)
		s.Thread("reader", func() { w.read(w.p["reader"]); w.read(w.p["reader"]) })
		s.Thread("writer", func() { w.remove(w.p["writer"]); collect(w.p["writer"], 3) })
		w.finally(s, func() *Participant { return w.p["writer"] })
	}
}

// twoReaders and two who collect: an advance of the one can be late for the other.
func twoReaders(breakIt func(*world)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		w := newWorld(3, "a", "b", "writer")
		breakIt(w)
		s.Thread("a", func() { w.read(w.p["a"]) })
		s.Thread("b", func() { w.read(w.p["b"]) })
		s.Thread("writer", func() { w.remove(w.p["writer"]); collect(w.p["writer"], 2) })
		s.Thread("other", func() { w.d.advance(); w.d.advance() })
		w.finally(s, func() *Participant { return w.p["writer"] })
	}
}

func intact(*world) {}

func TestExploreReaderAndWriter(t *testing.T) {
	explore.Searches(t, small, readerAndWriter(intact))
}

func TestExploreTwoReaders(t *testing.T) {
	explore.Searches(t, large(2), twoReaders(intact))
}

// mustFail wants the explorer to find what a known fault leads to.
func mustFail(t *testing.T, o explore.Options, scenario func(*explore.Scenario), reasons ...string) {
	t.Helper()
	r := explore.Search(o, scenario)
	if r.Failure == nil {
		t.Fatalf("%d schedules, and the fault was not found", r.Schedules)
	}
	for _, reason := range reasons {
		if strings.Contains(r.Failure.Reason, reason) {
			t.Logf("found after %d schedules: %s", r.Schedules, reason)
			return
		}
	}
	t.Fatalf("found %q, not one of %q", r.Failure.Reason, reasons)
}

const (
	afterUse  = "a reader holds a reclaimed object"
	unordered = "data race"
)

func TestExploreOneEpochIsTooShort(t *testing.T) {
	breakIt := func(w *world) { w.d.grace = 1 }
	mustFail(t, explore.Options{Preemptions: 3}, readerAndWriter(breakIt), afterUse, unordered)
}

// TestExploreAdvanceMustScan: somebody moves the epoch without looking at the readers.
func TestExploreAdvanceMustScan(t *testing.T) {
	mustFail(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		w := newWorld(2, "reader", "writer")
		s.Thread("reader", func() { w.read(w.p["reader"]) })
		s.Thread("writer", func() {
			w.remove(w.p["writer"])
			w.d.global.Add(gracePeriod)
			collect(w.p["writer"], 2)
		})
	}, afterUse, unordered)
}

// TestExploreAdvanceMustLoadFirst: an advance that looks at the readers, and only then
// at the epoch, can miss one that pinned in between (I2).
func TestExploreAdvanceMustLoadFirst(t *testing.T) {
	scenario := func(advance func(*Domain)) func(*explore.Scenario) {
		return func(s *explore.Scenario) {
			w := newWorld(2, "reader", "writer")
			s.Thread("reader", func() { w.read(w.p["reader"]) })
			s.Thread("writer", func() { w.remove(w.p["writer"]); collect(w.p["writer"], 2) })
			s.Thread("other", func() { advance(w.d) })
		}
	}
	explore.Test(t, explore.Options{Preemptions: 3}, scenario(func(d *Domain) { d.advance() }))
	mustFail(t, explore.Options{Preemptions: 3}, scenario(func(d *Domain) {
		for i := range d.slots {
			if d.slots[i].word.Load()&pinned != 0 {
				return
			}
		}
		e := d.global.Load()
		d.global.CompareAndSwap(e, e+1)
	}), afterUse, unordered)
}

// TestExploreRetireMustLoadGlobal: an object sealed with the epoch at which its retirer
// is pinned, which can be one behind (I3).
func TestExploreRetireMustLoadGlobal(t *testing.T) {
	scenario := func(retire func(*world, *Participant)) func(*explore.Scenario) {
		return func(s *explore.Scenario) {
			w := newWorld(2, "reader", "writer")
			s.Thread("reader", func() { w.read(w.p["reader"]) })
			s.Thread("writer", func() {
				p := w.p["writer"]
				p.Pin()
				w.link.Store(0)
				retire(w, p)
				p.Unpin()
				collect(p, 2)
			})
			s.Thread("other", func() { w.d.advance() })
		}
	}
	explore.Test(t, explore.Options{Preemptions: 3}, scenario(func(w *world, p *Participant) { ok(p.Retire(w.id, 1)) }))
	mustFail(t, explore.Options{Preemptions: 3}, scenario(func(w *world, p *Participant) {
		p.s.push(entry{epoch: p.s.word.Load() >> 1, arg: 1, f: w.id}, 4)
	}), afterUse, unordered)
}

// TestExplorePinMatters: the scenario itself can tell.
func TestExplorePinMatters(t *testing.T) {
	mustFail(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		w := newWorld(2, "reader", "writer")
		s.Thread("reader", w.look)
		s.Thread("writer", func() { w.remove(w.p["writer"]); collect(w.p["writer"], 3) })
	}, afterUse, unordered)
}

// TestExploreUnregisterWithGarbage: two collectors meet over what is left behind, while
// a reader reads and another participant registers in the slot.
func TestExploreUnregisterWithGarbage(t *testing.T) {
	explore.Searches(t, medium, func(s *explore.Scenario) {
		w := newWorld(3, "leaver", "a", "reader")
		s.Thread("leaver", func() { w.remove(w.p["leaver"]); ok(w.p["leaver"].Unregister()) })
		s.Thread("a", func() { collect(w.p["a"], 3) })
		s.Thread("reader", func() { w.read(w.p["reader"]); w.p["reader"].Collect() })
		w.finally(s, func() *Participant { return w.p["a"] })
	})
}

// TestExploreRegisterWhileSwept: the only slot is orphaned, and swept or still owned
// when somebody registers. Exhausted is right only while it is owned.
func TestExploreRegisterWhileSwept(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		w := newWorld(2, "leaver", "collector")
		w.remove(w.p["leaver"])
		w.d.global.Add(gracePeriod) // it is due
		ok(w.p["leaver"].Unregister())
		s.Thread("collector", func() { w.p["collector"].Collect() })
		s.Thread("newcomer", func() {
			p, err := w.d.Register()
			explore.Assert(err == nil, "a slot was there: %v", err)
			w.p["newcomer"] = p
			p.Collect()
		})
		w.finally(s, func() *Participant { return w.p["newcomer"] })
	})
}

// TestExploreRegisterRaces: three for two slots.
func TestExploreRegisterRaces(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		w := newWorld(2)
		owner := map[*slot]int{}
		got := 0
		for _, n := range []string{"a", "b", "c"} {
			s.Thread(n, func() {
				p, err := w.d.Register()
				if err != nil {
					return
				}
				got++
				owner[p.s]++
				explore.Assert(owner[p.s] == 1, "a slot has two owners")
				s := p.s
				explore.Assert(w.d.used.Load() > 0, "registered and not seen by advance")
				owner[s]--
				ok(p.Unregister())
			})
		}
		s.Finally(func() {
			explore.Assert(got >= 2, "only %d of three registered", got)
			explore.Assert(w.d.Stats() == Stats{Epoch: firstEpoch}, "%+v", w.d.Stats())
		})
	})
}

// TestExploreNeverRefusedWithASlotForEach: one who moves between slots doesn't make
// another believe that both are taken (I9).
func TestExploreNeverRefusedWithASlotForEach(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		w := newWorld(2, "a")
		second := must(w.d.Register())
		w.remove(w.p["a"]) // its slot becomes an orphan; so the free one is preferred
		s.Thread("mover", func() {
			ok(second.Unregister())
			ok(w.p["a"].Unregister())
			must(w.d.Register())
		})
		s.Thread("newcomer", func() {
			// Until second is gone, a refusal is right.
			for w.d.released.Load() == 0 {
				atomicx.Pause(1)
			}
			_, err := w.d.Register()
			explore.Assert(err == nil, "%v, though one of two slots was always free", err)
		})
	})
}

// TestExploreNewcomerReads: a reader that registers while the object is removed; its
// slot may be above what a scan in progress looks at (I2).
func TestExploreNewcomerReads(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		w := newWorld(2, "writer")
		s.Thread("reader", func() { w.read(must(w.d.Register())) })
		s.Thread("writer", func() { w.remove(w.p["writer"]); collect(w.p["writer"], 3) })
		w.finally(s, func() *Participant { return w.p["writer"] })
	})
}

// TestExploreSynchronize: what a section did happened before the return.
func TestExploreSynchronize(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		w := newWorld(1, "reader")
		s.Thread("reader", func() { w.read(w.p["reader"]) })
		s.Thread("writer", func() {
			w.link.Store(0)
			ok(w.d.Synchronize(context.Background()))
			w.dead.Set(true)
		})
		s.Thread("other", func() { w.d.advance() })
	})
}

// TestExploreBarrier: two of them, each with garbage.
func TestExploreBarrier(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		w := newWorld(3, "reader", "writer", "other")
		s.Thread("reader", func() { w.read(w.p["reader"]) })
		s.Thread("writer", func() {
			w.remove(w.p["writer"])
			ok(w.p["writer"].Barrier(context.Background()))
			explore.Assert(w.count.Get() == 1, "returned before the object was reclaimed")
		})
		s.Thread("other", func() { ok(w.p["other"].Synchronize(context.Background())) })
	})
}

// TestExplorePinnedReaderHoldsTheEpoch: I2 itself.
func TestExplorePinnedReaderHoldsTheEpoch(t *testing.T) {
	explore.Searches(t, medium, func(s *explore.Scenario) {
		w := newWorld(3, "reader", "a", "b")
		s.Thread("reader", func() {
			p := w.p["reader"]
			p.Pin()
			w.link.Load()
			r := w.d.global.Load()
			for range 2 {
				now := w.d.global.Load()
				explore.Assert(now <= r+1, "global was %d after a load of the section, and is %d in the same section", r, now)
			}
			p.Unpin()
		})
		s.Thread("a", func() { w.d.advance(); w.d.advance(); w.d.advance() })
		s.Thread("b", func() { w.d.advance(); w.d.advance() })
	})
}

// TestExploreOrphansAreCountedFirst: with a count that rises behind the slot's state, one collector can lower it for that
// slot while another one, which was orphaned long ago, is still there; and who then reads 0 overlooks it (I8).
func TestExploreOrphansAreCountedFirst(t *testing.T) {
	scenario := func(unregister func(*world, *Participant)) func(*explore.Scenario) {
		return func(s *explore.Scenario) {
			w := &world{d: must(New(Config{MaxParticipants: 4, MaxRetired: 1, MaxReclaimers: 1}))}
			ran := 0
			w.id = must(w.d.Reclaimer(func(uint64) { ran++ }))
			leaver, old := must(w.d.Register()), must(w.d.Register())
			a, b := must(w.d.Register()), must(w.d.Register())
			ok(leaver.Retire(w.id, 1))
			ok(old.Retire(w.id, 2))
			w.d.global.Add(gracePeriod) // all of it is due
			ok(old.Unregister())
			s.Thread("leaver", func() { unregister(w, leaver) })
			s.Thread("a", func() { a.Collect() })
			s.Thread("b", func() {
				b.Collect()
				// Whoever has the slot at the moment runs what is in it.
				explore.Assert(w.d.slots[old.id].state.Load() != slotOrphan, "an orphan was overlooked")
			})
			s.Finally(func() {
				collect(a, 3)
				explore.Assert(ran == 2 && w.d.orphans.Load() == 0, "%d ran, %d orphans", ran, w.d.orphans.Load())
			})
		}
	}
	explore.Test(t, explore.Options{Preemptions: 2}, scenario(func(_ *world, p *Participant) { ok(p.Unregister()) }))
	mustFail(t, explore.Options{Preemptions: 2}, scenario(func(w *world, p *Participant) {
		p.s.state.Store(slotOrphan)
		w.d.orphans.Add(1)
		w.d.released.Add(1)
	}), "an orphan was overlooked")
}
