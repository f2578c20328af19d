package bench

import (
	"math/rand/v2"
	"runtime"
	"slices"
)

// expectPoints compares the callbacks run so far.
func (t *lineTrial[L, T]) expectPoints(j *journal, want ...uint64) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.args, want) {
		t.Fatalf("callbacks ran at %v, want %v", j.args, want)
	}
}

func (t *lineTrial[L, T]) value() {
	w, l := t.worker(nil), t.line()
	for _, n := range []uint64{1, 2, 66, 5000, 1 << 20, 1<<62 + 3} {
		if r := w.Polls(l, n, 3); r != 0 {
			t.Fatalf("%d is reached %d times at %d", n, r, w.Value(l))
		}
		t.advance(w, l, n)
		for _, again := range []uint64{n, n - 1, 0} {
			if w.Advance(l, again) {
				t.Fatalf("Advance(%d) accepted at %d", again, n)
			}
		}
		if v := w.Value(l); v != n {
			t.Fatalf("the value is %d, want %d", v, n)
		}
		if r := w.Polls(l, n, 3) + w.Polls(l, n-1, 1); r != 4 {
			t.Fatalf("%d is reached %d times of 4", n, r)
		}
	}
}

func (t *lineTrial[L, T]) callbacksInOrder() {
	j := new(journal)
	w, l := t.worker(j.run), t.line()
	for _, n := range []uint64{7, 3, 300, 5, 4, 70, 64, 63, 5000, 299} {
		t.must(w, l, n)
	}
	t.advance(w, l, 2)
	t.expectPoints(j)
	t.advance(w, l, 3)
	t.expectPoints(j, 3)
	t.must(w, l, 6)
	t.advance(w, l, 299)
	t.expectPoints(j, 3, 4, 5, 6, 7, 63, 64, 70, 299)
	if w.Advance(l, 299) {
		t.Fatalf("Advance accepted twice")
	}
	t.advance(w, l, 1<<40)
	t.expectPoints(j, 3, 4, 5, 6, 7, 63, 64, 70, 299, 300, 5000)
	for i, err := range j.errs {
		if err != nil {
			t.Fatalf("callback %d got the result %v", i, err)
		}
		if here := goroutine(); j.goroutines[i] != here {
			t.Fatalf("callback %d ran on %s, advanced on %s", i, j.goroutines[i], here)
		}
	}
	for range 5 {
		t.must(w, l, 1<<40+1)
	}
	t.advance(w, l, 1<<41)
	if n := len(j.args); n != 16 {
		t.Fatalf("%d callbacks ran, want 16", n)
	}
}

// everyDistance: points around each power of 64, one Advance at a time and by one over all.
func (t *lineTrial[L, T]) everyDistance() {
	var points []uint64
	for shift := 6; shift < 62; shift += 6 {
		p := uint64(1) << shift
		points = append(points, p-1, p, p+1, p+63, p+64)
	}
	slices.Sort(points)
	for _, jump := range []bool{false, true} {
		j := new(journal)
		w, l := t.worker(j.run), t.line()
		for i := range points {
			t.must(w, l, points[len(points)-1-i])
		}
		for i, p := range points {
			if !jump {
				if i == 0 || points[i-1] < p-1 {
					t.advance(w, l, p-1)
				}
				t.expectPoints(j, points[:i]...)
				t.advance(w, l, p)
			}
		}
		w.Advance(l, 1<<62)
		t.expectPoints(j, points...)
	}
}

func (t *lineTrial[L, T]) lateAdd() {
	j := new(journal)
	w, l := t.worker(j.run), t.line()
	t.advance(w, l, 100)
	for _, n := range []uint64{0, 1, 64, 99, 100} {
		if _, ok := w.OnReach(l, n, n); ok {
			t.Fatalf("OnReach(%d) accepted at 100", n)
		}
	}
	t.advance(w, l, 1000)
	t.expectPoints(j)
}

func (t *lineTrial[L, T]) cancel() {
	const n = 300
	j := new(journal)
	w, other, l := t.worker(j.run), t.worker(j.run), t.line()
	var want []uint64
	tickets := make([]T, n+1)
	for i := uint64(1); i <= n; i++ {
		tickets[i] = t.must(w, l, i/2*7+1)
		if i%5 == 0 {
			want = append(want, i/2*7+1)
		}
	}
	take := func(i int) {
		if by := []LineWorker[L, T]{w, other}[i%2]; !by.Cancel(l, tickets[i]) {
			t.Fatalf("Cancel(%d) refused while pending", i)
		}
		if w.Cancel(l, tickets[i]) {
			t.Fatalf("Cancel(%d) accepted twice", i)
		}
	}
	for i := n; i > n/2; i-- {
		if i%5 != 0 {
			take(i)
		}
	}
	for i := 1; i <= n/2; i++ {
		if i%5 != 0 {
			take(i)
		}
	}
	late := t.must(w, l, 7*n)
	if w.Cancel(l, tickets[n-1]) || w.Cancel(l, tickets[1]) {
		t.Fatalf("a used ticket canceled a later callback")
	}
	t.advance(w, l, 7*n-1)
	t.expectPoints(j, want...)
	if !w.Cancel(l, late) {
		t.Fatalf("Cancel refused while pending")
	}
	t.advance(w, l, 7*n)
	t.expectPoints(j, want...)
}

func (t *lineTrial[L, T]) lateCancel() {
	j := new(journal)
	var (
		w    LineWorker[L, T]
		l    = t.line()
		mine T
	)
	w = t.worker(func(arg uint64, err error) {
		j.run(arg, err)
		if arg == 9 && w.Cancel(l, mine) {
			t.Errorf("a callback canceled itself")
		}
	})
	ran, canceled := t.must(w, l, 5), t.must(w, l, 6)
	mine = t.must(w, l, 9)
	w.Cancel(l, canceled)
	t.advance(w, l, 10)
	if w.Cancel(l, ran) || w.Cancel(l, mine) {
		t.Fatalf("Cancel accepted after the callback ran")
	}
	if w.Cancel(l, canceled) {
		t.Fatalf("Cancel accepted twice")
	}
	t.expectPoints(j, 5, 9)
}

func (t *lineTrial[L, T]) panics() {
	j := new(journal)
	w, l := t.worker(func(arg uint64, err error) {
		j.run(arg, err)
		if arg%2 == 0 {
			panic(arg)
		}
	}), t.line()
	for _, n := range []uint64{1, 2, 3, 4, 5, 6, 7} {
		t.must(w, l, n)
	}
	var first any
	func() {
		defer func() { first = recover() }()
		w.Advance(l, 6)
	}()
	t.expectPoints(j, 1, 2, 3, 4, 5, 6)
	if first != uint64(2) {
		t.Fatalf("the panic that went on is %v, want 2", first)
	}
	if v := w.Value(l); v != 6 || w.Advance(l, 6) {
		t.Fatalf("the value is %d after a panic, want 6", v)
	}
	t.livesOn(w, l, j)
}

func (t *lineTrial[L, T]) goexit() {
	j := new(journal)
	w, l := t.worker(func(arg uint64, err error) {
		j.run(arg, err)
		if arg%2 == 0 {
			runtime.Goexit()
		}
	}), t.line()
	for _, n := range []uint64{1, 2, 3, 4, 5, 7} {
		t.must(w, l, n)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Advance(l, 6)
	}()
	<-ended
	w.Flush(l)
	t.expectPoints(j, 1, 2, 3, 4, 5)
	t.livesOn(w, l, j)
}

// livesOn checks that worker and timeline are as good as new: the value is 6, a callback at 7 is pending.
func (t *lineTrial[L, T]) livesOn(w LineWorker[L, T], l L, j *journal) {
	t.Helper()
	j.args = nil
	want := []uint64{7}
	for n := uint64(9); n < 1000; n += 2 {
		t.must(w, l, n)
		want = append(want, n)
		t.advance(w, l, n-1)
		t.expectPoints(j, want[:len(want)-1]...)
	}
	t.advance(w, l, 1001)
	t.expectPoints(j, want...)
}

// nestedAdvance: an Advance in a callback publishes at once, and its callbacks come after that callback, before the outer
// Advance returns.
func (t *lineTrial[L, T]) nestedAdvance() {
	var (
		w     LineWorker[L, T]
		l     = t.line()
		order []uint64
		depth int
	)
	w = t.worker(func(arg uint64, _ error) {
		order = append(order, arg)
		if depth++; depth != 1 {
			t.Fatalf("callback %d runs inside of another", arg)
		}
		if arg%2 == 1 && arg < 9 {
			t.must(w, l, arg+2) // first the later one: then the other becomes the earliest
			t.must(w, l, arg+1)
			t.advance(w, l, arg+2)
			if v := w.Value(l); v != arg+2 {
				t.Fatalf("the value is %d after a nested Advance(%d)", v, arg+2)
			}
		}
		depth--
	})
	t.must(w, l, 1)
	t.advance(w, l, 1)
	if want := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(order, want) {
		t.Fatalf("ran %v, want %v", order, want)
	}
}

// nestedAdd: a callback adds one for the next point, is refused what is reached, and cancels.
func (t *lineTrial[L, T]) nestedAdd() {
	var (
		w     LineWorker[L, T]
		l     = t.line()
		order []uint64
	)
	w = t.worker(func(arg uint64, _ error) {
		order = append(order, arg)
		for _, n := range []uint64{arg, w.Value(l)} {
			if _, ok := w.OnReach(l, n, n); ok {
				t.Fatalf("OnReach(%d) accepted in a callback at %d", n, w.Value(l))
			}
		}
		if arg < 200 {
			t.must(w, l, arg+1)
		}
		if !w.Cancel(l, t.must(w, l, w.Value(l)+1)) {
			t.Fatalf("Cancel refused in a callback")
		}
	})
	t.must(w, l, 1)
	for n := uint64(1); n <= 200; n++ {
		t.advance(w, l, n)
	}
	for i, n := range order {
		if n != uint64(i)+1 {
			t.Fatalf("callback %d was for %d", i, n)
		}
	}
	if len(order) != 200 {
		t.Fatalf("%d callbacks ran, want 200", len(order))
	}
}

func (t *lineTrial[L, T]) countingWorker() {
	a, b, l := t.worker(nil), t.worker(nil), t.line()
	t.must(a, l, 5)
	t.must(b, l, 7)
	t.must(a, l, 11)
	a.Cancel(l, t.must(a, l, 8))
	if n, sum, _ := a.Ran(); n != 0 || sum != 0 {
		t.Fatalf("Ran = %d, %d before the advance", n, sum)
	}
	t.advance(b, l, 20)
	if n, sum, disorder := a.Ran(); n != 2 || sum != 16 || disorder != 0 {
		t.Fatalf("Ran = %d, %d, %d, want 2, 16, 0", n, sum, disorder)
	}
	if n, sum, _ := b.Ran(); n != 1 || sum != 7 {
		t.Fatalf("Ran = %d, %d, want 1, 7", n, sum)
	}
}

func (t *lineTrial[L, T]) twoLines() {
	j := new(journal)
	w, l, m := t.worker(j.run), t.line(), t.line()
	t.must(w, l, 3)
	t.must(w, m, 2)
	t.advance(w, l, 2)
	t.expectPoints(j)
	t.advance(w, m, 2)
	t.expectPoints(j, 2)
	if w.Value(l) != 2 || w.Value(m) != 2 || w.Polls(l, 3, 1) != 0 {
		t.Fatalf("the timelines aren't apart")
	}
	t.advance(w, l, 3)
	t.expectPoints(j, 2, 3)
}

// A held is a callback that a random program has pending.
type held[T any] struct {
	point  uint64
	ticket T
}

// randomProgram adds, cancels and advances at random, near and far, beside a list of what is pending.
func (t *lineTrial[L, T]) randomProgram() {
	j := new(journal)
	w, l := t.worker(j.run), t.line()
	random := rand.New(rand.NewPCG(3, 4))
	var pending []held[T]
	for range 4000 {
		value := w.Value(l)
		switch distance := 1 + random.Uint64N(1<<random.UintN(20)); random.UintN(8) {
		default:
			if len(pending) < conformPoints {
				pending = append(pending, held[T]{value + distance, t.must(w, l, value+distance)})
			}
		case 0, 1:
			if len(pending) > 0 {
				i := random.IntN(len(pending))
				if !w.Cancel(l, pending[i].ticket) {
					t.Fatalf("Cancel refused while pending")
				}
				pending = slices.Delete(pending, i, i+1)
			}
		case 2:
			var want []uint64
			pending = slices.DeleteFunc(pending, func(p held[T]) bool {
				if p.point <= value+distance {
					want = append(want, p.point)
					return true
				}
				return false
			})
			slices.Sort(want)
			j.args = nil
			t.advance(w, l, value+distance)
			t.expectPoints(j, want...)
		}
	}
}
