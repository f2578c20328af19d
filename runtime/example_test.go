package fencert_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

func Example() {
	rt, err := fencert.New(fencert.Config{Fences: 1 << 16})
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	retire, _ := rt.Handler(func(_ *fencert.Local, job uint64, err error) {
		fmt.Println("job", job, "retired:", err)
	})

	l := rt.Local() // one per worker goroutine
	defer l.Close()
	room, err := l.Reserve() // before the point of no return
	if err != nil {
		panic(err) // fencert.ErrExhausted
	}
	issuer := l.Arm(room, ring) // cannot fail; takes the seqno
	fence := issuer.Fence()     // 16 bytes to share: poll, wait, add callbacks

	l.OnSignal(fence, retire, 42)
	fmt.Println("signaled:", fence.Signaled())
	l.Finish(issuer, nil)
	fmt.Println("signaled:", fence.Signaled())
	// Output:
	// signaled: false
	// job 42 retired: <nil>
	// signaled: true
}

func ExampleFence_Wait() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	errReset := errors.New("device reset")

	room, _ := rt.Reserve() // the calls without a Local borrow one
	issuer := rt.Arm(room, ring)
	hold, _ := rt.Hold(issuer.Fence()) // or the fence may be recycled before Wait begins: ErrStale
	defer rt.Release(hold)
	go rt.Finish(issuer, errReset)

	fmt.Println(issuer.Fence().Wait(context.Background()))
	// Output: device reset
}

// Settings that readers look at are replaced. Who replaces them waits until the old ones are seen by nobody.
func ExampleLocal_Synchronize() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	var current atomic.Pointer[string]
	first, second := "first", "second"
	current.Store(&first)

	reader := rt.Local()
	defer reader.Close()
	reader.Pin()
	fmt.Println(*current.Load())
	reader.Unpin()

	writer := rt.Local()
	defer writer.Close()
	old := current.Swap(&second) // unlink, atomically
	if err := writer.Synchronize(context.Background()); err != nil {
		panic(err)
	}
	*old = "nobody sees this"
	fmt.Println(*current.Load())
	// Output:
	// first
	// second
}

// What can't wait is retired, and reclaimed later by Collect, or by a Barrier at the end.
func ExampleLocal_Retire() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024, OnStall: func(s fencert.Stall) {
		fmt.Println("reader", s.Reader, "sleeps in its section:", s.For)
	}})
	defer rt.Close()
	recycle, _ := rt.Reclaimer(func(buffer uint64) { fmt.Println("buffer", buffer, "is free again") })

	l := rt.Local()
	defer l.Close()
	for buffer := range uint64(3) {
		if err := l.Retire(recycle, buffer); err != nil {
			panic(err) // fencert.ErrGarbageFull: Collect, and try again
		}
	}
	fmt.Println("retired")
	if err := l.Barrier(context.Background()); err != nil {
		panic(err)
	}
	// Output:
	// retired
	// buffer 0 is free again
	// buffer 1 is free again
	// buffer 2 is free again
}

func ExampleFence_WaitTimeout() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	issuer, _ := rt.NewFence(ring)

	err := issuer.Fence().WaitTimeout(time.Millisecond)
	fmt.Println(err == fencert.ErrTimeout, errors.Is(err, context.DeadlineExceeded))
	fmt.Println(issuer.Fence().TryWait())
	rt.Signal(issuer, nil)
	fmt.Println(issuer.Fence().TryWait(), issuer.Fence().WaitTimeout(0))
	rt.Drop(issuer)
	// Output:
	// true true
	// fencert: the fence is not signaled
	// <nil> <nil>
}

func ExampleWaitAny() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	upload, _ := rt.NewFence(ring)
	render, _ := rt.NewFence(ring)
	errReset := errors.New("device reset")

	go rt.Signal(render, errReset)
	fmt.Println(fencert.WaitAny(context.Background(), upload.Fence(), render.Fence()))
	rt.Drop(render)
	rt.Finish(upload, nil)
	// Output: 1 device reset
}

func ExampleWaitAll() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	upload, _ := rt.NewFence(ring)
	render, _ := rt.NewFence(ring)

	go func() {
		rt.Signal(render, fencert.ErrFailed)
		rt.Signal(upload, nil)
	}()
	err := fencert.WaitAll(context.Background(), upload.Fence(), render.Fence())
	fmt.Println(err == fencert.ErrFailed)
	rt.Drop(render)
	rt.Drop(upload)
	// Output: true
}

func ExampleFence_Done() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	issuer, _ := rt.NewFence(ring)

	done, stop := issuer.Fence().Done()
	defer stop() // gives back what waits, where the fence is not signaled
	go rt.Finish(issuer, nil)
	select {
	case <-done:
		fmt.Println("signaled")
	case <-time.After(time.Minute):
		fmt.Println("late")
	}
	// Output: signaled
}

func ExampleLocal_CancelWait() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	buffer := make([]byte, 1)
	fill, _ := rt.Handler(func(_ *fencert.Local, b uint64, _ error) { buffer[0] = byte(b) })

	l := rt.Local()
	defer l.Close()
	issuer, _ := l.NewFence(ring)
	ticket, _ := l.OnSignal(issuer.Fence(), fill, 1)
	finished := make(chan bool)
	go func() { rt.Finish(issuer, nil); close(finished) }()

	l.CancelWait(ticket)
	buffer = nil // nobody uses it any more
	<-finished
	fmt.Println(len(buffer))
	// Output: 0
}
