package bench

import (
	"sync"
	"sync/atomic"

	"github.com/fencert/fencert/atomicseq"
	"github.com/fencert/fencert/internal/pad"
)

// A Counter issues the seqnos of a fence context that several goroutines share:
// 1, 2, 3 and so on, each once. Any goroutine may call it.
type Counter interface{ Next() uint64 }

// atomicCounter is impl=limit.
type atomicCounter struct {
	_    pad.Line
	last atomic.Uint64
	_    pad.Line
}

func (c *atomicCounter) Next() uint64 { return c.last.Add(1) }

// contextCounter is impl=lockfree: the issue counter of a shared fence context.
type contextCounter struct {
	_      pad.Line
	issued atomicseq.Counter
	_      pad.Line
}

func (c *contextCounter) Next() uint64 {
	n, err := c.issued.Next()
	if err != nil {
		panic(err)
	}
	return n
}

// mutexCounter is impl=mutex.
type mutexCounter struct {
	_    pad.Line
	mu   sync.Mutex
	last uint64
	_    pad.Line
}

func (c *mutexCounter) Next() uint64 {
	c.mu.Lock()
	c.last++
	v := c.last
	c.mu.Unlock()
	return v
}
