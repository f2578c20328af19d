package peers_test

import (
	"context"
	"fmt"

	"github.com/fencert/fencert/bench/peers"
	fencert "github.com/fencert/fencert/runtime"
)

// Readers wait until what they have to see was applied.
func ExampleWaitTime() {
	rt, err := fencert.New(fencert.Config{})
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	line, err := rt.NewTimeline("raft", "applied")
	if err != nil {
		panic(err)
	}
	applied := peers.NewWaitTime(line)
	reader := applied.Wait(3)
	for index := uint64(1); index <= 3; index++ {
		applied.Trigger(index)
	}
	<-reader
	fmt.Println("applied up to", line.Value())
	// Output: applied up to 3
}

// Commits end in any order; the mark says up to where all have.
func ExampleWaterMark() {
	rt, err := fencert.New(fencert.Config{})
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	line, err := rt.NewTimeline("database", "commits")
	if err != nil {
		panic(err)
	}
	commits, err := peers.NewWaterMark(line, 1024)
	if err != nil {
		panic(err)
	}
	commits.BeginMany([]uint64{1, 2, 3})
	commits.Done(3)
	fmt.Println("3 is done, the mark is at", commits.DoneUntil())
	go commits.DoneMany([]uint64{2, 1})
	err = commits.WaitForMark(context.Background(), 2)
	fmt.Println("waited for 2:", err)
	// Output:
	// 3 is done, the mark is at 0
	// waited for 2: <nil>
}
