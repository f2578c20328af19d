package fenceexpvar_test

import (
	"encoding/json"
	"expvar"
	"fmt"

	fencert "github.com/fencert/fencert/runtime"
	"github.com/fencert/fencert/runtime/fenceexpvar"
)

func ExamplePublish() {
	rt, _ := fencert.New(fencert.Config{Fences: 1024})
	defer rt.Close()
	if err := fenceexpvar.Publish("fences", rt); err != nil {
		panic(err) // fenceexpvar.ErrPublished
	}
	ring, _ := rt.NewFenceContext("mydriver", "copy-ring")
	issuer, _ := rt.NewFence(ring)

	// A server of net/http shows it under /debug/vars.
	var shown struct{ Armed, Signaled uint64 }
	_ = json.Unmarshal([]byte(expvar.Get("fences").String()), &shown)
	fmt.Printf("%+v\n", shown)
	rt.Finish(issuer, nil)
	_ = json.Unmarshal([]byte(expvar.Get("fences").String()), &shown)
	fmt.Printf("%+v\n", shown)
	// Output:
	// {Armed:1 Signaled:0}
	// {Armed:1 Signaled:1}
}
