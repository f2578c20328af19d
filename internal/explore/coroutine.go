//go:build explore

package explore

import "iter"

// A coroutine runs threads, one after the other: each schedule has its own threads, and the next one's find the stack of
// the last one's, grown as far as it must.
type coroutine struct {
	next  func() (struct{}, bool) // the thread goes on, to its next yield or its end
	stop  func()
	yield func(struct{}) bool
	t     *thread
}

// coroutine is one for t, which is about to begin.
func (r *run) coroutine(t *thread) *coroutine {
	c := r.coroutines[t.id]
	if c == nil {
		c = &coroutine{}
		c.next, c.stop = iter.Pull(func(yield func(struct{}) bool) {
			c.yield = yield
			for again := true; again; again = yield(struct{}{}) {
				r.begin(c.t)
			}
		})
		r.coroutines[t.id] = c
	}
	c.t = t
	return c
}

// begin runs a thread from its beginning to its end.
func (r *run) begin(t *thread) {
	defer r.caught(t)
	t.body()
}

// close ends the coroutines. The run can't be used any more.
func (r *run) close() {
	for _, c := range r.coroutines {
		if c != nil {
			c.stop()
		}
	}
}
