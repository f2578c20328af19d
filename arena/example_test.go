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
