package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// mostMemory is more than any test takes, and less than the machine has.
const mostMemory = 3 << 30

// watchMemory kills a process that takes too much, where the system has a /proc, until ctx ends or the process does. The
// result tells whether it had to.
func watchMemory(ctx context.Context, p *os.Process) (fat func() bool) {
	var killed atomic.Bool
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.Pid))
			if err != nil {
				return // it has ended, or this system has none
			}
			fields := strings.Fields(string(text))
			if len(fields) < 2 {
				return
			}
			if pages, _ := strconv.ParseInt(fields[1], 10, 64); pages*int64(os.Getpagesize()) > mostMemory {
				killed.Store(true)
				_ = p.Kill() // it may have ended meanwhile
				return
			}
		}
	}()
	return killed.Load
}
