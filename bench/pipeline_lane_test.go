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
	patience := l.patience(submitterPatience)
	for tries := 1; load.Now() < due; tries++ {
		l.relax(tries, patience)
	}
	return due
}

// patience is how many looks a goroutine takes before it lets others run, when every one has a processor.
func (l *lane[F, T]) patience(looks int) int {
	if patience(2*len(l.flow.lanes)) == 1 {
		return 1
	}
	return looks
}

func (l *lane[F, T]) relax(tries, patience int) {
	if tries%patience == 0 {
		l.flow.rest()
	}
}

// submit is the submitter: it sends each job when it is due, or as soon after that as it can.
func (l *lane[F, T]) submit() {
	patience := l.patience(devicePatience)
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
			l.relax(tries, patience)
		}
		if waited {
			l.promise(i/l.every + len(l.waiters))
		}
	}
	for _, v := range l.waiters {
		close(v.queue)
	}
}

// complete is the device: it takes batches and signals their jobs in the order drawn. A batch is due when its last job
// is, for it can't be complete before.
func (l *lane[F, T]) complete() {
	patience := l.patience(devicePatience)
	for done := 0; done < l.jobs; {
		n := min(l.order.Batch(), l.jobs-done)
		for i := range n {
			for tries := 1; ; tries++ {
				j, ok := l.queue.poll()
				if ok {
					l.batch[i] = j
					break
				}
				l.relax(tries, patience)
			}
		}
		due := l.batch[n-1].due
		for _, i := range l.order.Next() {
			if i < n {
				l.signal(&l.batch[i], uint64(done+i), due)
			}
		}
		done += n
	}
}

// signal completes one job. What somebody waits for is dropped by the last of the two who know of it.
func (l *lane[F, T]) signal(j *pipelineJob[F], number uint64, due int64) {
	if l.stall != nil {
		l.stall(number)
	}
	var ok bool
	if wait := j.wait; wait != nil {
		l.now = pipelineRun{number: number, due: due, result: errWoken, signaled: load.Now()}
		wait.signaled.Store(l.now.signaled) // Pairs with: the load in the waiter's run, which must find it
		ok = l.device.Signal(j.fence, errWoken)
		wait.leave(l.device, j.fence)
	} else {
		l.now = pipelineRun{number: number, due: due, signaled: load.Now()}
		ok = l.device.Finish(j.fence, nil)
	}
	if ok && l.now.ran == 1 {
		l.good++
	}
}

// run is the callback of each job.
func (l *lane[F, T]) run(arg uint64, err error) {
	now := load.Now()
	if arg != l.now.number || err != l.now.result {
		l.strange++
	}
	l.now.ran++
	l.ran.ran++
	l.ran.sum += arg
	l.last = now
	l.callback.Record(now - l.now.signaled)
	l.total.Record(now - l.now.due)
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
