//go:build fencedebug

package fencert_test

import (
	"context"
	"fmt"

	fencert "github.com/fencert/fencert/runtime"
)

// A hook is given each report, and the program goes on.
func ExampleMisuse() {
	rt, _ := fencert.New(fencert.Config{Fences: 64, OnMisuse: func(m fencert.Misuse) {
		fmt.Printf("%v: %s, %d stacks\n", m.Kind, m.Text, len(m.Stacks))
	}})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	l := rt.Local()
	defer l.Close()

	var other fencert.Fence
	waits, _ := rt.Handler(func(*fencert.Local, uint64, error) { _ = other.Wait(context.Background()) })
	issuer, _ := l.NewFence(ring)
	_, _ = l.OnSignal(issuer.Fence(), waits, 0)
	_ = l.Finish(issuer, nil)
	_ = l.Finish(issuer, nil)
	// Output:
	// waiting where a fence must be signaled: Fence.Wait in the callbacks of mydriver/copy-ring 1, 2 stacks
	// a fence signaled twice: Finish of mydriver/copy-ring 1 after its Finish, 2 stacks
}
