package epoch_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/fencert/fencert/epoch"
)

// Buffers that readers look at are replaced, and go back to their pool once nobody
// can be looking any more.
func Example() {
	buffers := [2]string{"old settings", "new settings"}
	var current atomic.Uint32 // index of the buffer in use

	domain, err := epoch.New(epoch.Config{})
	if err != nil {
		panic(err)
	}
	recycle, err := domain.Reclaimer(func(i uint64) { fmt.Println("recycled:", buffers[i]) })
	if err != nil {
		panic(err)
	}
	reader, _ := domain.Register()
	writer, _ := domain.Register()

	reader.Pin()
	seen := current.Load()

	old := current.Swap(1) // unlink, atomically
	if err := writer.Retire(recycle, uint64(old)); err != nil {
		panic(err)
	}
	fmt.Println("ran:", writer.Collect()+writer.Collect()+writer.Collect())
	fmt.Println("still there:", buffers[seen])
	reader.Unpin()

	fmt.Println("ran:", writer.Collect()+writer.Collect())
	// Output:
	// ran: 0
	// still there: old settings
	// recycled: old settings
	// ran: 1
}

func ExampleDomain_Synchronize() {
	domain, err := epoch.New(epoch.Config{})
	if err != nil {
		panic(err)
	}
	var name atomic.Pointer[string]
	first, second := "first", "second"
	name.Store(&first)

	name.Store(&second)
	if err := domain.Synchronize(context.Background()); err != nil {
		panic(err)
	}
	first = "nobody reads this any more, so it may change"
	fmt.Println(*name.Load())
	// Output: second
}

// A slot's owner keeps what it has unlinked, and looks now and then whether it may go.
func ExampleDomain_Elapsed() {
	domain, err := epoch.New(epoch.Config{})
	if err != nil {
		panic(err)
	}
	reader, _ := domain.Register()
	var link atomic.Pointer[string]
	text := "in use"
	link.Store(&text)

	reader.Pin()
	seen := link.Load()
	old := link.Swap(nil) // unlink, atomically
	stamp := domain.Stamp()
	fmt.Println(domain.Elapsed(stamp), domain.Elapsed(stamp), *seen)
	reader.Unpin()

	for !domain.Elapsed(stamp) { // nobody is in the way: one more step
	}
	*old = "mine alone"
	fmt.Println(text)
	// Output:
	// false false in use
	// mine alone
}
