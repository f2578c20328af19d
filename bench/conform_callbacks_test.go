package bench

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"sync"
)

var errResult = errors.New("result")

// A journal is a handler that writes down what it was called with.
type journal struct {
	mu         sync.Mutex
	args       []uint64
	errs       []error
	goroutines []string
}

func (j *journal) run(arg uint64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.args = append(j.args, arg)
	j.errs = append(j.errs, err)
	j.goroutines = append(j.goroutines, goroutine())
}

// goroutine names the calling goroutine.
func goroutine() string {
	var buf [64]byte
	head, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte(" ["))
	return string(head)
}

// expect compares the callbacks run so far; an implementation that keeps no order is
// compared without.
func (t *trial[F, T]) expect(j *journal, want ...uint64) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	got := slices.Clone(j.args)
	if !t.can.Ordered {
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("callbacks ran with %v, want %v", got, want)
	}
}

func (t *trial[F, T]) signalOnce() {
	w := t.worker(nil)
	for _, result := range []error{nil, errResult} {
		f := w.Arm()
		if w.Signaled(f) {
			t.Fatalf("signaled when armed")
		}
		if err := w.Err(f); !errors.Is(err, ErrPending) {
			t.Fatalf("Err = %v while pending, want %v", err, ErrPending)
		}
		if !w.Signal(f, result) {
			t.Fatalf("the first Signal was refused")
		}
		if w.Signal(f, errors.New("another")) || w.Finish(f, errors.New("another")) {
			t.Fatalf("a second Signal was accepted")
		}
		if !w.Signaled(f) {
			t.Fatalf("not signaled after Signal")
		}
		if err := w.Err(f); err != result {
			t.Fatalf("Err = %v, want %v", err, result)
		}
		w.Drop(f)
	}
}

func (t *trial[F, T]) callbacksInOrder() {
	for _, result := range []error{nil, errResult} {
		j := new(journal)
		w := t.worker(j.run)
		f := w.Arm()
		t.must(w, f, 1)
		t.must(w, f, 2)
		if n := w.AddMany(f, []uint64{3, 4, 5, 6, 7, 8, 9, 10, 11, 12}); n != 10 {
			t.Fatalf("AddMany attached %d, want 10", n)
		}
		if n := w.AddMany(f, nil); n != 0 {
			t.Fatalf("AddMany attached %d of none", n)
		}
		t.must(w, f, 13)
		t.expect(j)
		w.Signal(f, result)
		t.expect(j, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
		for i, err := range j.errs {
			if err != result {
				t.Fatalf("callback %d got the result %v, want %v", i, err, result)
			}
			if here := goroutine(); t.can.OnSignaler && j.goroutines[i] != here {
				t.Fatalf("callback %d ran on %s, signaled on %s", i, j.goroutines[i], here)
			}
		}
		w.Drop(f)
		t.expect(j, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
	}
}

func (t *trial[F, T]) lateAdd() {
	j := new(journal)
	w := t.worker(j.run)
	f := w.Arm()
	w.Signal(f, nil)
	if _, ok := w.Add(f, 1); ok {
		t.Fatalf("Add accepted on a signaled fence")
	}
	if n := w.AddMany(f, []uint64{2, 3}); n != 0 {
		t.Fatalf("AddMany attached %d to a signaled fence", n)
	}
	w.Drop(f)
	t.expect(j)
}

func (t *trial[F, T]) cancel() {
	const n = 300
	j := new(journal)
	w := t.worker(j.run)
	f := w.Arm()
	tickets := make([]T, n)
	for i := range tickets {
		tickets[i] = t.must(w, f, uint64(i))
	}
	// The oldest, the newest, then most of those between: enough for every way of
	// unlinking.
	gone := map[int]bool{}
	take := func(i int) {
		if !w.Cancel(f, tickets[i]) {
			t.Fatalf("Cancel(%d) refused while pending", i)
		}
		if w.Cancel(f, tickets[i]) {
			t.Fatalf("Cancel(%d) accepted twice", i)
		}
		gone[i] = true
	}
	take(0)
	take(n - 1)
	for i := 1; i < n-1; i++ {
		if i%5 != 0 {
			take(i)
		}
	}
	late := t.must(w, f, n)
	if w.Cancel(f, tickets[n-1]) {
		t.Fatalf("a used ticket canceled a later callback")
	}
	t.must(w, f, n+1)
	if !w.Cancel(f, late) {
		t.Fatalf("Cancel refused after others were canceled")
	}
	older, newer := t.must(w, f, n), t.must(w, f, n)
	if !w.Cancel(f, older) || !w.Cancel(f, newer) || w.Cancel(f, older) {
		t.Fatalf("canceling the older, the newer, and the older again went wrong")
	}
	w.Signal(f, nil)
	var want []uint64
	for i := range n {
		if !gone[i] {
			want = append(want, uint64(i))
		}
	}
	t.expect(j, append(want, n+1)...)
	w.Drop(f)
}

func (t *trial[F, T]) lateCancel() {
	j := new(journal)
	w := t.worker(j.run)
	f := w.Arm()
	ran, canceled := t.must(w, f, 1), t.must(w, f, 2)
	w.Cancel(f, canceled)
	w.Signal(f, nil)
	if w.Cancel(f, ran) {
		t.Fatalf("Cancel accepted after the callback ran")
	}
	if w.Cancel(f, canceled) {
		t.Fatalf("Cancel accepted twice")
	}
	t.expect(j, 1)
	w.Drop(f)
}

func (t *trial[F, T]) panics() {
	for _, finish := range []bool{false, true} {
		j := new(journal)
		w := t.worker(func(arg uint64, err error) {
			j.run(arg, err)
			if arg%2 == 0 {
				panic(arg)
			}
		})
		f := w.Arm()
		w.AddMany(f, []uint64{1, 2, 3, 4, 5, 6})
		var first any
		func() {
			defer func() { first = recover() }()
			if finish {
				w.Finish(f, errResult)
			} else {
				w.Signal(f, errResult)
			}
		}()
		t.expect(j, 1, 2, 3, 4, 5, 6)
		if first == nil || t.can.Ordered && first != uint64(2) {
			t.Fatalf("the panic that went on is %v, want 2", first)
		}
		if !w.Signaled(f) || w.Signal(f, nil) {
			t.Fatalf("the fence isn't signaled after a panic")
		}
		if !finish {
			if err := w.Err(f); err != errResult {
				t.Fatalf("Err = %v after a panic, want %v", err, errResult)
			}
			w.Drop(f)
		}
		t.livesOn(w, j)
	}
}

func (t *trial[F, T]) goexit() {
	j := new(journal)
	w := t.worker(func(arg uint64, err error) {
		j.run(arg, err)
		if arg%2 == 0 {
			runtime.Goexit()
		}
	})
	f := w.Arm()
	w.AddMany(f, []uint64{1, 2, 3, 4, 5})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Signal(f, nil)
	}()
	<-ended
	t.expect(j, 1, 2, 3, 4, 5)
	w.Drop(f)
	t.livesOn(w, j)
}

// livesOn checks that the worker is as good as new.
func (t *trial[F, T]) livesOn(w Worker[F, T], j *journal) {
	t.Helper()
	before := len(j.args)
	for range 2 * conformFences {
		f := w.Arm()
		t.must(w, f, 1)
		if !w.Finish(f, nil) {
			t.Fatalf("Finish refused")
		}
	}
	if ran := len(j.args) - before; ran != 2*conformFences {
		t.Fatalf("%d callbacks ran afterwards, want %d", ran, 2*conformFences)
	}
}

func (t *trial[F, T]) nestedSignal() {
	var (
		w     Worker[F, T]
		chain [8]F
		order []uint64
	)
	w = t.worker(func(arg uint64, _ error) {
		order = append(order, arg)
		if next := int(arg) + 1; next < len(chain) {
			t.must(w, chain[next], uint64(next))
			if !w.Signal(chain[next], nil) {
				t.Fatalf("Signal in a callback refused")
			}
		}
	})
	for i := range chain {
		chain[i] = w.Arm()
	}
	t.must(w, chain[0], 0)
	w.Signal(chain[0], nil)
	if want := []uint64{0, 1, 2, 3, 4, 5, 6, 7}; !slices.Equal(order, want) {
		t.Fatalf("ran %v, want %v", order, want)
	}
	for _, f := range chain {
		w.Drop(f)
	}
}

func (t *trial[F, T]) otherWorker() {
	j := new(journal)
	a, b := t.worker(j.run), t.worker(j.run)
	for i := range uint64(4 * conformFences) {
		j.args = nil
		f := a.Arm()
		t.must(a, f, i)
		canceled := t.must(b, f, 1000)
		t.must(b, f, i+1)
		if !a.Cancel(f, canceled) {
			t.Fatalf("Cancel refused to another worker")
		}
		if !b.Finish(f, nil) || a.Signal(f, nil) || !a.Signaled(f) {
			t.Fatalf("Finish by another worker didn't take")
		}
		t.expect(j, i, i+1)
	}
}

func (t *trial[F, T]) countingWorker() {
	w := t.worker(nil)
	f := w.Arm()
	t.must(w, f, 5)
	w.AddMany(f, []uint64{7, 11})
	w.Cancel(f, t.must(w, f, 100))
	if n, sum := w.Ran(); n != 0 || sum != 0 {
		t.Fatalf("Ran = %d, %d before the signal", n, sum)
	}
	w.Finish(f, nil)
	if n, sum := w.Ran(); n != 3 || sum != 23 {
		t.Fatalf("Ran = %d, %d, want 3, 23", n, sum)
	}
}

func (t *trial[F, T]) seqno() {
	a, b := t.worker(nil), t.worker(nil)
	var last [2]uint64
	for i := range 3 * conformFences {
		for k, w := range []Worker[F, T]{a, b} {
			f := w.Arm()
			n := w.Seqno(f)
			if i > 0 && n != last[k]+1 {
				t.Fatalf("seqno %d after %d", n, last[k])
			}
			last[k] = n
			w.Finish(f, nil)
		}
	}
}
