package wheel

import (
	"fmt"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
)

// A Pool is the nodes of many wheels. Make one with NewPool; it must not be copied. Any goroutine may call any method.
type Pool struct {
	nodes    []node
	depot    *depot.Depot
	handOver func(*Wheel)
	stock    uint32 // free nodes that an Owner keeps
	last     uint64 // lastGeneration; less in tests
	sample   uint32 // the constants; less in tests
	least    uint32
	grab     uint32
	budget   uint32
	retired  atomicx.Uint64
	wheels   atomicx.Uint32 // ids given out
}

// NewPool returns a Pool of n nodes, 1 to MaxNodes. It allocates 36 bytes per node, touched as they are used.
//
// handOver must see to it that another goroutine calls Owner.Adopt with the wheel, soon and once. It is called by
// goroutines that have come to own a wheel but must not run callbacks (any more), and must not block; until the other
// goroutine comes, what is due on that wheel waits. Errors: ErrSize.
func NewPool(n int, handOver func(w *Wheel)) (*Pool, error) {
	if n < 1 || n > MaxNodes {
		return nil, fmt.Errorf("%w: %d nodes, want 1 to %d", ErrSize, n, MaxNodes)
	}
	p := &Pool{
		nodes:    make([]node, 1+n),
		depot:    depot.New(uint32(n)),
		handOver: handOver,
		stock:    uint32(min(max(n/16, 1), 4096)),
		last:     lastGeneration,
		sample:   sample, least: sweepLeast, grab: uint32(min(max(n/16, 1), exchange)), budget: budget,
	}
	p.nodes[0].point.Store(^uint64(0)) // see alone
	return p, nil
}

// Nodes is the number of nodes, retired ones included.
func (p *Pool) Nodes() int { return int(p.depot.Limit()) }

// Retired is how many nodes have used up their generations.
func (p *Pool) Retired() uint64 { return p.retired.Load() }

// A view is where a Pool's nodes lie: a loop that keeps it checks no bounds.
//
// Safety: an unsafe.Pointer to the first node, which keeps the whole array alive.
type view struct{ nodes unsafe.Pointer }

func (p *Pool) view() view { return view{unsafe.Pointer(unsafe.SliceData(p.nodes))} }

// node is the i-th node.
//
// Safety: i comes from a list of this pool's nodes, and all that these hold are indices of this pool (W1), so it lies in the array.
func (v view) node(i uint32) *node {
	return (*node)(unsafe.Add(v.nodes, uintptr(i)*unsafe.Sizeof(node{})))
}
