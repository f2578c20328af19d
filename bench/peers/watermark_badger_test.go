package peers_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dgraph-io/badger/v4/y"
	"github.com/dgraph-io/ristretto/v2/z"

	"github.com/fencert/fencert/bench/peers"
)

// A marker is what badger calls of its mark.
type marker interface {
	Begin(index uint64)
	BeginMany(indices []uint64)
	Done(index uint64)
	DoneMany(indices []uint64)
	DoneUntil() uint64
	SetDoneUntil(val uint64)
	LastIndex() uint64
	WaitForMark(ctx context.Context, index uint64) error
}

var (
	_ marker = (*peers.WaterMark)(nil)
	_ marker = (*y.WaterMark)(nil)
)

// newOriginal starts badger's mark; stop ends its goroutine.
func newOriginal() (m *y.WaterMark, stop func()) {
	m = &y.WaterMark{Name: "original"}
	closer := z.NewCloser(1)
	m.Init(closer)
	return m, closer.SignalAndWait
}

// quiesce returns when the original has done all that it was told before. Its channel holds 100 calls, so when 102 more have
// gone in it has gone beyond those before. These are waits for a mark that doesn't come, with a context that is done.
func quiesce(m *y.WaterMark) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for range 102 {
		_ = m.WaitForMark(done, 1<<62)
	}
}

// A duel is a program that runs on both.
type duel struct {
	t        *testing.T
	r        *rand.Rand
	ours     *peers.WaterMark
	original *y.WaterMark
	model    reference
	highest  uint64 // index spoken of
	gap      uint64
	said     []string
	waits    []*waiting
}

// A waiting is one wait, made on both.
type waiting struct {
	index           uint64
	ours, originals chan uint64 // DoneUntil when it returned
}

// TestWaterMarkAgainstBadger runs random programs on both and compares marks and waits after each step.
func TestWaterMarkAgainstBadger(t *testing.T) {
	programs(t, 1000, func(t *testing.T, r *rand.Rand) {
		original, stop := newOriginal()
		defer stop()
		line := newTimeline(t)
		d := &duel{t: t, r: r, original: original, ours: markOf(t, line, 8<<r.IntN(4)), model: reference{counts: map[uint64]int{}}, gap: 1}
		if r.IntN(3) == 0 {
			d.gap = 1 << r.IntN(8)
		}
		for range 1 + r.IntN(60) {
			d.step()
			d.compare()
		}
		d.finish()
		_ = line.Close(nil)
	})
}

func (d *duel) both(what string, do func(m marker)) {
	d.said = append(d.said, what)
	do(d.original)
	do(d.ours)
}

// A reference is the slow way: what was begun and done, sorted whenever somebody asks.
type reference struct {
	counts map[uint64]int // of what isn't passed: begun less done
	until  uint64
}

// indices returns those that it holds, in order.
func (f *reference) indices() []uint64 { return slices.Sorted(maps.Keys(f.counts)) }

func (f *reference) count(index uint64, n int) {
	f.counts[index] += n
	for _, i := range f.indices() {
		if f.counts[i] > 0 {
			return
		}
		delete(f.counts, i)
		f.until = i
	}
}

// track notes that an index was begun or done.
func (d *duel) track(index uint64, n int) {
	d.model.count(index, n)
	d.highest = max(d.highest, index)
}

// fresh is an index above all others, most of the time the next one.
func (d *duel) fresh() uint64 { return d.highest + 1 + d.r.Uint64N(d.gap) }

// spoken is an index that was begun or done before and isn't passed; false when there is none.
func (d *duel) spoken() (uint64, bool) {
	can := d.model.indices()
	if len(can) == 0 {
		return 0, false
	}
	return can[d.r.IntN(len(can))], true
}

// notPassed is any index that may be spoken of.
func (d *duel) notPassed() uint64 {
	return d.model.until + d.r.Uint64N(d.highest-d.model.until+3)
}

func (d *duel) step() {
	switch choice := d.r.IntN(20); {
	case choice < 6:
		index := d.fresh()
		d.track(index, 1)
		d.both(fmt.Sprint("Begin ", index), func(m marker) { m.Begin(index) })
	case choice < 8:
		index := d.notPassed()
		d.track(index, 1)
		d.both(fmt.Sprint("Begin ", index), func(m marker) { m.Begin(index) })
	case choice < 9:
		var many []uint64
		for range 1 + d.r.IntN(5) {
			index := d.fresh()
			d.track(index, 1)
			many = append(many, index)
		}
		d.both(fmt.Sprint("BeginMany ", many), func(m marker) { m.BeginMany(many) })
	case choice < 16:
		if index, ok := d.spoken(); ok {
			d.track(index, -1)
			d.both(fmt.Sprint("Done ", index), func(m marker) { m.Done(index) })
		}
	case choice < 17:
		index := d.notPassed()
		d.track(index, -1)
		d.both(fmt.Sprint("Done ", index), func(m marker) { m.Done(index) })
	case choice < 18:
		d.doneMany()
	case choice < 19:
		d.wait(d.model.until + d.r.Uint64N(2*d.gap+6))
	default:
		d.setDoneUntil()
	}
}

// doneMany ends some that are open, from the highest down: none of them is below the mark when its turn comes.
func (d *duel) doneMany() {
	var many []uint64
	for _, index := range slices.Backward(d.model.indices()) {
		if d.model.counts[index] > 0 && d.r.IntN(2) == 0 {
			many = append(many, index)
			d.track(index, -1)
		}
	}
	if len(many) > 0 {
		d.both(fmt.Sprint("DoneMany ", many), func(m marker) { m.DoneMany(many) })
	}
}

// setDoneUntil skips ahead when nothing is open and nobody waits: at other times the original loses its way.
func (d *duel) setDoneUntil() {
	if len(d.model.counts) > 0 || len(d.waits) > 0 {
		return
	}
	d.highest += d.r.Uint64N(3 * d.gap)
	d.model.until = max(d.model.until, d.highest)
	d.both(fmt.Sprint("SetDoneUntil ", d.highest), func(m marker) { m.SetDoneUntil(d.highest) })
}

func (d *duel) wait(index uint64) {
	d.said = append(d.said, fmt.Sprint("WaitForMark ", index))
	w := &waiting{index, make(chan uint64, 1), make(chan uint64, 1)}
	for m, c := range map[marker]chan uint64{d.ours: w.ours, d.original: w.originals} {
		go func() {
			if err := m.WaitForMark(context.Background(), index); err != nil {
				d.t.Errorf("WaitForMark %d: %v", index, err)
			}
			c <- m.DoneUntil()
		}()
	}
	d.waits = append(d.waits, w)
}

func (d *duel) compare() {
	d.t.Helper()
	quiesce(d.original)
	until := d.original.DoneUntil()
	if until != d.model.until {
		d.t.Fatalf("the original is at %d, the model at %d, after %q", until, d.model.until, d.said)
	}
	if got := d.ours.DoneUntil(); got != until {
		d.t.Fatalf("DoneUntil is %d, want %d, after %q", got, until, d.said)
	}
	if got, want := d.ours.LastIndex(), d.original.LastIndex(); got != want {
		d.t.Fatalf("LastIndex is %d, want %d, after %q", got, want, d.said)
	}
	var left []*waiting
	for _, w := range d.waits {
		if w.index > until {
			left = append(left, w)
			if len(w.ours) > 0 {
				d.t.Fatalf("a wait for %d has returned at %d, after %q", w.index, until, d.said)
			}
			continue
		}
		for name, c := range map[string]chan uint64{"ours": w.ours, "the original's": w.originals} {
			soon(d.t, fmt.Sprintf("%s wait for %d at %d", name, w.index, until), func() bool { return len(c) > 0 })
			if got := <-c; got < w.index {
				d.t.Fatalf("%s wait for %d returned at %d, after %q", name, w.index, got, d.said)
			}
		}
	}
	d.waits = left
}

// finish ends all that is open, from below, so that nobody waits in the end.
func (d *duel) finish() {
	for len(d.model.counts) > 0 {
		index := d.model.indices()[0]
		d.track(index, -1)
		d.both(fmt.Sprint("Done ", index), func(m marker) { m.Done(index) })
	}
	last := d.highest + 4*d.gap + 12
	d.track(last, -1)
	d.both(fmt.Sprint("Done ", last), func(m marker) { m.Done(last) })
	d.compare()
	if len(d.waits) > 0 || d.ours.DoneUntil() != last {
		d.t.Fatalf("%d waits are left at %d, after %q", len(d.waits), d.ours.DoneUntil(), d.said)
	}
}
