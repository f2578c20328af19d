package fencert

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

func (x *fixture) window(size int, options ...ContextOption) *CommitWindow {
	x.Helper()
	return must(NewCommitWindow(must(x.rt.NewTimeline("log", "committed", options...)), size))
}

func (x *fixture) issue(w *CommitWindow, want ...uint64) {
	x.Helper()
	for _, n := range want {
		got, err := w.TryIssue()
		if got != n || err != nil {
			x.Fatalf("TryIssue: %d, %v, want %d", got, err, n)
		}
	}
}

func TestCommitWindow(t *testing.T) {
	x := newFixture(t, small)
	w := x.window(4, StartAt(10))
	line := w.Timeline()
	for n := uint64(11); n <= 13; n++ {
		_ = must(x.l.OnSignal(line.At(n), x.note, n))
	}
	x.want("Complete of what wasn't issued", x.l.Complete(w, 11), ErrNotIssued)
	x.issue(w, 11, 12, 13, 14)
	_, err := w.TryIssue()
	x.want("TryIssue", err, ErrExhausted)
	if w.Size() != 4 || w.Issued() != 14 {
		t.Errorf("size %d, issued %d", w.Size(), w.Issued())
	}
	for _, c := range []struct {
		n, value uint64
		err      error
		by       func(n uint64) error
	}{
		{13, 10, nil, w.Complete},
		{13, 10, ErrSignaled, w.Complete},
		{12, 10, nil, func(n uint64) error { return x.l.Complete(w, n) }},
		{15, 10, ErrNotIssued, w.Complete},
		{MaxPoint, 10, ErrNotIssued, w.Complete},
		{MaxPoint + 1, 10, ErrNotIssued, w.Complete},
		{^uint64(0), 10, ErrNotIssued, w.Complete},
		{0, 10, ErrSignaled, w.Complete},
		{10, 10, ErrSignaled, w.Complete},
		{6, 10, ErrSignaled, w.Complete},
		{11, 13, nil, w.Complete},
		{11, 13, ErrSignaled, w.Complete},
		{14, 14, nil, func(n uint64) error { return x.l.Complete(w, n) }},
	} {
		x.want("Complete", c.by(c.n), c.err)
		if v := line.Value(); v != c.value {
			t.Errorf("after Complete(%d) the value is %d, want %d", c.n, v, c.value)
		}
	}
	x.wantRan(11, 12, 13)
	x.issue(w, 15)
	x.want("Close", line.Close(ErrFailed), nil)
	_, err = w.TryIssue()
	x.want("TryIssue", err, ErrFailed)
	_, err = w.Issue(context.Background())
	x.want("Issue", err, ErrFailed)
	x.want("Complete", w.Complete(15), ErrFailed)
	x.want("Complete", x.l.Complete(w, 14), ErrSignaled)
	x.want("Complete", x.l.Complete(w, 0), ErrSignaled)
	_, err = NewCommitWindow(line, 4)
	x.want("NewCommitWindow", err, ErrFailed)
}

func TestCommitWindowRefuses(t *testing.T) {
	x, other := newFixture(t, small), newFixture(t, small)
	w := x.window(2)
	for _, size := range []int{-4, 0, 1, 3, 6, MaxWindow + 1, 2 * MaxWindow} {
		_, err := NewCommitWindow(w.Timeline(), size)
		x.want("NewCommitWindow", err, ErrConfig)
	}
	for _, line := range []*Timeline{nil, {}} {
		_, err := NewCommitWindow(line, 2)
		x.want("NewCommitWindow", err, ErrForeign)
	}
	x.issue(w, 1)
	x.want("Complete", other.l.Complete(w, 1), ErrForeign)
	x.want("Complete", x.l.Complete(nil, 1), ErrForeign)
	x.want("Complete", w.Complete(1), nil)
}

// TestCommitWindowWords: of numbers that may be above the value together, each has a bit to itself, in a word of its lap,
// wherever the window begins; and those up to where it begins are complete.
func TestCommitWindowWords(t *testing.T) {
	x := newFixture(t, small)
	type place struct {
		word *atomicx.Uint64
		bit  uint64
	}
	for size := uint64(2); size <= 1<<12; size *= 2 {
		for _, start := range []uint64{0, 1, blockSize - 1, blockSize, 1000, 1<<40 + 7, MaxPoint - 3*size} {
			w := x.window(int(size), StartAt(start))
			taken := map[place]bool{}
			laps := map[*atomicx.Uint64]uint64{}
			for n := start + 1; n <= start+size; n++ {
				block := n >> blockBits
				at := place{w.word(block), n % blockSize}
				lap, used := laps[at.word]
				if taken[at] || used && lap != w.lap(block) {
					t.Fatalf("size %d, from %d: %d shares a bit, or a word with another lap", size, start, n)
				}
				taken[at], laps[at.word] = true, w.lap(block)
				if word := at.word.Load(); word&^blockMask == w.lap(block) && word>>at.bit&1 == 1 {
					t.Fatalf("size %d, from %d: %d is complete", size, start, n)
				}
			}
			if n, current := w.reach(start); n != start || !current {
				t.Fatalf("size %d, from %d: all are complete to %d", size, start, n)
			}
			if start > 0 {
				x.want("Complete", w.Complete(start), ErrSignaled)
			}
		}
	}
}

// TestCommitWindowHasTheTimeline: nothing else moves it, and there is one window.
func TestCommitWindowHasTheTimeline(t *testing.T) {
	x, other := newFixture(t, small), newFixture(t, small)
	w := x.window(4)
	line := w.Timeline()
	word := new(uint64)
	before := must(x.rt.NewTimeline("log", "followed"))
	source := must(NewSource(before, word, 0))
	_ = must(NewCommitWindow(before, 4))
	*word = 7
	_, err := source.Sync()
	x.want("Sync", err, ErrHasWindow)
	_, err = x.l.Sync(source)
	x.want("Sync", err, ErrHasWindow)
	x.want("Advance", line.Advance(1), ErrHasWindow)
	x.want("Advance", x.l.Advance(line, 1), ErrHasWindow)
	x.want("Advance", other.l.Advance(line, 1), ErrForeign)
	_, err = NewCommitWindow(line, 8)
	x.want("NewCommitWindow", err, ErrHasWindow)
	_, err = NewSource(line, word, 0)
	x.want("NewSource", err, ErrHasWindow)
	x.issue(w, 1)
	x.want("Complete", w.Complete(1), nil)
	if line.Value() != 1 {
		t.Errorf("value %d", line.Value())
	}
}

// TestCommitWindowAtTheEnd: numbers end at MaxPoint, and don't wrap.
func TestCommitWindowAtTheEnd(t *testing.T) {
	x := newFixture(t, small)
	w := x.window(4, StartAt(MaxPoint-2))
	x.issue(w, MaxPoint-1, MaxPoint)
	_, err := w.TryIssue()
	x.want("TryIssue", err, ErrRange)
	x.want("Complete", w.Complete(MaxPoint), nil)
	x.want("Complete", w.Complete(MaxPoint-1), nil)
	x.want("Complete", w.Complete(MaxPoint), ErrSignaled)
	if v := w.Timeline().Value(); v != MaxPoint {
		t.Errorf("value %d", v)
	}
	_, err = w.Issue(context.Background())
	x.want("Issue", err, ErrRange)
	w = x.window(2, StartAt(MaxPoint))
	_, err = w.TryIssue()
	x.want("TryIssue", err, ErrRange)
	x.want("Complete", w.Complete(MaxPoint), ErrSignaled)
}

// TestCommitWindowPermutations completes a window in random orders, lap after lap: the value is always where the gap is.
func TestCommitWindowPermutations(t *testing.T) {
	x := newFixture(t, small)
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{2, 4, 16, 32, 64} {
		w := x.window(size)
		done := map[uint64]bool{}
		var open []uint64
		for range scaled(4000) {
			room := w.Issued() < w.Timeline().Value()+uint64(size)
			n, err := w.TryIssue()
			if room != (err == nil) || room && n != w.Issued() {
				t.Fatalf("TryIssue with room %v: %d, %v", room, n, err)
			}
			if err == nil {
				open = append(open, n)
			}
			if r.IntN(3) == 0 && len(open) < size {
				continue
			}
			k := r.IntN(len(open))
			n = open[k]
			open[k] = open[len(open)-1]
			open = open[:len(open)-1]
			x.want("Complete", x.l.Complete(w, n), nil)
			done[n] = true
			v := w.Timeline().Value()
			if v > 0 && !done[v] || done[v+1] {
				t.Fatalf("the value is %d, %v; the next one is complete: %v", v, done[v], done[v+1])
			}
		}
	}
}

// TestIssueWaits: a full window blocks who issues until there is room, or ctx ends, or the timeline is closed.
func TestIssueWaits(t *testing.T) {
	x := newFixture(t, small)
	w := x.window(2)
	x.issue(w, 1, 2)
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, ErrFailed)
	defer cancel()
	_, err := w.Issue(ctx)
	x.want("Issue", err, ErrFailed)
	type answer struct {
		n   uint64
		err error
	}
	issued := make(chan answer)
	wait := func() {
		go func() {
			n, err := w.Issue(context.Background())
			issued <- answer{n, err}
		}()
		eventually(t, "the issuer waits", func() bool { return x.rt.Stats().Waiting > 0 })
	}
	wait()
	x.want("Complete", w.Complete(1), nil)
	if a := <-issued; a != (answer{3, nil}) {
		t.Errorf("issued %+v", a)
	}
	wait()
	x.want("Complete", w.Complete(3), nil) // makes no room
	x.want("Complete", w.Complete(2), nil)
	if a := <-issued; a != (answer{4, nil}) {
		t.Errorf("issued %+v", a)
	}
	n, err := w.Issue(ctx)
	if n != 5 || err != nil {
		t.Errorf("with room, Issue looks at a context that has ended: %d, %v", n, err)
	}
	wait()
	x.want("Close", w.Timeline().Close(ErrFailed), nil)
	if a := <-issued; a != (answer{0, ErrFailed}) {
		t.Errorf("issued %+v", a)
	}
}

// TestCompleteInACallback: a callback of the timeline completes the next number. The value moves at once, the callback of
// that point follows.
func TestCompleteInACallback(t *testing.T) {
	x := newFixture(t, small)
	w := x.window(4)
	var order []uint64
	next := x.handler(func(l *Local, n uint64, _ error) {
		order = append(order, n)
		if n < 4 {
			x.want("Complete", l.Complete(w, n+1), nil)
			if v := w.Timeline().Value(); v != n+1 || len(order) != int(n) {
				t.Errorf("value %d after %v", v, order)
			}
		}
	})
	x.issue(w, 1, 2, 3, 4)
	for n := uint64(1); n <= 4; n++ {
		_ = must(x.l.OnSignal(w.Timeline().At(n), next, n))
	}
	x.want("Complete", w.Complete(1), nil)
	if len(order) != 4 {
		t.Errorf("ran %v", order)
	}
}
