package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// A strideCase is a timeline on which each operation adds a callback and completes the next point: points are gap apart,
// ahead of them are outstanding after each operation, and far ones are pending that are never reached.
type strideCase struct {
	key   string // of the benchmark's names
	far   int
	ahead int
	gap   uint64
}

func (c strideCase) String() string {
	n := map[string]int{"pending": c.far, "window": c.ahead, "step": int(c.gap)}[c.key]
	return fmt.Sprintf("%s=%d", c.key, n)
}

// BenchmarkAddAdvance times an add and an Advance. pending=: of a callback for the next point, to that point, and it runs,
// beside so many pending ones. window=: of a callback so many points ahead, to the next point, whose callback runs.
// GOMAXPROCS workers, each with its own timeline.
func BenchmarkAddAdvance(b *testing.B) {
	for _, c := range []strideCase{
		{"pending", 0, 0, 1}, {"pending", 16, 0, 1}, {"pending", 256, 0, 1}, {"pending", 4096, 0, 1},
		{"pending", 65536, 0, 1}, {"window", 0, 256, 1}, {"window", 0, 65536, 1},
	} {
		for _, s := range withCallbacks() {
			measure(b, c.String(), s.name(), s.addAdvance(c))
		}
	}
}

// BenchmarkSparse times the same for positions in a log: points are that many bytes apart, and 500 are outstanding.
// GOMAXPROCS workers, each with its own timeline.
func BenchmarkSparse(b *testing.B) {
	for _, c := range []strideCase{{"step", 0, 500, 100}, {"step", 0, 500, 4096}} {
		for _, s := range withCallbacks() {
			measure(b, c.String(), s.name(), s.addAdvance(c))
		}
	}
}

func (s lineSubject[L, T]) addAdvance(c strideCase) opener {
	distance := uint64(c.ahead) * c.gap
	begin := func(w LineWorker[L, T], l L, at *course) {
		for point := c.gap; point <= distance; point += c.gap {
			if _, ok := w.OnReach(l, point, point); ok {
				at.armed.add(point)
			}
		}
	}
	return s.private(c.far, c.ahead, begin, func(w LineWorker[L, T], l L, at *course, lo, hi int) (good int) {
		n := at.n
		for ; lo < hi; lo++ {
			n += c.gap
			point := n + distance
			if _, ok := w.OnReach(l, point, point); ok {
				at.armed.add(point)
			}
			at.due.add(n)
			if w.Advance(l, n) {
				good++
			}
		}
		at.n = n
		return good
	}, nil)
}

type pendingCase struct{ pending int }

func (c pendingCase) String() string { return fmt.Sprintf("pending=%d", c.pending) }

// BenchmarkDoneAdvance times asking for the channel of the next point, advancing to it, and seeing the channel closed,
// beside so many other channels pending. GOMAXPROCS workers, each with its own timeline.
func BenchmarkDoneAdvance(b *testing.B) {
	for _, c := range []pendingCase{{0}, {4096}, {65536}} {
		for _, s := range lineSubjects {
			if s.capability().Done {
				measure(b, c.String(), s.name(), s.doneAdvance(c.pending))
			}
		}
	}
}

func (s lineSubject[L, T]) doneAdvance(pending int) opener {
	return func(procs int) rig {
		c := s.crew(procs, pending, pending)
		far := make([][]<-chan struct{}, procs)
		for id, w := range c.workers {
			for k := range uint64(pending) {
				far[id] = append(far[id], w.Done(c.lines[id], farPoints+k*farGap))
			}
		}
		run := func(b *testing.B) {
			good := parallel(b, procs, collected, func(id, lo, hi int) int {
				at := &c.courses[id]
				good := doneEach(c.workers[id], c.lines[id], at.n, hi-lo)
				at.n += uint64(hi - lo)
				return good
			})
			c.check(b, good)
		}
		return rig{run, func() error {
			early := countClosed(far)
			if err := c.close(); err != nil {
				return err
			}
			if n := countClosed(far); early != 0 || n != procs*pending {
				return fmt.Errorf("%w: %d channels closed early, %d in the end", errCount, early, n)
			}
			return nil
		}}
	}
}

func doneEach[L comparable, T any](w LineWorker[L, T], l L, n uint64, times int) (good int) {
	for range times {
		n++
		done := w.Done(l, n)
		w.Advance(l, n)
		select {
		case <-done:
			good++
		default:
		}
	}
	return good
}

func countClosed(all [][]<-chan struct{}) (n int) {
	for _, some := range all {
		for _, done := range some {
			select {
			case <-done:
				n++
			default:
			}
		}
	}
	return n
}

// BenchmarkTimelineCancel times an add and the cancel of it, at random points among those of so many pending ones.
// GOMAXPROCS workers, each with its own timeline.
func BenchmarkTimelineCancel(b *testing.B) {
	for _, c := range []pendingCase{{0}, {4096}, {65536}} {
		for _, s := range withCallbacks() {
			measure(b, c.String(), s.name(), s.cancel(c.pending))
		}
	}
}

func (s lineSubject[L, T]) cancel(pending int) opener {
	random := rand.New(rand.NewPCG(1, 2))
	points := make([]uint64, 1024)
	for i := range points {
		points[i] = farPoints + random.Uint64N(uint64(pending+1)*farGap)
	}
	// Room for as many again, for an implementation that unlinks canceled ones later.
	return s.private(pending, pending, nil, func(w LineWorker[L, T], l L, _ *course, lo, hi int) (good int) {
		for ; lo < hi; lo++ {
			point := points[lo%len(points)]
			if t, ok := w.OnReach(l, point, point); ok && w.Cancel(l, t) {
				good++
			}
		}
		return good
	}, nil)
}

// BenchmarkTimelinePoll times one look at whether a point is reached, which it isn't. GOMAXPROCS workers, each with its own
// timeline.
func BenchmarkTimelinePoll(b *testing.B) {
	for _, s := range lineSubjects {
		measure(b, "", s.name(), s.poll())
	}
}

func (s lineSubject[L, T]) poll() opener {
	const point = farPoints
	return s.private(0, 0, func(w LineWorker[L, T], l L, c *course) {
		c.n = 1
		w.Advance(l, c.n)
	}, func(w LineWorker[L, T], l L, _ *course, lo, hi int) int {
		// Each piece ends with a look at what is reached, which says so.
		return hi - lo - w.Polls(l, point, hi-lo) - 1 + w.Polls(l, 1, 1)
	}, nil)
}
