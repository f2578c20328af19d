package wheel_test

import (
	"fmt"

	"github.com/fencert/fencert/internal/wheel"
)

// A log's position moves, and what waits for it is told in order.
func Example() {
	pool, err := wheel.NewPool(1024, func(*wheel.Wheel) { panic("one goroutine hands nothing over") })
	if err != nil {
		panic(err)
	}
	var w wheel.Wheel
	var o wheel.Owner
	w.Init(pool, 0)
	o.Init(pool)
	for _, position := range []uint64{300, 100, 200} {
		if _, err := o.Add(&w, position, 0, position*10); err != nil {
			panic(err)
		}
	}
	if _, due := o.Advance(&w, 250); due {
		for c, ok := o.Next(&w); ok; c, ok = o.Next(&w) {
			fmt.Println(c.Point, c.Arg)
		}
	}
	_, err = o.Add(&w, 250, 0, 0)
	fmt.Println(err)
	// Output:
	// 100 1000
	// 200 2000
	// wheel: the point is signaled already
}
