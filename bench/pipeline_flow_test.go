package bench

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/fencert/fencert/bench/internal/load"
)

const (
	// pipelineBatch is how many jobs a device completes out of order.
	pipelineBatch = 16
	// pipelineSeed draws the orders.
	pipelineSeed = 1
	// pipelineLead is the time between the start of a run and its first job, for the goroutines to get going.
	pipelineLead = 200 * time.Microsecond
	// releaseWithin is how long a waiter may take after everything else is done.
	releaseWithin = 20 * time.Second

	// submitterPatience and devicePatience are how often they look before they let others run: for about a microsecond,
	// with a clock to be read in one and a ring to be looked at in the other.
	submitterPatience = 32
	devicePatience    = 256
)

var errPipeline = errors.New("pipeline")

// A flow is a pipeline: lanes that share a world and a rate, and nothing else.
type flow[F comparable, T any] struct {
	load  pipelineCase
	world World[F, T]
	lanes []*lane[F, T]

	// What tests change.
	rest    func()        // lets others run
	release time.Duration // releaseWithin

	elapsed int64 // of the last run, from the first job's time to the last callback
}

// flow opens a pipeline of that many lanes.
func (s subject[F, T]) flow(lanes int, c pipelineCase) *flow[F, T] {
	waiters := pipelineWaiters
	if !s.can.Contract {
		waiters = 0 // it can't be waited for
	}
	each := ringSlots + pipelineBatch + waiters*waiterRecords + fencesInUse
	f := &flow[F, T]{
		load: c, rest: runtime.Gosched, release: releaseWithin,
		world: s.open(Sizes{Workers: lanes * (2 + waiters), Fences: lanes * each, Callbacks: lanes * each}),
	}
	for range lanes {
		f.lanes = append(f.lanes, newLane(f, waiters))
	}
	return f
}

// run sends that many jobs through the pipeline. It calls begin when all is prepared and end when the last callback has
// run and all waiters have returned, and tells what went wrong.
func (f *flow[F, T]) run(jobs int, begin, end func()) error {
	var sent, waited sync.WaitGroup
	for i, l := range f.lanes {
		l.prepare((jobs + len(f.lanes) - 1 - i) / len(f.lanes))
	}
	begin()
	start := load.Now() + int64(pipelineLead)
	for i, l := range f.lanes {
		l.due = load.Share(start, f.load.rate, i, len(f.lanes))
		for _, v := range l.waiters {
			waited.Go(v.run)
		}
		sent.Go(l.complete)
		sent.Go(l.submit)
	}
	sent.Wait()
	err := within(&waited, f.release)
	end()
	// A load that is kept up with takes its whole time, however early its last job was done.
	last := load.Share(start, f.load.rate, 0, 1).Due(jobs)
	for _, l := range f.lanes {
		last = max(last, l.last)
	}
	f.elapsed = last - start
	for i, l := range f.lanes {
		if wrong := l.check(err != nil); wrong != nil {
			err = errors.Join(err, fmt.Errorf("lane %d: %w", i, wrong))
		}
	}
	return err
}

// within waits for waiters to return.
func within(waiters *sync.WaitGroup, patience time.Duration) error {
	done := make(chan struct{})
	go func() {
		waiters.Wait()
		close(done)
	}()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-done:
		return nil
	case <-limit.C:
		return fmt.Errorf("%w: a waiter was not released within %v after the last signal", errPipeline, patience)
	}
}

// An outcome is what all lanes of a run have seen together.
type pipelineOutcome struct {
	total, callback, wake *load.Latency
	done                  float64 // jobs per second
}

func (f *flow[F, T]) outcome() pipelineOutcome {
	o := pipelineOutcome{total: load.NewLatency(), callback: load.NewLatency(), wake: load.NewLatency()}
	for _, l := range f.lanes {
		o.total.Merge(l.total)
		o.callback.Merge(l.callback)
		for _, v := range l.waiters {
			o.wake.Merge(v.latency)
		}
	}
	o.done = float64(o.total.Count()) / (float64(f.elapsed) / 1e9)
	return o
}

// close gives everything back.
func (f *flow[F, T]) close() error {
	for _, l := range f.lanes {
		l.submitter.Close()
		l.device.Close()
		for _, v := range l.waiters {
			v.w.Close()
		}
	}
	f.world.Close()
	return nil
}
