//go:build explore

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A counter is a scheduler that lets everything pass and counts it. With releases it sees release stores apart from
// others; without, it doesn't take an owner's plain loads for atomic ones. So each subject is counted both ways.
type counter struct {
	releases bool

	loads, stores, released, swaps, adds, compares uint64
	touched, written                               uint64
	lines                                          map[uintptr]bool // of this unit; true: written
}

// Step counts an operation. A lock is a compare-and-swap and its unlock an add, as sync.Mutex has them.
func (c *counter) Step(kind atomicx.Kind, addr unsafe.Pointer) {
	switch kind {
	case atomicx.KindLoad:
		c.loads++
		c.Read(addr)
		return
	case atomicx.KindStore:
		c.stores++
	case atomicx.KindSwap:
		c.swaps++
	case atomicx.KindAdd, atomicx.KindUnlock:
		c.adds++
	case atomicx.KindCAS:
		c.compares++
	default:
		panic(fmt.Sprint("an operation that isn't counted: ", kind))
	}
	c.Write(addr)
}

// Block is a lock that is free, for there is one goroutine.
func (c *counter) Block(kind atomicx.Kind, addr unsafe.Pointer, ready func() bool) {
	if kind != atomicx.KindLock || !ready() {
		panic(fmt.Sprint("blocks: ", kind))
	}
	c.Step(atomicx.KindCAS, addr)
}

// Read and Write are plain accesses to what goroutines hand to each other, too.
func (c *counter) Read(addr unsafe.Pointer) {
	if line := uintptr(addr) / 64; !c.lines[line] {
		c.lines[line] = false
	}
}

func (c *counter) Write(addr unsafe.Pointer) { c.lines[uintptr(addr)/64] = true }

// Release counts a release store, and makes it.
func (c *counter) Release(s atomicx.BufferedStore) {
	c.released++
	c.Write(s.Addr)
	s.Commit()
}

func (c *counter) Modes() (buffering, noting bool)           { return c.releases, false }
func (c *counter) Newest(unsafe.Pointer) (uint64, bool)      { return 0, false }
func (c *counter) Wrote(unsafe.Pointer)                      { /* counted in Step */ }
func (c *counter) Rewrote(unsafe.Pointer)                    { /* counted in Step */ }
func (c *counter) Spin()                                     { panic("spins") }
func (c *counter) Membarrier()                               { panic("a membarrier") }
func (c *counter) Now() time.Time                            { return time.Time{} }
func (c *counter) Set(*atomicx.Timer, time.Duration)         { panic("sets a timer") }
func (c *counter) Unset(*atomicx.Timer) bool                 { panic("stops a timer") }
func (c *counter) Pick(uint32) uint32                        { return 0 }
func (c *counter) Saw(_ atomicx.Finding, _ uint64, _ uint64) { /* of no matter */ }

// unit ends what belongs to one operation, or to a few that can't be told apart.
func (c *counter) unit() {
	for _, written := range c.lines {
		c.touched++
		if written {
			c.written++
		}
	}
	clear(c.lines)
}

// A count is one line of the output: sums over so many operations.
type count struct {
	Row        string `json:"row"`
	Impl       string `json:"impl"`
	Operations int    `json:"operations"`
	Loads      uint64 `json:"loads"`
	Stores     uint64 `json:"stores"`
	Releases   uint64 `json:"releases"`
	Compares   uint64 `json:"compares"`
	Swaps      uint64 `json:"swaps"`
	Adds       uint64 `json:"adds"`
	Touched    uint64 `json:"touched"`
	Written    uint64 `json:"written"`
}

// atomics counts n operations of each subject and prints a line of JSON for each.
func atomics(n int) error {
	out := json.NewEncoder(os.Stdout)
	for _, s := range subjects() {
		plain, err := s.count(n, false)
		if err != nil {
			return err
		}
		apart, err := s.count(n, true)
		if err != nil {
			return err
		}
		err = out.Encode(count{
			Row: s.row, Impl: s.impl, Operations: n * s.times,
			Loads: plain.loads, Stores: apart.stores, Releases: apart.released,
			Compares: plain.compares, Swaps: plain.swaps, Adds: plain.adds,
			Touched: plain.touched, Written: plain.written,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s subject) count(n int, releases bool) (*counter, error) {
	goroutines := runtime.NumGoroutine()
	r := s.open()
	n *= s.times
	err := r.do(2 * n) // lists are filled
	c := &counter{releases: releases, lines: map[uintptr]bool{}}
	atomicx.SetScheduler(c)
	for i := 0; i < n && err == nil; i += s.unit {
		err = r.do(s.unit)
		c.unit()
	}
	atomicx.SetScheduler(nil)
	if runtime.NumGoroutine() != goroutines {
		err = errors.Join(err, errors.New("a goroutine beside the one that is counted"))
	}
	if err == nil {
		err = r.close()
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", s.row, s.impl, err)
	}
	return c, nil
}
