//go:build explore

package atomicseq

import (
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// blocks counts how often each number was handed out. A plain map will do: threads
// switch only at atomics.
type blocks map[uint64]int

func (b blocks) take(first, n uint64, err error) {
	if err != nil {
		return
	}
	for k := first; k < first+n; k++ {
		b[k]++
		explore.Assert(b[k] == 1 && k <= Max, "number Max-%d was handed out %d times", Max-k, b[k])
	}
}

func TestExploreNextIsDistinct(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: -1}, func(s *explore.Scenario) {
		c, b := new(Counter), blocks{}
		s.Thread("a", func() { n, err := c.Next(); b.take(n, 1, err); n, err = c.Next(); b.take(n, 1, err) })
		s.Thread("b", func() { n, err := c.NextN(3); b.take(n, 3, err) })
		s.Thread("c", func() { n, err := c.Next(); b.take(n, 1, err) })
		s.Finally(func() { explore.Assert(len(b) == 6 && c.Last() == 6, "%d numbers, Last %d", len(b), c.Last()) })
	})
}

// end runs three issuers into the end of the range.
func end(nextN func(*Counter, uint64) (uint64, error)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		c, b := new(Counter), blocks{}
		if c.StartAt(Max-4) != nil {
			panic("StartAt")
		}
		take := func(n uint64) {
			first, err := nextN(c, n)
			b.take(first, n, err)
		}
		s.Thread("a", func() { take(6) })
		s.Thread("b", func() { take(4); take(1) })
		s.Thread("c", func() { take(2); take(1); take(1) })
	}
}

func TestExploreTheEnd(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, end((*Counter).NextN))
}

// TestExploreTakingBackIsWrong shows why a failed block isn't subtracted again (I3).
func TestExploreTakingBackIsWrong(t *testing.T) {
	r := explore.Search(explore.Options{Preemptions: 3}, end(func(c *Counter, n uint64) (uint64, error) {
		last := c.last.Add(n)
		if last > Max {
			c.last.Add(-n)
			return 0, ErrRange
		}
		return last - n + 1, nil
	}))
	if r.Failure == nil || !strings.Contains(r.Failure.Reason, "was handed out 2 times") {
		t.Fatalf("%d schedules, and the fault was not found: %+v", r.Schedules, r.Failure)
	}
}

func TestExploreOwnedIsVisible(t *testing.T) {
	explore.Searches(t, []explore.Options{{Preemptions: -1}, {Preemptions: -1, StoreBuffers: true}}, func(s *explore.Scenario) {
		var c Counter
		var heard atomicx.Uint64
		s.Thread("issuer", func() {
			for range 2 {
				n, _ := c.NextOwned()
				heard.Store(n)
			}
		})
		s.Thread("reader", func() {
			n := heard.Load()
			explore.Assert(c.Last() >= n, "Last is behind what was heard of")
		})
	})
}

// advancers run two of them against a poller that checks what they published.
func advancers(advance func(v *Value, n uint64) (uint64, bool, error)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		var v Value
		var data [4]atomicx.Cell[uint64]
		moved := make([]bool, 4) // moved[n]: some call passed n
		raise := func(n uint64) {
			data[n].Set(n)
			old, did, err := advance(&v, n)
			explore.Assert(err == nil && v.Reached(n), "advanced to %d, which isn't reached", n)
			for k := old + 1; did && k <= n; k++ {
				explore.Assert(!moved[k], "two calls passed %d", k)
				moved[k] = true
			}
		}
		s.Thread("a", func() { raise(1); raise(3) })
		s.Thread("b", func() { raise(2) })
		s.Thread("poller", func() {
			a := v.Load()
			explore.Assert(data[a].Get() == a, "the data of %d isn't there", a)
			explore.Assert(v.Load() >= a, "the value went down from %d", a)
		})
		s.Finally(func() { explore.Assert(v.Load() == 3 && moved[1] && moved[2] && moved[3], "value %d", v.Load()) })
	}
}

func TestExploreTwoAdvancers(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 4}, advancers((*Value).Advance))
}

func TestExploreAdvanceByStoreIsWrong(t *testing.T) {
	r := explore.Search(explore.Options{Preemptions: 3}, advancers(func(v *Value, n uint64) (uint64, bool, error) {
		old := v.Load()
		if old >= n {
			return old, false, nil
		}
		v.v.Store(n)
		return old, true, nil
	}))
	if r.Failure == nil {
		t.Fatalf("%d schedules, and the fault was not found", r.Schedules)
	}
}
