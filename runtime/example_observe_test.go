package fencert_test

import (
	"fmt"
	"os"

	fencert "github.com/fencert/fencert/runtime"
)

func ExampleRuntime_Stats() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	l := rt.Local()
	defer l.Close()
	first, _ := l.NewFence(ring)
	second, _ := l.NewFence(ring)
	l.Finish(first, nil)

	s := rt.Stats()
	fmt.Println("armed", s.Armed, "pending", s.Pending(), "in use", s.Fences.InUse, "of", s.Fences.Size)
	l.Finish(second, nil)
	fmt.Println("pending", rt.Stats().Pending())
	// Output:
	// armed 2 pending 1 in use 1 of 1024
	// pending 0
}

func ExampleRuntime_Dump() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	_, _ = rt.NewFenceContext("mydriver", "render-ring")
	job, _ := rt.NewFence(ring)
	stuck, _ := rt.NewFence(ring)
	hold, _ := rt.Hold(stuck.Fence())
	rt.Finish(job, nil)

	rt.Dump(os.Stdout)
	rt.Finish(stuck, fencert.ErrFailed)
	rt.Dump(os.Stdout)
	rt.Release(hold)
	// Output:
	// fencert: 1 pending, 0 signaled and kept, 0 waiting
	// context 1 mydriver/copy-ring: last seqno 2, 1 pending, 0 kept
	//   seqno 2: pending, held by 1
	// context 2 mydriver/render-ring: last seqno 0, 0 pending, 0 kept
	// fencert: 0 pending, 1 signaled and kept, 0 waiting
	// context 1 mydriver/copy-ring: last seqno 2, 0 pending, 1 kept
	//   seqno 2: signaled with fencert: failed, and there was no room for the error, held by 1
	// context 2 mydriver/render-ring: last seqno 0, 0 pending, 0 kept
}

func ExampleRuntime_Snapshot() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	issuer, _ := rt.NewFence(ring)

	for _, c := range rt.Snapshot().Contexts {
		for _, f := range c.Fences {
			fmt.Println(c.Timeline, f.Seqno, f.State, f.Fence == issuer.Fence())
		}
	}
	rt.Finish(issuer, nil)
	// Output: copy-ring 1 pending true
}

func ExampleObserver() {
	rt, _ := fencert.New(fencert.Config{
		Fences: 1024,
		Observer: &fencert.Observer{
			Signaled: func(e fencert.Event, result error) {
				fmt.Println(e.Context.Timeline(), e.Seqno, "signaled:", result)
			},
		},
	})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	issuer, _ := rt.NewFence(ring)
	rt.Finish(issuer, nil)
	// Output: copy-ring 1 signaled: <nil>
}
