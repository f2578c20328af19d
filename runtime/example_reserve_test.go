package fencert_test

import (
	"context"
	"errors"
	"fmt"

	fencert "github.com/fencert/fencert/runtime"
)

// Back-pressure: a submitter that is ahead waits for the device instead of failing.
func ExampleLocal_ReserveWait() {
	rt, _ := fencert.New(fencert.Config{Fences: 2})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	inFlight := make(chan fencert.Issuer, 2)
	done := make(chan struct{})

	go func() { // the device
		defer close(done)
		l := rt.Local()
		defer l.Close()
		for issuer := range inFlight {
			l.Finish(issuer, nil) // hands the room over when somebody waits
		}
	}()

	l := rt.Local()
	defer l.Close()
	submitted := 0
	for range 1000 {
		room, err := l.ReserveWait(context.Background())
		if err != nil {
			panic(err) // fencert.ErrClosed
		}
		inFlight <- l.Arm(room, ring)
		submitted++
	}
	close(inFlight)
	<-done
	fmt.Println(submitted, "submitted with room for", rt.Fences())
	// Output: 1000 submitted with room for 2
}

// A worker that goes idle leaves what it keeps to the others.
func ExampleLocal_Flush() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")

	worker := rt.Local()
	defer worker.Close()
	issuer, _ := worker.NewFence(ring)
	worker.Finish(issuer, nil)
	worker.Flush() // before it sleeps

	l := rt.Local()
	defer l.Close()
	n := 0
	for {
		if _, err := l.Reserve(); errors.Is(err, fencert.ErrExhausted) {
			break
		}
		n++
	}
	fmt.Println(n, "of", rt.Fences(), "reserved")
	// Output: 1024 of 1024 reserved
}

func ExampleRuntime_Grow() {
	rt, _ := fencert.New(fencert.Config{Fences: 1, GrowTo: 1 << 20}) // address space for a million
	defer rt.Close()
	l := rt.Local()
	defer l.Close()

	l.Reserve()
	if _, err := l.Reserve(); errors.Is(err, fencert.ErrExhausted) {
		rt.Grow(1000)
	}
	_, err := l.Reserve()
	fmt.Println(rt.Fences(), err)
	// Output: 1000 <nil>
}
