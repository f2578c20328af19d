//go:build !explore

package peers

import "sync"

// A lock is a mutex, and something that the schedule explorer sees through in builds for that.
type lock = sync.Mutex
