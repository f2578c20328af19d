// Package fenceexpvar shows the statistics of fence runtimes under /debug/vars, through package expvar. That package
// brings net/http along, so this is no part of the runtime itself.
//
//	err := fenceexpvar.Publish("fences", rt)
//
// publishes one runtime, and as many as there are, each under its own name. What is shown is fencert.Stats as JSON,
// taken anew at each look. Nothing happens between two looks.
package fenceexpvar

import (
	"encoding/json"
	"errors"
	"expvar"
	"fmt"
	"sync"
	"weak"

	fencert "github.com/fencert/fencert/runtime"
)

// ErrPublished is what Publish answers for a name that is taken: by another variable, or by a runtime that is not closed.
// errors.Is finds it.
var ErrPublished = errors.New("fenceexpvar: the name is taken; choose another one")

// A Var shows the statistics of one runtime. It is an expvar.Var, for who wants to put it into an expvar.Map; Publish
// does without.
//
// Make one with New; the zero Var shows zeros. It must not be copied. Any goroutine may call any method. It keeps its
// runtime in memory until it has been looked at after Close; from then on it shows what the runtime still tells, and when
// nobody else has it any more, what was seen last.
type Var struct {
	mu     sync.Mutex
	open   *fencert.Runtime
	closed weak.Pointer[fencert.Runtime] // once open was seen closed
	last   fencert.Stats
}

// New makes a Var for a runtime, which may be closed already.
func New(rt *fencert.Runtime) *Var { return &Var{open: rt} }

// String is the statistics as JSON. It blocks while another goroutine looks at the same Var; a look takes microseconds.
func (v *Var) String() string {
	b, err := json.Marshal(v.Stats())
	if err != nil { // Stats are numbers
		return "null"
	}
	return string(b)
}

// Stats are what String shows. It blocks as String does.
func (v *Var) Stats() fencert.Stats {
	v.mu.Lock()
	defer v.mu.Unlock()
	rt := v.open
	if rt == nil {
		rt = v.closed.Value()
	}
	if rt == nil {
		return v.last
	}
	v.last = rt.Stats()
	if v.last.Closed && v.open != nil {
		v.open, v.closed = nil, weak.Make(rt)
	}
	return v.last
}

// show makes v a Var for another runtime, if its own is closed.
func (v *Var) show(rt *fencert.Runtime) bool {
	if !v.Stats().Closed {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.open != nil { // another Publish came first
		return false
	}
	v.open, v.closed = rt, weak.Pointer[fencert.Runtime]{}
	return true
}

// publishing is held while a name is looked up and taken.
var publishing sync.Mutex

// Publish shows the runtime under a name in expvar, for good: a variable can't be taken back there. When the runtime is
// closed, its last numbers stay, until Publish is called for another one under the same name.
//
// Any goroutine may call it, once per name and runtime; it blocks while another one publishes. It allocates. Errors:
// ErrPublished. Who calls expvar.Publish with the same name at the same time makes one of the two end the process, as
// package expvar does.
func Publish(name string, rt *fencert.Runtime) error {
	publishing.Lock()
	defer publishing.Unlock()
	switch v := expvar.Get(name).(type) {
	case nil:
		expvar.Publish(name, New(rt))
		return nil
	case *Var:
		if v.show(rt) {
			return nil
		}
	}
	return fmt.Errorf("%w: %q", ErrPublished, name)
}
