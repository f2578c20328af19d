package fencetrace_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime/trace"

	fencert "github.com/fencert/fencert/runtime"
	"github.com/fencert/fencert/runtime/fencetrace"
)

func ExampleObserver() {
	rt, _ := fencert.New(fencert.Config{
		Fences:   1024,
		Observer: fencetrace.Observer(fencetrace.Options{Tasks: true}),
	})
	defer rt.Close()
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")

	var out bytes.Buffer // a file, or what net/http/pprof serves under /debug/pprof/trace
	_ = trace.Start(&out)
	issuer, _ := rt.NewFence(ring)
	go rt.Finish(issuer, nil)
	_ = issuer.Fence().Wait(context.Background())
	trace.Stop()
	// go tool trace FILE: user-defined tasks, user-defined regions

	fmt.Println(bytes.Contains(out.Bytes(), []byte("fence mydriver/copy-ring")))
	// Output: true
}
