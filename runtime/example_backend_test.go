package fencert_test

import (
	"fmt"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

// A device completes jobs in the order of their seqnos. Without a listener it raises no interrupt.
type device struct {
	completed  uint64 // the seqno that the hardware has reached
	interrupts bool
}

func (d *device) backend() fencert.Backend {
	return fencert.Backend{
		EnableSignaling: func(_ *fencert.Local, _ fencert.Fence, seqno uint64) bool {
			d.interrupts = true
			return d.completed < seqno
		},
		Signaled: func(_ fencert.Fence, seqno uint64) (bool, error) { return d.completed >= seqno, nil },
		SetDeadline: func(_ fencert.Fence, seqno uint64, t time.Time) {
			fmt.Println("raise the clock for job", seqno)
		},
	}
}

func ExampleWithBackend() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	var d device
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring", fencert.WithBackend(d.backend()))
	retire, _ := rt.Handler(func(_ *fencert.Local, job uint64, err error) { fmt.Println("job", job, "retired:", err) })
	l := rt.Local()
	defer l.Close()

	first, _ := l.NewFence(ring)
	second, _ := l.NewFence(ring)
	fmt.Println("interrupts:", d.interrupts)
	l.OnSignal(first.Fence(), retire, 1) // the first who wants to know
	fmt.Println("interrupts:", d.interrupts)

	d.completed = 2
	l.Finish(first, nil) // the interrupt's handler
	_, err := l.OnSignal(second.Fence(), retire, 2)
	fmt.Println(err)

	err = l.Finish(second, nil) // its handler comes too late, and drops what it can't finish
	fmt.Println(err, l.Drop(second))
	// Output:
	// interrupts: false
	// interrupts: true
	// job 1 retired: <nil>
	// fencert: the fence is signaled already
	// fencert: the fence is signaled already <nil>
}

func ExampleFence_Check() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	var d device
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring", fencert.WithBackend(d.backend()))
	issuer, _ := rt.NewFence(ring)
	f := issuer.Fence()
	defer rt.Drop(issuer)

	d.completed = 1
	fmt.Println(f.Err())   // a poll has no side effect
	fmt.Println(f.Check()) // asks the device, and signals
	fmt.Println(f.Err())
	// Output:
	// fencert: the fence is not signaled
	// <nil>
	// <nil>
}

func ExampleRuntime_SetDeadline() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	var d device
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring", fencert.WithBackend(d.backend()))
	issuer, _ := rt.NewFence(ring)
	defer rt.Finish(issuer, nil)

	vblank := time.Now().Add(8 * time.Millisecond)
	rt.SetDeadline(issuer.Fence(), vblank)
	rt.SetDeadline(issuer.Fence(), vblank.Add(time.Second)) // later than asked for: nothing new
	// Output: raise the clock for job 1
}

func ExampleTimestamps() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring", fencert.Timestamps())
	issuer, _ := rt.NewFence(ring)
	f := issuer.Fence()

	_, err := f.SignaledAt()
	fmt.Println(err)
	time.Sleep(time.Millisecond)
	rt.Signal(issuer, nil)
	armed, _ := f.ArmedAt()
	signaled, _ := f.SignaledAt() // the same for everybody who asks
	fmt.Println(signaled.Sub(armed) >= time.Millisecond)
	rt.Drop(issuer)
	// Output:
	// fencert: the fence is not signaled
	// true
}
