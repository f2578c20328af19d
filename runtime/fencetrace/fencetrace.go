// Package fencetrace puts what a fence runtime does into the execution trace of the Go runtime, where "go tool trace"
// shows it beside goroutines and processors: each wait as a region of the goroutine that waits, each fence armed and
// signaled as a log event, each fence as a task on demand.
//
//	rt, err := fencert.New(fencert.Config{Observer: fencetrace.Observer(fencetrace.Options{})})
//
// While no trace is taken an event costs one look at a flag; but the fences of a runtime that is observed take the slower
// way always, see fencert.Observer. A trace may be started and stopped at any time.
package fencetrace

import (
	"context"
	"fmt"
	"runtime/trace"
	"sync"

	fencert "github.com/fencert/fencert/runtime"
)

// The types of regions and the categories of log events, by which the tool filters. A task has the type
// "fence driver/timeline".
const (
	RegionWait       = "fence wait"      // region: a goroutine waits; ended with the wait
	CategoryWait     = "fence wait"      // log, in the region: driver/timeline seqno
	CategoryArmed    = "fence armed"     // log: driver/timeline seqno
	CategorySignaled = "fence signaled"  // log: driver/timeline seqno: result
	CategoryRanOut   = "fence exhausted" // log: of what
)

// Options choose what is traced. The zero Options are the default.
type Options struct {
	// Tasks makes a task of each fence, from Armed to Signaled: the tool then shows how long fences stay pending, by
	// fence context. It allocates for each fence while a trace is taken, and keeps a fence that was armed then in a map
	// until it is signaled.
	Tasks bool
	// NoArmed leaves the log events of Armed out, NoWaits the regions, for traces that grow too fast.
	NoArmed, NoWaits bool
}

// Observer returns an observer for fencert.Config. It may serve several runtimes. Its fields may be wrapped or set to nil
// before it is used. Any goroutine may call it.
func Observer(options Options) *fencert.Observer {
	t := &tracer{options: options}
	o := &fencert.Observer{Signaled: t.signaled, Exhausted: t.exhausted}
	if options.Tasks || !options.NoArmed {
		o.Armed = t.armed
	}
	if !options.NoWaits {
		o.Wait = t.wait
	}
	return o
}

type tracer struct {
	options Options
	tasks   sync.Map // fencert.Fence to a task
}

// A task is a fence that was armed while a trace was taken.
type task struct {
	ctx context.Context
	*trace.Task
}

func (t *tracer) armed(e fencert.Event) {
	if !trace.IsEnabled() {
		return
	}
	ctx := context.Background()
	if t.options.Tasks {
		c, made := trace.NewTask(ctx, "fence "+line(e.Context))
		t.tasks.Store(e.Fence, task{c, made})
		ctx = c
	}
	if !t.options.NoArmed {
		trace.Log(ctx, CategoryArmed, name(e))
	}
}

func (t *tracer) signaled(e fencert.Event, result error) {
	ctx := context.Background()
	if t.options.Tasks {
		// Also when the trace has ended meanwhile: the map doesn't grow.
		if v, ok := t.tasks.LoadAndDelete(e.Fence); ok {
			of := v.(task)
			ctx = of.ctx
			defer of.End()
		}
	}
	if trace.IsEnabled() {
		trace.Log(ctx, CategorySignaled, fmt.Sprintf("%s: %v", name(e), result))
	}
}

func (t *tracer) exhausted(r fencert.Resource) {
	if trace.IsEnabled() {
		trace.Log(context.Background(), CategoryRanOut, r.String())
	}
}

func (t *tracer) wait(ctx context.Context, f fencert.Fence) func(error) {
	if !trace.IsEnabled() {
		return nil
	}
	region := trace.StartRegion(ctx, RegionWait)
	if c, err := f.Context(); err == nil {
		if seqno, err := f.Seqno(); err == nil {
			trace.Log(ctx, CategoryWait, name(fencert.Event{Fence: f, Context: c, Seqno: seqno}))
		}
	}
	return func(error) { region.End() }
}

// line is a fence context's name.
func line(c *fencert.FenceContext) string {
	if c == nil {
		return "?"
	}
	return c.Driver() + "/" + c.Timeline()
}

// name is a fence's name.
func name(e fencert.Event) string { return fmt.Sprintf("%s %d", line(e.Context), e.Seqno) }
