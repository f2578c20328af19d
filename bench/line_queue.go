package bench

import "math"

// noPoint is what the earliest point of an empty queue is taken for. No value comes there.
const noPoint = math.MaxInt64

// A pointTicket names a callback in a pointQueue:
//
//	bits[32:64]  how often the node was given out
//	bits[0:32]   node
type pointTicket uint64

// A pointNode is a callback in a pointQueue.
type pointNode struct {
	dueCallback
	lives uint32
}

// A pointItem is an element of the heap. The point stands here, so that comparing follows no index.
type pointItem struct {
	point uint64
	node  uint32
}

// A pointQueue is a binary heap of callbacks with the smallest point on top. Everything is allocated beforehand.
//
// Plain: guarded by its timeline's lock.
type pointQueue struct {
	order  []pointItem
	nodes  []pointNode
	places []uint32 // of each node, in order; of a free one the next free node. Apart: moving an element changes only this.
	free   uint32   // the free node given back last; len(nodes) when there is none
}

func newPointQueue(room int) pointQueue {
	q := pointQueue{order: make([]pointItem, 0, room), nodes: make([]pointNode, room), places: make([]uint32, room)}
	for i := range q.places {
		q.places[i] = uint32(i + 1)
	}
	return q
}

// earliest returns the smallest point.
func (q *pointQueue) earliest() uint64 {
	if len(q.order) == 0 {
		return noPoint
	}
	return q.order[0].point
}

// push adds a callback; it panics with ErrExhausted when there is no room.
func (q *pointQueue) push(point uint64, d dueCallback) pointTicket {
	node := q.free
	if int(node) == len(q.nodes) {
		panic(ErrExhausted)
	}
	n := &q.nodes[node]
	q.free = q.places[node]
	n.dueCallback = d
	n.lives++
	q.order = append(q.order, pointItem{})
	q.rise(len(q.order)-1, pointItem{point, node})
	return pointTicket(n.lives)<<32 | pointTicket(node)
}

// pop takes out the callback with the smallest point.
func (q *pointQueue) pop() dueCallback {
	node := q.order[0].node
	q.remove(0)
	return q.release(node)
}

// cancel takes out the callback of a ticket; false: it isn't there.
func (q *pointQueue) cancel(t pointTicket) bool {
	node := uint32(t)
	n := &q.nodes[node]
	if n.lives != uint32(t>>32) || n.run == nil && n.done == nil {
		return false
	}
	q.remove(int(q.places[node]))
	q.release(node)
	return true
}

// release makes a node free.
func (q *pointQueue) release(node uint32) dueCallback {
	n := &q.nodes[node]
	d := n.dueCallback
	n.dueCallback = dueCallback{}
	q.places[node] = q.free
	q.free = node
	return d
}

// remove takes the element at a place out of the order. The hole goes down to a leaf, towards the smaller child, and the
// last element rises from there: since that is one of the larger ones, this compares less than going down with it.
func (q *pointQueue) remove(hole int) {
	last := len(q.order) - 1
	moved := q.order[last]
	q.order = q.order[:last]
	if hole == last {
		return
	}
	for {
		child := 2*hole + 1
		if child >= last {
			break
		}
		if right := child + 1; right < last && q.order[right].point < q.order[child].point {
			child = right
		}
		q.put(hole, q.order[child])
		hole = child
	}
	q.rise(hole, moved)
}

// rise puts an element into a hole, or above it.
func (q *pointQueue) rise(hole int, item pointItem) {
	for hole > 0 {
		parent := (hole - 1) / 2
		if q.order[parent].point <= item.point {
			break
		}
		q.put(hole, q.order[parent])
		hole = parent
	}
	q.put(hole, item)
}

func (q *pointQueue) put(place int, item pointItem) {
	q.order[place] = item
	q.places[item.node] = uint32(place)
}
