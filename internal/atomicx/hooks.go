//go:build !explore

package atomicx

import (
	"sync"
	"time"
)

// Mutex is sync.Mutex. In explore builds Lock blocks in the schedule.
type Mutex = sync.Mutex

// Timer is time.Timer. In explore builds it goes off at any time, before those that are due later. Make it with
// NewTimer.
type Timer = time.Timer

// NewTimer is time.NewTimer.
func NewTimer(d time.Duration) *Timer { return time.NewTimer(d) }

// Now is time.Now. In explore builds it is the time of the timer that went off last.
func Now() time.Time { return time.Now() }

// Sleep is time.Sleep.
func Sleep(d time.Duration) { time.Sleep(d) }

// Pick is draw(n), a number below n, which is at least 1. In explore builds draw isn't asked: each number has its
// schedules.
func Pick(n uint32, draw func(n uint32) uint32) uint32 { return draw(n) }
