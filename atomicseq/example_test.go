package atomicseq_test

import (
	"fmt"

	"github.com/fencert/fencert/atomicseq"
)

func ExampleCounter() {
	var issued atomicseq.Counter
	a, _ := issued.Next()
	first, _ := issued.NextN(10)
	fmt.Println(a, first, issued.Last())
	// Output: 1 2 11
}

func ExampleValue() {
	var durable atomicseq.PaddedValue // how far the log is on disk
	durable.Advance(4096)
	old, moved, _ := durable.Advance(512) // a late one
	fmt.Println(old, moved, durable.Reached(4000), durable.Reached(4097))
	// Output: 4096 false true false
}

func ExampleLater32() {
	fmt.Println(atomicseq.Later32(1, 0xffffffff), atomicseq.Later32(0, 1<<31), atomicseq.Later32(1<<31, 0))
	// Output: true false false
}

func ExampleExtend32() {
	issued := uint64(0x5_0000_0003) // what was handed to the device last
	completed := uint32(0xfffffffe) // what the device wrote back
	done := atomicseq.Extend32(issued, completed)
	fmt.Printf("%#x\n", done)
	// Output: 0x4fffffffe
}
