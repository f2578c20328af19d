package epoch

import (
	"errors"
	"testing"
)

// FuzzConfig: a Config of any numbers is refused, or makes a domain in which an object can be retired and reclaimed.
func FuzzConfig(f *testing.F) {
	f.Add(1, 1, 1, uint8(0))
	f.Fuzz(func(t *testing.T, participants, retired, reclaimers int, pinning uint8) {
		c, err := Config{MaxParticipants: participants, MaxRetired: retired, MaxReclaimers: reclaimers, Pinning: Pinning(pinning)}.complete()
		within := func(n, limit int) bool { return n >= 0 && n <= limit } // 0 takes the default
		ok := within(participants, LimitParticipants) && within(retired, LimitRetired) && within(reclaimers, LimitReclaimers)
		if err == nil && !ok || err != nil && !errors.Is(err, ErrConfig) {
			t.Fatalf("%+v: %v", c, err)
		}
		if err != nil || max(c.MaxParticipants, c.MaxRetired) > 1<<12 {
			return
		}
		d, err := New(c)
		if err != nil {
			if !errors.Is(err, ErrConfig) {
				t.Fatal(err)
			}
			return
		}
		ran := 0
		id := reclaimer(t, d, func(uint64) { ran++ })
		p := register(t, d)
		retire(t, p, id, 1)
		collect(p, 4)
		if ran != 1 {
			t.Errorf("reclaimed %d times", ran)
		}
	})
}

// FuzzRetire: only the ids that were handed out name a reclaim function, which gets whatever argument it was.
func FuzzRetire(f *testing.F) {
	f.Add(0, uint64(0))
	f.Fuzz(func(t *testing.T, id int, arg uint64) {
		d, known, ran := newDomain(t, Config{MaxParticipants: 1, MaxReclaimers: 2})
		p := register(t, d)
		err := p.Retire(ReclaimerID(id), arg)
		if wanted := ReclaimerID(id) == known; (err == nil) != wanted || err != nil && !errors.Is(err, ErrReclaimer) {
			t.Fatalf("Retire(%d): %v", id, err)
		}
		collect(p, 4)
		if err == nil {
			wantRan(t, ran, arg)
		} else {
			wantRan(t, ran)
		}
	})
}
