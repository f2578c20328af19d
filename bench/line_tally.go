package bench

import "github.com/fencert/fencert/internal/pad"

// A lineTally counts callbacks, as tally does, and sees whether their arguments rise.
//
// Plain: written by whoever runs the worker's callbacks, one goroutine at a time; read when none runs.
type lineTally struct {
	_        pad.Line
	count    uint64
	sum      uint64
	last     uint64
	disorder uint64
	_        pad.Line
}

func (t *lineTally) run(arg uint64, _ error) {
	t.count++
	t.sum += arg
	if arg < t.last {
		t.disorder++
	}
	t.last = arg
}

// Ran implements LineWorker.
func (t *lineTally) Ran() (count, sum, disorder uint64) { return t.count, t.sum, t.disorder }

// handler returns h, or the counting callback when h is nil.
func (t *lineTally) handler(h Handler) Handler {
	if h != nil {
		return h
	}
	return t.run
}

// closedChannel is Done's answer for what is reached.
var closedChannel = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// A dueCallback is a callback that is due: run it, or close the channel.
type dueCallback struct {
	run  Handler // nil: close done
	arg  uint64
	done chan struct{}
}

func (d *dueCallback) deliver() {
	if d.run == nil {
		close(d.done)
		return
	}
	d.run(d.arg, nil)
}

// A batch is what one goroutine delivers.
//
// Owns: the goroutine that has the right to deliver, except for what its timeline says.
type batch struct {
	items []dueCallback
	at    int // the next to run
}

func (b *batch) add(d dueCallback) { b.items = append(b.items, d) }

func (b *batch) run() {
	for b.at < len(b.items) {
		d := &b.items[b.at]
		b.at++
		d.deliver()
	}
	b.items, b.at = b.items[:0], 0
}

// guard calls rounds until it returns. When a callback panics or calls runtime.Goexit, rounds is called again, to go on
// behind it, and the first panic goes on afterwards. With swallow one is under way already, and later ones end here.
func guard(rounds func(), swallow bool) {
	returned := false
	defer func() {
		if !returned {
			if swallow {
				_ = recover()
			}
			guard(rounds, true)
		}
	}()
	rounds()
	returned = true
}
