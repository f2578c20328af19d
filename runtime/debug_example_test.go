package fencert_test

import (
	"fmt"
	"sync"

	fencert "github.com/fencert/fencert/runtime"
)

// A section stands from where others can see the fence to its signal: what must be allocated was reserved before.
func ExampleLocal_BeginSignaling() {
	rt, _ := fencert.New(fencert.Config{Fences: 64})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	l := rt.Local()
	defer l.Close()

	room, _ := l.Reserve()
	submit := func(share func(fencert.Fence)) {
		l.BeginSignaling()
		defer l.EndSignaling()
		issuer := l.Arm(room, ring)
		share(issuer.Fence())
		// … the work …
		_ = l.Finish(issuer, nil)
	}
	var shared fencert.Fence
	submit(func(f fencert.Fence) { shared = f })
	fmt.Println(shared.Signaled())
	// Output: true
}

// The lock that submissions take is never held while waiting: with the tag fencedebug, breaking that would be reported.
func ExampleChecked() {
	submissions := fencert.Checked(new(sync.Mutex))
	queue := []string{"first"}

	submissions.Lock()
	queue = append(queue, "second")
	submissions.Unlock()
	fmt.Println(queue)
	// Output: [first second]
}
