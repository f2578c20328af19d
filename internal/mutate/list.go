package main

import "slices"

// named are all faults that have names.
func named() []*fault {
	return slices.Concat(depotFaults, arenaFaults, cbqueueFaults, epochFaults, atomicseqFaults, wheelFaults, runtimeFaults, waitFaults, windowFaults, sharedFaults)
}
