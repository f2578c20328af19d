package fencert_test

// The code of docs/guide.md, compiled and run; TestGuide compares.

import (
	"context"
	"sync"
	"testing"

	fencert "github.com/fencert/fencert/runtime"
)

// A page is what the guide's engine reads.
type page struct{ number, bytes int }

func read(p *page) error { p.bytes = 4096; return nil }

type mutexRead struct {
	mu        sync.Mutex
	done      bool
	err       error
	waiters   chan struct{}
	callbacks []func(error)
}

func newMutexRead() *mutexRead { return &mutexRead{waiters: make(chan struct{})} }

func (r *mutexRead) finish(err error) {
	r.mu.Lock()
	r.done, r.err = true, err
	callbacks := r.callbacks
	r.mu.Unlock()
	close(r.waiters)
	for _, f := range callbacks {
		f(err)
	}
}

func (r *mutexRead) onDone(f func(error)) {
	r.mu.Lock()
	if !r.done {
		r.callbacks = append(r.callbacks, f)
		r.mu.Unlock()
		return
	}
	err := r.err
	r.mu.Unlock()
	f(err)
}

type engine struct {
	runtime *fencert.Runtime
	reads   *fencert.FenceContext
	arrived fencert.Handler
}

func newEngine(arrived func(page int, err error)) (*engine, error) {
	rt, err := fencert.New(fencert.Config{Fences: 1 << 12})
	if err != nil {
		return nil, err
	}
	e := &engine{runtime: rt}
	if e.reads, err = rt.NewFenceContext("store", "reads"); err != nil {
		return nil, err
	}
	e.arrived, err = rt.Handler(func(_ *fencert.Local, page uint64, err error) { arrived(int(page), err) })
	return e, err
}

func (e *engine) submit(l *fencert.Local, p *page, queue chan<- readJob) (fencert.Fence, error) {
	room, err := l.Reserve() // everything that can fail comes before this line ends
	if err != nil {
		return fencert.Fence{}, err
	}
	issuer := l.Arm(room, e.reads)
	queue <- readJob{p, issuer}
	return issuer.Fence(), nil
}

type readJob struct {
	page   *page
	issuer fencert.Issuer
}

func (e *engine) worker(queue <-chan readJob) {
	l := e.runtime.Local()
	defer l.Close()
	for job := range queue {
		_ = l.Finish(job.issuer, read(job.page))
	}
}

func (e *engine) whenRead(l *fencert.Local, f fencert.Fence, p *page) error {
	_, err := l.OnSignal(f, e.arrived, uint64(p.number))
	return err // fencert.ErrSignaled: it has been read already, and arrived won't be called
}

func waitChannel(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func waitFence(ctx context.Context, f fencert.Fence) error {
	return f.Wait(ctx)
}

func keepResult(l *fencert.Local, f fencert.Fence) error {
	h, err := l.Hold(f)
	if err != nil {
		return err // fencert.ErrStale: too late, nobody kept it
	}
	defer l.Release(h)
	if err := f.Wait(context.Background()); err != nil {
		return err
	}
	return h.Err()
}

func TestGuidePrograms(t *testing.T) {
	old, called := newMutexRead(), 0
	old.onDone(func(error) { called++ })
	old.finish(nil)
	old.onDone(func(error) { called++ })
	if err := waitChannel(context.Background(), old.waiters); err != nil || called != 2 {
		t.Errorf("the mutex version: %v, %d callbacks", err, called)
	}

	seen := make(chan int, 16)
	e, err := newEngine(func(page int, _ error) { seen <- page })
	if err != nil {
		t.Fatal(err)
	}
	queue := make(chan readJob, 16)
	l := e.runtime.Local()
	var fences []fencert.Fence
	for n := range 3 {
		p := &page{number: n}
		f, err := e.submit(l, p, queue)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.whenRead(l, f, p); err != nil {
			t.Fatal(err)
		}
		fences = append(fences, f)
	}
	held, err := l.Hold(fences[2])
	if err != nil {
		t.Fatal(err)
	}
	close(queue)
	e.worker(queue)
	for n := range 3 {
		if got := <-seen; got != n {
			t.Errorf("page %d arrived in place of %d", got, n)
		}
	}
	if err := waitFence(context.Background(), fences[2]); err != nil {
		t.Error(err)
	}
	if err := keepResult(l, fences[2]); err != nil {
		t.Error(err)
	}
	_ = l.Release(held)
	l.Close()
	if err := e.runtime.Close(); err != nil {
		t.Error(err)
	}
}
