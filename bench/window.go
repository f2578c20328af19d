package bench

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/fencert/fencert/internal/pad"
	fencert "github.com/fencert/fencert/runtime"
)

// A Window issues numbers from 1, takes their completions in any order, and has a value: the number up to which all are
// complete. At most as many as it was made for are issued and above the value: Issue waits for room.
//
// Callers: any goroutine calls Value; Issue and Complete go through workers. Close comes last.
type Window interface {
	NewWorker() WindowWorker
	Value() uint64
	// Settle returns when the value is where it belongs, nobody issuing or completing.
	Settle()
	Close()
}

// A WindowWorker is one goroutine's view of a Window.
type WindowWorker interface {
	Issue() uint64
	// TryIssue is Issue where that doesn't wait; false: there is no room.
	TryIssue() (uint64, bool)
	Complete(n uint64)
	Close()
}

// lockfreeWindow is impl=lockfree: fencert's.
type lockfreeWindow struct {
	rt     *fencert.Runtime
	window *fencert.CommitWindow
}

// NewLockfreeWindow returns a CommitWindow of that size, a power of two.
func NewLockfreeWindow(size int) Window {
	rt, err := fencert.New(fencert.Config{Fences: large})
	if err != nil {
		panic(err)
	}
	line, err := rt.NewTimeline("bench", "window")
	if err != nil {
		panic(err)
	}
	w, err := fencert.NewCommitWindow(line, size)
	if err != nil {
		panic(err)
	}
	return lockfreeWindow{rt, w}
}

func (w lockfreeWindow) NewWorker() WindowWorker {
	return &lockfreeWindowWorker{local: w.rt.Local(), window: w.window}
}
func (w lockfreeWindow) Value() uint64 { return w.window.Timeline().Value() }
func (lockfreeWindow) Settle()         {}
func (w lockfreeWindow) Close() {
	if err := w.rt.Close(); err != nil {
		panic(err)
	}
}

type lockfreeWindowWorker struct {
	_      pad.Line
	local  *fencert.Local
	window *fencert.CommitWindow
	_      pad.Line
}

func (w *lockfreeWindowWorker) Issue() uint64 {
	n, err := w.window.Issue(context.Background())
	if err != nil {
		panic(err)
	}
	return n
}

func (w *lockfreeWindowWorker) TryIssue() (uint64, bool) {
	n, err := w.window.TryIssue()
	return n, err == nil
}

func (w *lockfreeWindowWorker) Complete(n uint64) {
	if err := w.local.Complete(w.window, n); err != nil {
		panic(err)
	}
}

func (w *lockfreeWindowWorker) Close() { w.local.Close() }

// heapWindow is impl=mutexheap: a mutex, a binary heap of what is complete above the value, and a condition for room. The value
// is an atomic word, so who looks at it takes no lock.
type heapWindow struct {
	_      pad.Line
	value  atomic.Uint64 // written under the lock
	_      pad.Line
	mu     sync.Mutex
	room   sync.Cond
	waits  int // for room
	issued uint64
	size   uint64
	above  []uint64 // a heap: complete, and above the value
	_      pad.Line
}

// NewMutexHeapWindow returns a window made of a mutex and a heap.
func NewMutexHeapWindow(size int) Window {
	w := &heapWindow{size: uint64(size), above: make([]uint64, 0, size)}
	w.room.L = &w.mu
	return w
}

func (w *heapWindow) NewWorker() WindowWorker { return w }
func (w *heapWindow) Value() uint64           { return w.value.Load() }
func (*heapWindow) Settle()                   {}
func (*heapWindow) Close()                    {}

// Issue implements WindowWorker.
func (w *heapWindow) Issue() uint64 {
	w.mu.Lock()
	for w.issued == w.value.Load()+w.size {
		w.waits++
		w.room.Wait()
		w.waits--
	}
	w.issued++
	n := w.issued
	w.mu.Unlock()
	return n
}

// TryIssue implements WindowWorker.
func (w *heapWindow) TryIssue() (n uint64, ok bool) {
	w.mu.Lock()
	if ok = w.issued < w.value.Load()+w.size; ok {
		w.issued++
		n = w.issued
	}
	w.mu.Unlock()
	return n, ok
}

// Complete implements WindowWorker.
func (w *heapWindow) Complete(n uint64) {
	w.mu.Lock()
	v := w.value.Load()
	if n != v+1 {
		w.push(n)
		w.mu.Unlock()
		return
	}
	for v = n; len(w.above) > 0 && w.above[0] == v+1; v++ {
		w.pop()
	}
	w.value.Store(v)
	if w.waits > 0 {
		w.room.Broadcast()
	}
	w.mu.Unlock()
}

func (w *heapWindow) push(n uint64) {
	h := append(w.above, n)
	for k := len(h) - 1; k > 0 && h[(k-1)/2] > h[k]; k = (k - 1) / 2 {
		h[(k-1)/2], h[k] = h[k], h[(k-1)/2]
	}
	w.above = h
}

func (w *heapWindow) pop() {
	h := w.above
	last := len(h) - 1
	h[0] = h[last]
	h = h[:last]
	for k := 0; 2*k+1 < last; {
		child := 2*k + 1
		if child+1 < last && h[child+1] < h[child] {
			child++
		}
		if h[k] <= h[child] {
			break
		}
		h[k], h[child] = h[child], h[k]
		k = child
	}
	w.above = h
}

// channelWindow is impl=channel: a goroutine has the numbers that are complete; room is a channel of tokens, and so are
// completions a channel.
type channelWindow struct {
	_        pad.Line
	value    atomic.Uint64
	_        pad.Line
	issued   atomic.Uint64
	_        pad.Line
	room     chan struct{}
	complete chan uint64
	settle   chan chan struct{}
	ended    chan struct{}
}

// NewChannelWindow returns a window made of channels, and of a goroutine until Close.
func NewChannelWindow(size int) Window {
	w := &channelWindow{
		room: make(chan struct{}, size), complete: make(chan uint64, size), settle: make(chan chan struct{}), ended: make(chan struct{}),
	}
	go w.run(size)
	return w
}

func (w *channelWindow) run(size int) {
	defer close(w.ended)
	done := make([]bool, size)
	at := func(n uint64) *bool { return &done[n%uint64(size)] }
	v := uint64(0)
	for {
		select {
		case n, ok := <-w.complete:
			if !ok {
				return
			}
			*at(n) = true
			for *at(v + 1) {
				v++
				*at(v) = false
				w.value.Store(v)
				<-w.room
			}
		case answer := <-w.settle:
			if len(w.complete) > 0 {
				go func() { w.settle <- answer }() // once more, behind these
				continue
			}
			close(answer)
		}
	}
}

func (w *channelWindow) NewWorker() WindowWorker { return channelWindowWorker{w} }
func (w *channelWindow) Value() uint64           { return w.value.Load() }

// Settle implements Window.
func (w *channelWindow) Settle() {
	answer := make(chan struct{})
	w.settle <- answer
	<-answer
}

// Close implements Window.
func (w *channelWindow) Close() {
	close(w.complete)
	<-w.ended
}

type channelWindowWorker struct{ w *channelWindow }

func (c channelWindowWorker) Issue() uint64 {
	c.w.room <- struct{}{}
	return c.w.issued.Add(1)
}

func (c channelWindowWorker) TryIssue() (uint64, bool) {
	select {
	case c.w.room <- struct{}{}:
		return c.w.issued.Add(1), true
	default:
		return 0, false
	}
}

func (c channelWindowWorker) Complete(n uint64) { c.w.complete <- n }
func (channelWindowWorker) Close()              {}

// noopWindow is impl=noop, which keeps no contract: it counts.
type noopWindow struct {
	_      pad.Line
	issued atomic.Uint64
	_      pad.Line
	value  atomic.Uint64
	_      pad.Line
}

// NewNoopWindow returns a window that counts what is issued and completed, and nothing else: two atomic adds.
func NewNoopWindow(int) Window { return new(noopWindow) }

func (w *noopWindow) NewWorker() WindowWorker  { return w }
func (w *noopWindow) Value() uint64            { return w.value.Load() }
func (*noopWindow) Settle()                    {}
func (w *noopWindow) Issue() uint64            { return w.issued.Add(1) }
func (w *noopWindow) TryIssue() (uint64, bool) { return w.issued.Add(1), true }
func (w *noopWindow) Complete(uint64)          { w.value.Add(1) }
func (*noopWindow) Close()                     {}
