package arena_test

import (
	"fmt"

	"github.com/fencert/fencert/arena"
)

func Example() {
	slots, err := arena.New(1000)
	if err != nil {
		panic(err)
	}
	names := make([]string, slots.Slots()+1) // a table under the slot's index

	owner := slots.NewOwner() // one per goroutine
	defer owner.Close()

	ref, err := owner.Reserve()
	if err != nil {
		panic(err) // arena.ErrExhausted
	}
	names[ref.Index()] = "copy"

	word := slots.Word(ref.Index())
	fmt.Println(names[ref.Index()], "lives:", word.Load() < arena.Next(ref.Life()))

	next := arena.Next(ref.Life())
	word.Store(next) // ends this life
	owner.Give(ref.Index(), next)
	fmt.Println("stale:", word.Load() >= next)
	// Output:
	// copy lives: true
	// stale: true
}

// Who finds no slot may queue for one.
func ExampleArena_Join() {
	slots, _ := arena.New(1)
	owner := slots.NewOwner()
	ref, _ := owner.Reserve()

	waiter := slots.Join()
	go func() { // an Owner may be used by one goroutine after the other
		owner.End(ref)
		owner.Close()
	}()
	next, err := waiter.Wait(nil) // or a channel that ends the wait
	fmt.Println(next.Index() == ref.Index(), next.Generation()-ref.Generation(), err)
	// Output: true 1 <nil>
}
