package sharedtimeline_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	fencert "github.com/fencert/fencert/runtime"
	"github.com/fencert/fencert/runtime/sharedtimeline"
)

// One process writes, and another waits and has callbacks; here both are this one.
func Example() {
	dir, err := os.MkdirTemp("", "shared")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "durable")

	// The process that writes.
	m, err := sharedtimeline.Create(path, 0o600, 0)
	if err != nil {
		fmt.Println(err) // not on every system
		return
	}
	defer m.Close()
	w, err := m.Claim()
	if err != nil {
		panic(err)
	}

	// Another one.
	other, err := sharedtimeline.Open(path)
	if err != nil {
		panic(err)
	}
	defer other.Close()
	rt, err := fencert.New(fencert.Config{Fences: 16})
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	durable, err := rt.NewTimeline("log", "durable")
	if err != nil {
		panic(err)
	}
	f, err := other.Follow(durable, fencert.SpinThenPark)
	if err != nil {
		panic(err)
	}
	defer f.Stop()
	acknowledge, err := rt.Handler(func(_ *fencert.Local, request uint64, err error) { fmt.Println("request", request, err) })
	if err != nil {
		panic(err)
	}
	if _, err := rt.OnSignal(durable.At(4096), acknowledge, 7); err != nil {
		panic(err)
	}

	if err := w.Advance(8192); err != nil { // the first process has written its log to here
		panic(err)
	}
	fmt.Println(other.Wait(context.Background(), 8000), durable.Flush(context.Background()))
	fmt.Println(durable.Wait(context.Background(), 8192), durable.Flush(context.Background()))
	// Unordered output:
	// <nil> <nil>
	// request 7 <nil>
	// <nil> <nil>
}

// A writer that takes over learns which numbers were issued by those before it and not reached.
func ExampleWriter_Abandoned() {
	dir, err := os.MkdirTemp("", "shared")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	m, err := sharedtimeline.Create(filepath.Join(dir, "jobs"), 0o600, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	first, err := m.Claim()
	if err != nil {
		panic(err)
	}
	_, _ = first.NextN(5)
	_ = first.Advance(3)
	_ = first.Close() // or it was killed

	next, err := m.Claim()
	if err != nil {
		panic(err)
	}
	from, to := next.Abandoned()
	n, err := next.Next()
	fmt.Println(from, to, n, err)
	// Output: 4 5 6 <nil>
}
