package fencert_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	fencert "github.com/fencert/fencert/runtime"
)

func ExampleStub() {
	// last is what the next job must wait for. There is none yet.
	last := fencert.Stub()
	fmt.Println(last.Signaled(), last.Wait(context.Background()))
	// Output: true <nil>
}

func ExampleSharedFence() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	l := rt.Local()
	defer l.Close()

	var lastWrite fencert.SharedFence // of a buffer, say: replaced by each writer, read by anybody
	first, _ := l.NewFence(ring)
	lastWrite.Store(l, first.Fence())

	hold, _ := lastWrite.Hold(l) // whatever becomes of the place and the fence
	second, _ := l.NewFence(ring)
	lastWrite.Store(l, second.Fence())
	l.Finish(first, errors.New("write failed"))

	fmt.Println(hold.Err())
	l.Release(hold)

	lastWrite.Store(l, fencert.Fence{}) // empty: nothing is held any more
	_, err := lastWrite.Hold(l)
	fmt.Println(err)
	l.Finish(second, nil)
	// Output:
	// write failed
	// fencert: no fence is stored here
}

func ExampleRuntime_Publish() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "display")
	issuer, _ := rt.NewFence(ring)

	number, _ := rt.Publish("frame-7", issuer.Fence()) // the number goes where no Fence can
	rt.Finish(issuer, nil)                             // the registry holds it

	byName, _ := rt.Lookup("frame-7")
	byNumber, _ := rt.LookupNumber(number)
	fmt.Println(byName == byNumber, byName.Err())

	rt.Unpublish("frame-7")
	_, err := rt.LookupNumber(number)
	fmt.Println(errors.Is(err, fencert.ErrNotFound), byName.Err())
	// Output:
	// true <nil>
	// true fencert: stale handle: the fence was recycled
}

func ExampleOnSignalFunc() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	issuer, _ := rt.NewFence(ring)

	job := "copy"
	fencert.OnSignalFunc(issuer.Fence(), func(result error) { fmt.Println(job, "ended:", result) })
	stop, _ := fencert.OnSignalFunc(issuer.Fence(), func(error) { fmt.Println("never") })
	fmt.Println("stopped:", stop())
	rt.Finish(issuer, fencert.ErrCanceled)
	fmt.Println("stopped:", stop())
	// Output:
	// stopped: true
	// copy ended: fencert: canceled: dropped without a signal
	// stopped: false
}

func ExampleFence_Names() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	issuer, _ := rt.NewFence(ring)

	driver, timeline, err := issuer.Fence().Names()
	fmt.Println(driver, timeline, err)
	rt.Finish(issuer, nil)
	_, _, err = issuer.Fence().Names()
	fmt.Println(errors.Is(err, fencert.ErrStale))
	// Output:
	// mydriver copy-ring <nil>
	// true
}

func ExampleRuntime_Contexts() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	rt.NewFenceContext("mydriver", "copy-ring")
	rt.NewFenceContext("mydriver", "display")

	for c := range rt.Contexts() {
		fmt.Println(c.ID(), c.Driver(), c.Timeline())
	}
	display, _ := rt.FindContext("mydriver", "display")
	fmt.Println(display.ID())
	// Output:
	// 1 mydriver copy-ring
	// 2 mydriver display
	// 2
}

// Handles are values: keys of maps, elements of channels, comparable by ==.
func ExampleFence() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")

	jobs := map[fencert.Fence]string{}
	done := make(chan fencert.Fence, 2)
	var issuers sync.Map // of fencert.Ref, which the garbage collector doesn't scan, to Issuer
	for _, name := range []string{"copy", "clear"} {
		issuer, _ := rt.NewFence(ring)
		jobs[issuer.Fence()] = name
		issuers.Store(issuer.Fence().Ref(), issuer)
		done <- issuer.Fence()
	}
	close(done)
	for f := range done {
		issuer, _ := issuers.Load(f.Ref())
		rt.Finish(issuer.(fencert.Issuer), nil)
		fmt.Println(jobs[f], f.Signaled(), f == rt.Fence(f.Ref()))
	}
	// Output:
	// copy true true
	// clear true true
}
