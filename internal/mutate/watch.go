package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// mostMemory is more than any test takes, and less than the machine has.
const mostMemory = 3 << 30

// ticksPerSecond is the unit of times in /proc: 100 on every architecture that Go knows.
const ticksPerSecond = 100

// A transcript is what a run of tests prints, and how many tests it has begun or ended.
type transcript struct {
	mu    sync.Mutex
	text  bytes.Buffer
	steps int
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps += bytes.Count(p, []byte("=== ")) + bytes.Count(p, []byte("--- "))
	return t.text.Write(p)
}

func (t *transcript) progress() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.steps
}

// watch kills a process that takes too much memory, or too long for one test, until ctx ends or the process does. Too long
// is limit by the processor's clock, so that a test isn't blamed for what else the machine does, and five times that by
// the wall's, for one that waits in vain. The result tells why it had to; "": it hadn't. Where a system has no /proc, only
// the wall's clock counts.
func watch(ctx context.Context, p *os.Process, t *transcript, limit time.Duration) (why func() string) {
	var killed atomic.Value
	kill := func(reason string) {
		killed.Store(reason)
		_ = p.Kill() // it may have ended meanwhile
	}
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		steps, since, used := -1, time.Now(), time.Duration(0)
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now := processorTime(p.Pid)
			if n := t.progress(); n != steps {
				steps, since, used = n, time.Now(), now
			}
			switch {
			case memory(p.Pid) > mostMemory:
				kill("takes all memory")
				return
			case now-used > limit || time.Since(since) > 5*limit:
				kill("doesn't end")
				return
			}
		}
	}()
	return func() string {
		s, _ := killed.Load().(string)
		return s
	}
}

// memory is how many bytes of it a process has; 0: unknown.
func memory(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// processorTime is how long a process has computed; 0: unknown.
func processorTime(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // the name before it may have spaces
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticksPerSecond
}
