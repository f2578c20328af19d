package fencert_test

import (
	"context"
	"errors"
	"fmt"

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
