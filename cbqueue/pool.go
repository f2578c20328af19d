package cbqueue

import (
	"errors"
	"fmt"
	"unsafe"

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
	last               uint64 // lastGeneration; less in tests
	sample, sweepLeast uint32 // the constants; 1 in tests
	retired            atomicx.Uint64
	orphans            atomicx.Pointer[limbo]
}

// NewPool returns a Pool of n nodes, 1 to MaxNodes. It allocates 28 bytes per node, touched
// as they are used. Errors: ErrSize.
func NewPool(n int) (*Pool, error) { return NewGrowablePool(n, n) }

// NewGrowablePool is NewPool for a pool that Grow can enlarge up to most nodes: it allocates for that many. Errors:
// ErrSize, also when most is less than n.
func NewGrowablePool(n, most int) (*Pool, error) {
	if n < 1 || most < n || most > MaxNodes {
		return nil, fmt.Errorf("%w: %d nodes, later %d, want 1 to %d", ErrSize, n, most, MaxNodes)
	}
	p := &Pool{
		nodes:  make([]node, nodesBefore+most)[nodesBefore-1:],
		depot:  depot.NewGrowable(uint32(n), uint32(most)),
		last:   lastGeneration,
		sample: sample, sweepLeast: sweepLeast,
	}
	p.nodes[0].word.Store((lastGeneration-1)<<generationShift | canceled) // so that Peek and Cancel refuse it
	return p, nil
}

// Nodes is the number of nodes, retired ones included.
func (p *Pool) Nodes() int { return int(p.depot.Limit()) }

// Grow makes it that many nodes; with as many or more it does nothing. Lists and tickets stay what they are, and so do
// the stocks of Owners that were made before. Any goroutine; lock-free; it allocates nothing, the memory is there. Errors:
// ErrSize: more than NewGrowablePool was told.
func (p *Pool) Grow(n int) error {
	if n < 1 || n > int(p.depot.Most()) {
		return fmt.Errorf("%w: growing to %d nodes, want 1 to %d", ErrSize, n, p.depot.Most())
	}
	p.depot.Grow(uint32(n))
	return nil
}

// stock is about how many free nodes an Owner keeps: 1 in 16, and up to twice as many for a while. In explorations it
// is as in a large pool: how nodes move between Owners and the depot is explored there.
func (p *Pool) stock() uint32 {
	if atomicx.Exploring {
		return 2 * exchange
	}
	return min(max(p.depot.Limit()/16, 1), 4096)
}

// batch is how many nodes an Owner takes from the depot by one CAS: fewer in a small pool.
func (p *Pool) batch() uint32 {
	if atomicx.Exploring {
		return exchange
	}
	return min(max(p.depot.Limit()/64, 1), exchange)
}

// Links is the array of the depot's links, for advice to the system about its memory.
func (p *Pool) Links() []atomicx.Uint32 { return p.depot.Links() }

// Memory is the array of nodes, for advice to the system about it. It must be neither read nor written.
//
// Safety: the bytes are those of p.nodes, whole, and the result keeps that array alive.
func (p *Pool) Memory() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(p.nodes))), uintptr(len(p.nodes))*unsafe.Sizeof(node{}))
}

// Retired is how many nodes have used up their generations.
func (p *Pool) Retired() uint64 { return p.retired.Load() }
