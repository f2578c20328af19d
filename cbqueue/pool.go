package cbqueue

import (
	"errors"
	"fmt"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
)

var (
	// ErrClosed means that the list was closed before the callback could be added: it was
	// not and will not be called.
	ErrClosed = errors.New("cbqueue: the list is closed")
	// ErrExhausted means that there is no free node. It cannot happen after Reserve, and
	// works again once callbacks have run or were canceled.
	ErrExhausted = errors.New("cbqueue: no callback node is free")
	// ErrSize means a number of nodes outside 1 to MaxNodes.
	ErrSize = errors.New("cbqueue: size out of range")
)

// nodesBefore leaves the first lines of the array of nodes unused.
const nodesBefore = 6 // 144 bytes

// A Pool is the nodes of many lists. Make one with NewPool; it must not be copied. Any
// goroutine may call any method.
type Pool struct {
	nodes              []node
	depot              *depot.Depot
	stock              uint32 // free nodes that an Owner keeps
	last               uint64 // lastGeneration; less in tests
	sample, sweepLeast uint32 // the constants; 1 in tests
	retired            atomicx.Uint64
	orphans            atomicx.Pointer[limbo]
}

// NewPool returns a Pool of n nodes, 1 to MaxNodes. It allocates 28 bytes per node, touched
// as they are used. Errors: ErrSize.
func NewPool(n int) (*Pool, error) {
	if n < 1 || n > MaxNodes {
		return nil, fmt.Errorf("%w: %d nodes, want 1 to %d", ErrSize, n, MaxNodes)
	}
	p := &Pool{
		nodes:  make([]node, nodesBefore+n)[nodesBefore-1:],
		depot:  depot.New(uint32(n)),
		stock:  uint32(min(max(n/16, 2*exchange), 4096)),
		last:   lastGeneration,
		sample: sample, sweepLeast: sweepLeast,
	}
	p.nodes[0].word.Store((lastGeneration - 1) << generationShift) // so that TryNode refuses it
	return p, nil
}

// Nodes is the number of nodes, retired ones included.
func (p *Pool) Nodes() int { return int(p.depot.Limit()) }

// Retired is how many nodes have used up their generations.
func (p *Pool) Retired() uint64 { return p.retired.Load() }
