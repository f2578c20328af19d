package bench

import "github.com/fencert/fencert/bench/internal/load"

// complete is the device: it takes batches and signals their jobs in the order drawn. A batch is due when its last job
// is, for it can't be complete before.
func (l *lane[F, T]) complete() {
	for done := 0; done < l.jobs; {
		n := min(l.order.Batch(), l.jobs-done)
		for i := range n {
			for tries := 1; ; tries++ {
				j, ok := l.queue.poll()
				if ok {
					l.batch[i] = j
					break
				}
				l.relax(tries, l.looks.device)
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
