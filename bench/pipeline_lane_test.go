package bench

import (
	"fmt"

	"github.com/fencert/fencert/bench/internal/load"
	"github.com/fencert/fencert/internal/pad"
)

// A lane is one submitter, the device that it sends its jobs to, and those who wait for some of them.
//
// Each field has one goroutine that writes it while a run is under way; the run's end hands them over. Between
// submitter and device there is only the ring.
type lane[F comparable, T any] struct {
	flow    *flow[F, T]
	jobs    int
	every   int // one job in so many is waited for
	waiters []*pipelineWaiter[F, T]
	queue   *ring[pipelineJob[F]]
	due     load.Timetable
	looks   struct{ submitter, device int } // between two yields

	// What tests change.
	pace  func(i int) int64 // returns when job i is due, not before; nil: open
	stall func(i uint64)    // what the device does before it signals job i; nil: nothing

	_         pad.Line
	submitter Worker[F, T] // whose callback is run below
	refused   int          // Owns: the submitter; callbacks not added
	stuck     bool         // Owns: the submitter; gave up on the waiters

	_      pad.Line
	device Worker[F, T]
	order  *load.Shuffle
	batch  [pipelineBatch]pipelineJob[F]
	good   int // Owns: the device; jobs signaled with their callback run once meanwhile

	// Owns: the device, and in a callback whoever runs it: the device waits for that.
	now             pipelineRun
	ran             count
	strange         int // callbacks of another job than the one being signaled, or with another result
	last            int64
	total, callback *load.Latency
	_               pad.Line
}

// A pipelineJob is what goes through the ring.
type pipelineJob[F comparable] struct {
	fence F
	due   int64
	wait  *waitRecord[F] // nil: nobody waits
}

// A pipelineRun is the job that the device signals just now.
type pipelineRun struct {
	number   uint64
	due      int64
	signaled int64 // when Signal was called
	result   error
	ran      int
}

func newLane[F comparable, T any](f *flow[F, T], waiters int) *lane[F, T] {
	l := &lane[F, T]{flow: f, device: f.world.NewWorker(nil)}
	l.submitter = f.world.NewWorker(l.run)
	batch := 1
	if f.load.out {
		batch = pipelineBatch
	}
	l.order = load.NewShuffle(batch, pipelineSeed)
	for range waiters {
		l.waiters = append(l.waiters, &pipelineWaiter[F, T]{w: f.world.NewWorker(nil)})
	}
	if waiters > 0 {
		l.every = waitedEvery(f.load.rate)
	}
	return l
}

// prepare makes the lane ready for a run. The first waiters wait from the start.
func (l *lane[F, T]) prepare(jobs int) {
	l.jobs, l.refused, l.stuck = jobs, 0, false
	l.queue = newRing[pipelineJob[F]]()
	l.looks.submitter, l.looks.device = submitterPatience, devicePatience
	if patience(2*len(l.flow.lanes)) == 1 {
		l.looks.submitter, l.looks.device = 1, 1 // not every one of them has a processor
	}
	l.good, l.ran, l.strange, l.last = 0, count{}, 0, 0
	l.total, l.callback = load.NewLatency(), load.NewLatency()
	for _, v := range l.waiters {
		v.prepare()
	}
	for n := range l.waiters {
		l.promise(n)
	}
}

// await returns when job i is due, and not before.
func (l *lane[F, T]) await(i int) int64 {
	if l.pace != nil {
		return l.pace(i)
	}
	due := l.due.Due(i)
	for tries := 1; load.Now() < due; tries++ {
		l.relax(tries, l.looks.submitter)
	}
	return due
}

func (l *lane[F, T]) relax(tries, patience int) {
	if tries%patience == 0 {
		l.flow.rest()
	}
}

// submit is the submitter: it sends each job when it is due, or as soon after that as it can.
func (l *lane[F, T]) submit() {
	for i := range l.jobs {
		j := pipelineJob[F]{due: l.await(i)}
		waited := l.every > 0 && i%l.every == 0 && !l.stuck
		if waited {
			j.wait = l.record(i / l.every)
			j.fence = j.wait.fence
		} else {
			j.fence = l.submitter.Arm()
		}
		if _, ok := l.submitter.Add(j.fence, uint64(i)); !ok {
			l.refused++
		}
		for tries := 1; !l.queue.offer(j); tries++ {
			l.relax(tries, l.looks.device)
		}
		if waited {
			l.promise(i/l.every + len(l.waiters))
		}
	}
	for _, v := range l.waiters {
		close(v.queue)
	}
}

// check tells what went wrong in the last run. What waiters did is known only when all have returned.
func (l *lane[F, T]) check(waiting bool) error {
	if l.refused > 0 {
		return fmt.Errorf("%w: %d callbacks were refused by pending fences", errPipeline, l.refused)
	}
	if err := verify(l.good, l.jobs, count{}, l.ran, rising(l.jobs, 1)); err != nil {
		return fmt.Errorf("%w: %w", errPipeline, err)
	}
	if l.strange > 0 {
		return fmt.Errorf("%w: %d callbacks ran for another job, or with another result", errPipeline, l.strange)
	}
	if n := l.total.Negative() + l.callback.Negative(); n > 0 {
		return fmt.Errorf("%w: %d callbacks ran before their time", errPipeline, n)
	}
	if waiting || l.stuck {
		return fmt.Errorf("%w: waiters are still waiting", errPipeline)
	}
	return l.checkWaiters()
}
