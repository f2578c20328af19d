package epoch

import "fmt"

// A Pinning is how Pin makes sure that an advance sees it (I1).
type Pinning uint8

const (
	// PinAuto: a plain store, where the system lets an advance put a barrier into every processor that runs this
	// process (Linux's membarrier, on amd64, arm64 and 386), decided once per process. Elsewhere, where the system
	// refuses, and under the race detector, PinPortable.
	PinAuto Pinning = iota
	// PinPortable: a full barrier in each Pin, and none in an advance. For those who pin seldom and reclaim in small
	// batches, and to compare.
	PinPortable
)

// String returns "auto" or "portable".
func (p Pinning) String() string {
	switch p {
	case PinAuto:
		return "auto"
	case PinPortable:
		return "portable"
	}
	return fmt.Sprintf("Pinning(%d)", uint8(p))
}
