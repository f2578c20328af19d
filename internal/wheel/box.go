package wheel

import "math/bits"

// The bits of a wheel's box. See the package comment.
const (
	headMask = 1<<24 - 1
	busy     = 1 << 24
	minShift = 25

	minBits  = 64 - minShift
	mantissa = 35 // of a rounded point: exact below 2^35
	// nothing is the minimum where nothing waits: above every rounded point.
	nothing = 1<<minBits - 1
	// empty is the box that an owner leaves when it takes what was in it.
	empty = nothing<<minShift | busy
)

// round squeezes a point, or a value with its closed bit, into minBits bits. It keeps the order and rounds down, as a
// floating-point number without sign does: 35 bits of mantissa above an exponent.
func round(s uint64) uint64 {
	if s < 1<<mantissa {
		return s
	}
	e := uint64(bits.Len64(s)) - mantissa
	return e<<(mantissa-1) + s>>e
}

// lower is the box with a node on top whose rounded point is r.
func lower(box, r uint64, i uint32) uint64 {
	return min(box>>minShift, r)<<minShift | box&busy | uint64(i)
}
