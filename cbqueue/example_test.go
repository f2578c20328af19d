package cbqueue_test

import (
	"fmt"

	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// A list is a word and an anchor. Closing it is a CAS of the word by its user, who then runs the callbacks.
func Example() {
	pool, err := cbqueue.NewPool(1000)
	if err != nil {
		panic(err)
	}
	var owner cbqueue.Owner // one per goroutine
	owner.Init(pool)
	defer owner.Close()

	const life = 1 << cbqueue.LifeShift
	var word atomicx.Uint64
	var anchor cbqueue.Anchor
	word.Store(life) // open and empty

	print := uint32(1)
	owner.Add(&word, life, print, 10)
	ticket, _ := owner.Add(&word, life, print, 20)
	owner.Add(&word, life, print, 30)
	canceled, _ := owner.Cancel(&word, &anchor, life, ticket)
	fmt.Println("canceled:", canceled)

	open := word.Load()
	closed := cbqueue.Close(open, 0)
	if !word.CompareAndSwap(open, closed) {
		return // somebody added or closed meanwhile
	}
	var run cbqueue.Run
	owner.Claim(&run, open)
	for handler, arg, ok := run.Next(pool.View()); ok; handler, arg, ok = run.Next(pool.View()) {
		fmt.Println(handler, arg)
	}
	owner.Release(&word, &anchor, &run, closed)
	// Output:
	// canceled: true
	// 1 10
	// 1 30
}
