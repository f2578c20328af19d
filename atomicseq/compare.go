package atomicseq

// Later tells whether the 63-bit number a comes after b. Such numbers don't wrap, so
// it is the plain compare; it has a name so that the two kinds read alike.
func Later(a, b uint64) bool { return a > b }

// Later32 tells whether the 32-bit number a comes after b, for numbers that wrap and
// are less than 2^31 apart: 1 is later than 0xffffffff. At a distance of exactly 2^31
// neither is later than the other. It is no order on all numbers (not transitive):
// use it within a window of less than 2^31.
func Later32(a, b uint32) bool { return int32(a-b) > 0 }

// Extend32 returns the 63-bit number nearest to reference whose low 32 bits are low:
// what a device with 32-bit numbers means, when it is known to be less than 2^31 away
// from reference. At a distance of exactly 2^31 it is the one below, since low is not
// later. Numbers below 0 or above Max are never the answer; reference must be at most
// Max.
func Extend32(reference uint64, low uint32) uint64 {
	const lap = 1 << 32
	distance := int64(int32(low - uint32(reference)))
	n := reference + uint64(distance)
	if n <= Max {
		return n
	}
	if distance < 0 { // below zero: one lap up
		return n + lap
	}
	return n - lap
}
