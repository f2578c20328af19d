package fencert_test

import (
	"context"
	"fmt"
	"log"
	"sync/atomic"
	"unsafe"

	fencert "github.com/fencert/fencert/runtime"
)

// A store commits to a log and then applies what is committed: two stages, and a timeline for each. Writers finish in any order;
// commits count in the order of their numbers, and so does what is applied.
func ExampleCommitWindow_twoStages() {
	rt, err := fencert.New(fencert.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	committed, err := rt.NewTimeline("store", "committed")
	if err != nil {
		log.Fatal(err)
	}
	applied, err := rt.NewTimeline("store", "applied")
	if err != nil {
		log.Fatal(err)
	}
	window, err := fencert.NewCommitWindow(committed, 64)
	if err != nil {
		log.Fatal(err)
	}

	values := make([]string, 65) // by number modulo 64, in an engine
	// The second stage: what is committed is applied, in order, and its timeline follows.
	apply, err := rt.Handler(func(l *fencert.Local, n uint64, _ error) {
		fmt.Println("apply", n, values[n])
		_ = l.Advance(applied, n)
	})
	if err != nil {
		log.Fatal(err)
	}

	l := rt.Local()
	defer l.Close()
	ctx := context.Background()
	for _, value := range []string{"a", "b", "c"} {
		n, err := window.Issue(ctx) // waits while 64 are under way
		if err != nil {
			log.Fatal(err)
		}
		values[n] = value
		if _, err := l.OnSignal(committed.At(n), apply, n); err != nil {
			log.Fatal(err)
		}
	}
	for _, n := range []uint64{3, 1, 2} { // as the disk has them
		if err := l.Complete(window, n); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("completed %d: committed up to %d, applied up to %d\n", n, committed.Value(), applied.Value())
	}
	fmt.Println("a read at 3:", applied.Wait(ctx, 3))
	// Output:
	// completed 3: committed up to 0, applied up to 0
	// apply 1 a
	// completed 1: committed up to 1, applied up to 1
	// apply 2 b
	// apply 3 c
	// completed 2: committed up to 3, applied up to 3
	// a read at 3: <nil>
}

// A device writes the number of the last job that it has done into memory, 32 bits that wrap. A timeline follows.
func ExampleSource() {
	rt, err := fencert.New(fencert.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	const last = 1<<32 - 2 // job, when the queue was opened
	done, err := rt.NewTimeline("copy-engine", "ring 0", fencert.StartAt(last))
	if err != nil {
		log.Fatal(err)
	}
	var word atomic.Uint32 // a page that the device writes, in truth
	word.Store(last & (1<<32 - 1))

	source, err := fencert.NewSource(done, (*uint32)(unsafe.Pointer(&word)), 1024) // the ring has 1024 places
	if err != nil {
		log.Fatal(err)
	}
	stop, err := source.Start(fencert.Polling{})
	if err != nil {
		log.Fatal(err)
	}
	word.Store(1) // three jobs later
	fmt.Println(done.Wait(context.Background(), last+3), done.Value()-last)
	fmt.Println(stop())
	word.Store(5000)
	_, err = source.Sync()
	fmt.Println(err == fencert.ErrSourceAhead, done.Value()-last)
	// Output:
	// <nil> 3
	// <nil>
	// true 3
}

// Another process, or a device, waits for a number in memory. It is written when the work is over: a user fence.
func ExampleSeqWrites() {
	rt, err := fencert.New(fencert.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	jobs, err := rt.NewFenceContext("mydriver", "copy-ring")
	if err != nil {
		log.Fatal(err)
	}
	writes, err := rt.NewSeqWrites(256)
	if err != nil {
		log.Fatal(err)
	}
	var page [8]atomic.Uint64 // mapped by both, in truth

	l := rt.Local()
	defer l.Close()
	job, err := l.NewFence(jobs)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := l.AttachWrite64(writes, job.Fence(), (*uint64)(unsafe.Pointer(&page[3])), 17); err != nil {
		log.Fatal(err)
	}
	other, err := l.AttachWrite64(writes, job.Fence(), (*uint64)(unsafe.Pointer(&page[4])), 17)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page[3].Load(), page[4].Load())
	fmt.Println(l.DetachWrite(other))
	_ = l.Finish(job, nil)
	fmt.Println(page[3].Load(), page[4].Load())
	// Output:
	// 0 0
	// true
	// 17 0
}
