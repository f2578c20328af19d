package fencert

import "testing"

// residentNow is how many bytes of this process are in memory.
func residentNow(t *testing.T) int { return resident(t) }
