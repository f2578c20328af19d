package cbqueue

import "github.com/fencert/fencert/internal/atomicx"

// Counts are what one Owner has done since Init. None of them falls.
type Counts struct {
	Added    uint64 // callbacks linked to a list
	Run      uint64 // callbacks of lists that it has claimed: they have run, run, or are about to
	Canceled uint64 // callbacks that its Cancel has taken back
	Taken    uint64 // nodes from the depot
	Put      uint64 // nodes given to the depot
}

// counts are Counts as they are kept: written by the Owner, read by anybody. Each is counted after what it counts, so
// one callback may be counted as run, by another Owner, before it is as added.
type counts struct{ added, ran, canceled, taken, put atomicx.Tally }

// Counts returns the counts. Any goroutine may call it, at any time. Each field was right at some moment during the
// call; of those the later ones at a later moment. Wait-free; five loads.
func (o *Owner) Counts() Counts {
	c := &o.counts
	return Counts{
		Added: c.added.Load(), Run: c.ran.Load(), Canceled: c.canceled.Load(), Taken: c.taken.Load(), Put: c.put.Load(),
	}
}

// Touched is the largest index of a node that any Owner ever had.
func (p *Pool) Touched() int { return int(p.depot.Touched()) }

// Count walks the list in w and counts its callbacks: all that are pending, and of these the ones whose handler is less
// than below.
// At most limit nodes are looked at. settled tells that the list did not change meanwhile, so that the numbers were
// right at some moment; a list to which callbacks were added, which was closed or is being swept is not. A cancel that
// another add made up for isn't seen: where callbacks are canceled at the same time the numbers are an estimate.
//
// It writes nothing, and any goroutine may call it at any time. A node that is freed under the walk leads it astray, not
// out of the pool: next is 0 or an index of this pool, whatever list the node is in (Q1, Q4). Wait-free; two loads per
// node.
func (p *Pool) Count(w *atomicx.Uint64, life uint64, below uint32, limit int) (all, with int, settled bool) {
	b := w.Load()
	if !Open(b, life) {
		return 0, 0, false
	}
	i := uint32(b & HeadMask)
	for ; i != 0 && limit > 0; limit-- {
		n := &p.nodes[i]
		// Pairs with: the release store or CAS of who adds or cancels; nothing is acted upon.
		if v := n.word.Load(); v&stateMask <= tentative {
			all++
			if uint32(v>>handlerShift)&MaxHandler < below {
				with++
			}
		}
		i = n.next.Load()
	}
	return all, with, b&Sweeping == 0 && w.Load() == b
}
