package fencert_test

import (
	"errors"
	"fmt"

	fencert "github.com/fencert/fencert/runtime"
)

func ExampleTable() {
	type copyJob struct {
		bytes int
		note  string
	}
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	jobs := fencert.NewTable(rt, func(j *copyJob) { fmt.Println("dropped:", j.note) })
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring", fencert.UserData(jobs))

	l := rt.Local()
	defer l.Close()
	issuer, _ := l.NewFence(ring)
	*jobs.At(issuer) = copyJob{4096, "first"} // before anybody else has the fence
	fence := issuer.Fence()

	reader := rt.Local() // most likely another goroutine's
	defer reader.Close()
	_ = reader.Pin()
	job, ok := jobs.Get(reader, fence)
	_ = l.Finish(issuer, nil) // recycled, but for what a pinned reader sees
	rt.Collect()
	fmt.Println("reading:", ok, job.bytes)
	reader.Unpin()

	for range 3 { // else a later Reserve does it
		rt.Collect()
	}
	// Output:
	// reading: true 4096
	// dropped: first
}

func ExampleFenceContext_Close() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	note, _ := rt.Handler(func(_ *fencert.Local, job uint64, err error) { fmt.Println("job", job, "ended:", err) })

	l := rt.Local()
	defer l.Close()
	var issuers []fencert.Issuer
	for job := range uint64(3) {
		issuer, _ := l.NewFence(ring)
		l.OnSignal(issuer.Fence(), note, job)
		issuers = append(issuers, issuer)
	}

	signaled, _ := ring.Close(errors.New("device lost"))
	fmt.Println(signaled, "were pending")
	for _, i := range issuers {
		l.Drop(i)
	}
	_, err := l.NewFence(ring)
	fmt.Println(err)
	// Output:
	// job 0 ended: device lost
	// job 1 ended: device lost
	// job 2 ended: device lost
	// 3 were pending
	// fencert: the fence context is closed
}
