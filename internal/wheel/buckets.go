package wheel

import (
	"math/bits"

	"github.com/fencert/fencert/internal/atomicx"
)

const (
	digitBits = 6
	fanOut    = 1 << digitBits
	levels    = 11 // of six bits: 66
)

// buckets is a radix heap in base 64: what waits, sorted as far as needed. It belongs to the wheel's owner (W2).
//
// A point s >= base lies at the level of the highest digit in which it differs from base, in the bucket of its own digit
// there. So all points of a level agree with base above it and are beyond base at it: everything at a lower level comes
// first, within a level the lower digits come first, and a bucket of level 0 is one exact point. The first bucket
// is found by two bit scans; to take it, base moves to where it begins, and its nodes spread over lower levels.
// Nothing else moves, whatever the distance (W8).
//
// Ahuja, Mehlhorn, Orlin, Tarjan, "Faster Algorithms for the Shortest Path Problem", JACM 37(2), 1990 (radix heap);
// Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987 (the hierarchy).
type buckets struct {
	base   atomicx.Cell[uint64]
	filled uint32 // bit L: level L has a bucket with nodes
	count  uint32 // nodes in all of them, canceled ones included
	digits [levels]uint64
	heads  [levels * fanOut]uint32
}

// place is where s >= base lies.
func place(s, base uint64) (level, digit uint) {
	level = uint(bits.Len64((s^base)|1)-1) / digitBits
	return level, uint(s>>(level*digitBits)) % fanOut
}

// start is the first point of a bucket.
func start(base uint64, level, digit uint) uint64 {
	above := uint64(1)<<((level+1)*digitBits) - 1 // level 10: 2^66-1, which is all bits
	return base&^above | uint64(digit)<<(level*digitBits)
}

// insert adds node i with point s. A point that base has passed is taken for base: it is due.
func (q *buckets) insert(n *node, i uint32, s uint64) {
	base := q.base.Get()
	level, digit := place(max(s, base), base)
	h := &q.heads[level*fanOut+digit]
	n.next.Set(*h)
	*h = i
	q.digits[level] |= 1 << digit
	q.filled |= 1 << level
	q.count++
}

// first is the bucket that comes first, and the lowest point that it may hold. ok is false when all are empty.
func (q *buckets) first() (level, digit uint, s uint64, ok bool) {
	if q.filled == 0 {
		return 0, 0, 0, false
	}
	level = uint(bits.TrailingZeros32(q.filled))
	digit = uint(bits.TrailingZeros64(q.digits[level]))
	return level, digit, start(q.base.Get(), level, digit), true
}

// take empties a bucket.
func (q *buckets) take(level, digit uint) (head uint32) {
	h := &q.heads[level*fanOut+digit]
	head, *h = *h, 0
	q.clear(level, digit)
	return head
}

func (q *buckets) clear(level, digit uint) {
	if q.digits[level] &^= 1 << digit; q.digits[level] == 0 {
		q.filled &^= 1 << level
	}
}

// takeFirst takes the nodes of the lowest points up to v, in their order and linked by next, from the first bucket, which begins
// at s and no later than v, and from those of level 0 behind it; base is the last of these points then. 0: the first bucket
// was spread, and its nodes may lie behind v.
func (q *buckets) takeFirst(view view, v uint64, level, digit uint, s uint64) uint32 {
	if level == 0 {
		return q.takeExact(view, v, s)
	}
	i := q.take(level, digit)
	n := view.node(i)
	if p := n.point.Load(); n.next.Get() == 0 && p <= v {
		q.base.Set(p) // alone in the first bucket: there is nothing to sort it against
		return i
	}
	q.spread(view, i, s)
	return 0
}

// takeExact takes all of level 0 up to v. There is a bucket that is s, no later than v.
func (q *buckets) takeExact(view view, v, s uint64) (head uint32) {
	due := q.digits[0]
	if v-s < fanOut-s%fanOut { // v lies in this block of points
		due &= 1<<(v%fanOut)<<1 - 1
	}
	q.base.Set(s&^(fanOut-1) | uint64(bits.Len64(due)-1))
	if q.digits[0] &^= due; q.digits[0] == 0 {
		q.filled &^= 1
	}
	for due != 0 {
		h := &q.heads[bits.Len64(due)-1]
		due &^= 1 << (bits.Len64(due) - 1)
		i := *h
		*h = 0
		n := view.node(i)
		for next := n.next.Get(); next != 0; next = n.next.Get() {
			n = view.node(next)
		}
		n.next.Set(head)
		head = i
	}
	return head
}

// spread moves base to the beginning of the first bucket, which is above level 0, and its nodes to lower levels.
func (q *buckets) spread(view view, head uint32, beginning uint64) {
	q.base.Set(beginning)
	for i := head; i != 0; {
		n := view.node(i)
		next := n.next.Get()
		q.count-- // insert counts it again
		q.insert(n, i, n.point.Load())
		i = next
	}
}

// anyDue tells whether there is a node with a point up to v. It spreads what is in the way.
func (q *buckets) anyDue(view view, v uint64) bool {
	for {
		level, digit, s, ok := q.first()
		if !ok || s > v {
			return false
		}
		if level == 0 {
			return true
		}
		q.spread(view, q.take(level, digit), s)
	}
}
