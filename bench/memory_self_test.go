package bench

import (
	"errors"
	"testing"

	"github.com/fencert/fencert/bench/internal/memory"
)

// TestMemoryRows puts every implementation through a small row, on one goroutine and on three.
func TestMemoryRows(t *testing.T) {
	for _, s := range subjects {
		if remembered[s.name()] {
			t.Run("impl="+s.name(), s.remember)
		}
	}
}

func (s subject[F, T]) remember(t *testing.T) {
	for _, c := range []memoryCase{{1000, 0, false}, {1000, 1, false}, {1000, 2, true}} {
		for _, procs := range []int{1, 3} {
			h := s.herd(procs, c)
			before := h.crew.total()
			const pieces = 1500 // each fence once, and some twice
			good := split(pieces, procs, nothing, func(id, lo, hi int) int { return h.graze(h.parts[id], hi-lo) })
			n := uint64(pieces * c.callbacks)
			if err := verify(good, pieces, before, h.crew.total(), count{n, n}); err != nil {
				t.Errorf("%v: %v", c, err)
			}
			if got := h.pendingNow(); got != c.pending {
				t.Errorf("%v: %d are pending", c, got)
			}
			for _, p := range h.parts {
				if n := h.replaced(p); n != p.fences.len() {
					t.Errorf("%v: going round replaced %d of %d fences", c, n, p.fences.len())
				}
			}
			if err := h.close(); err != nil {
				t.Errorf("%v: %v", c, err)
			}
		}
	}
}

// replaced goes round a part once and returns how many places hold another fence then.
func (h *herd[F, T]) replaced(p *herdPart[F, T]) (n int) {
	before := make([]F, p.fences.len())
	for i := range before {
		before[i] = p.fences.at(i)
	}
	h.graze(p, len(before))
	for i, f := range before {
		if p.fences.at(i) != f {
			n++
		}
	}
	return n
}

// TestMemoryChecksBite breaks one promise at a time; the counting of a row has to notice.
func TestMemoryChecksBite(t *testing.T) {
	for _, m := range []struct {
		name string
		wrap func(pooled) pooled
	}{
		{"callback_lost", func(w pooled) pooled { return callbackLost{w} }},
		{"callback_twice", func(w pooled) pooled { return callbackTwice{w} }},
		{"finish_does_nothing", func(w pooled) pooled { return finishNothing{w} }},
		{"finish_refused", func(w pooled) pooled { return finishRefused{w} }},
		{"signaled_when_armed", func(w pooled) pooled { return armedSignaled{w} }},
		{"one_signaled_when_armed", func(w pooled) pooled { return &oneArmedSignaled{pooled: w} }},
	} {
		t.Run(m.name, func(t *testing.T) {
			s := subject[pooledFence, uint64]{open: func(s Sizes) World[pooledFence, uint64] {
				return mutantWorld{NewMutexPool(s), m.wrap}
			}}
			h := s.herd(1, memoryCase{pending: 100, callbacks: 1})
			const pieces = 50
			good := h.graze(h.parts[0], pieces)
			err := verify(good, pieces, count{}, h.crew.total(), count{pieces, pieces})
			if pending := h.pendingNow(); err == nil && pending == h.pending {
				t.Error("it passed")
			}
			if closing := h.close(); closing == nil {
				t.Error("closing found nothing")
			}
		})
	}
}

type armedSignaled struct{ pooled }

func (w armedSignaled) Arm() pooledFence {
	f := w.pooled.Arm()
	w.pooled.Signal(f, nil)
	return f
}

// oneArmedSignaled has a fault in one fence, which the row doesn't come to.
type oneArmedSignaled struct {
	pooled
	armed int
}

func (w *oneArmedSignaled) Arm() pooledFence {
	f := w.pooled.Arm()
	if w.armed++; w.armed == 90 {
		w.pooled.Signal(f, nil)
	}
	return f
}

// TestMemoryRoom: a row that doesn't fit is skipped before it has taken its memory, one that does isn't.
func TestMemoryRoom(t *testing.T) {
	s := subject[*mutexFence, uint64]{label: "mutex", open: NewMutex}
	huge := memoryCase{pending: 10_000_000}
	need := 1.25 * s.estimate(huge) * float64(huge.pending)
	for _, c := range []struct {
		free memory.Room
		ok   bool
	}{{memory.Room(3 * need), true}, {memory.Room(1.5 * need), false}, {memory.Room(need), false}, {1, false}} {
		if err := s.room(huge, c.free); (err == nil) != c.ok || err != nil && !errors.Is(err, memory.ErrRoom) {
			t.Errorf("ten million, about %.0f MB, beside %d MB: %v", need/1e6, c.free>>20, err)
		}
	}
	before := heapBytes()
	r := s.memoryIn(memory.Room(need), huge)(1)
	if grown := heapBytes() - before; grown > 64<<20 {
		t.Errorf("a row that doesn't fit has taken %d MB", grown>>20)
	}
	ran := false
	testing.Benchmark(func(b *testing.B) {
		defer func() { ran = !b.Skipped() }()
		r.run(b)
	})
	if ran {
		t.Error("a row that doesn't fit ran")
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
}

// TestMemoryEstimate: what few fences take foretells what many take.
func TestMemoryEstimate(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine makes fences, one after the other: nothing can race, and all is instrumented")
	}
	for _, s := range subjects {
		if remembered[s.name()] {
			t.Run("impl="+s.name(), s.foretell)
		}
	}
}

func (s subject[F, T]) foretell(t *testing.T) {
	const n = 1 << 16
	want := float64(s.bytes(memoryCase{pending: 2 * n})-s.bytes(memoryCase{pending: n})) / n
	got := s.estimate(memoryCase{pending: 100 * n})
	if got < 0.7*want || got > 1.3*want {
		t.Errorf("estimated at %.0f bytes, takes %.0f", got, want)
	}
}

func TestPercentFor(t *testing.T) {
	for _, c := range []struct {
		alive, garbage int64
		want           int
	}{{100, 100, 100}, {1000, 100, 10}, {1_000_000, 100, 1}, {0, 100, 10_000}} {
		if got := percentFor(c.alive, c.garbage); got != c.want {
			t.Errorf("GOGC for %d beside %d is %d, want %d", c.garbage, c.alive, got, c.want)
		}
	}
}
