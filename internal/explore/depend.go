//go:build explore

package explore

import (
	"fmt"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// writes tells whether an operation of that kind may change its word, or who can go on. A CAS counts.
func writes(k atomicx.Kind) bool {
	switch k {
	case atomicx.KindLoad, atomicx.KindPause, atomicx.KindRelease, atomicx.KindNow, atomicx.KindSleep,
		atomicx.KindPick, atomicx.KindStart:
		return false
	}
	return true
}

// locked tells whether the thread's own buffer must be empty for it (B4).
func locked(k atomicx.Kind) bool {
	switch k {
	case atomicx.KindLoad, atomicx.KindPause, atomicx.KindRelease, atomicx.KindNow, atomicx.KindPick, atomicx.KindStart,
		atomicx.KindBarred:
		return false
	}
	return true
}

// whole tells whether it depends on everything (S2).
func (o op) whole() bool {
	return o.kind == atomicx.KindMembarrier || o.kind == atomicx.KindBarred
}

// dependent tells whether the order of two operations of different agents may matter (S1, S2).
func dependent(a, b op) bool {
	switch {
	case a.whole() || b.whole():
		return true
	case a.kind == atomicx.KindRelease || b.kind == atomicx.KindRelease: // nobody else sees it
		return false
	case a.kind == atomicx.KindPause:
		return writes(b.kind)
	case b.kind == atomicx.KindPause:
		return writes(a.kind)
	}
	return a.addr != nil && a.addr == b.addr && (writes(a.kind) || writes(b.kind))
}

// stillAsleep is who sleeps after the choice was taken: those who did and those who had their turn before, unless what
// was taken has woken them.
func (r *run) stillAsleep(c *choice, taken op) uint32 {
	z, all := c.sleep, uint32(0)
	for i, a := range c.enabled[:c.count] {
		all |= 1 << a
		if i < int(c.taken) {
			z |= 1 << a
		}
	}
	if z&^all != 0 {
		panic(fmt.Sprintf("explore: asleep %b, but able to go on %b: two operations were wrongly taken for independent", z, all))
	}
	z &^= 1 << c.enabled[c.taken]
	for _, a := range c.enabled[:c.count] {
		if z&(1<<a) != 0 && dependent(r.op(int(a)), taken) {
			z &^= 1 << a
		}
	}
	return z
}

// fold adds the operation to the hash of the run's behaviour. Each has a hash of its own, made of its agent, which of
// the agent's it is, and what it depends on that came before; the behaviour is their sum, whatever their order.
func (r *run) fold(agent int, o op) {
	n := &r.nth[agent]
	*n++
	h := mix(uint64(agent)<<32|uint64(*n), uint64(o.kind))
	switch {
	case o.whole():
		h = mix(h, r.behaviour)
	case o.kind == atomicx.KindPause:
		h = mix(h, r.written)
	case o.kind == atomicx.KindRelease || o.addr == nil: // depends on nothing
	case writes(o.kind):
		w := r.word(o.addr)
		h = mix(h, w.last)
		w.last = h
		r.written += h
	default: // which write it sees says which it comes before
		h = mix(h, r.word(o.addr).last)
	}
	r.behaviour += h
}

// mix is a hash of two numbers (the finalizer of SplitMix64).
func mix(a, b uint64) uint64 {
	z := a*0x9e3779b97f4a7c15 + b + 0x632be59bd9b4e019
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// A word is what is known of an atomic word.
type word struct {
	clock clock  // of whom its value is from
	last  uint64 // hash of the last write
}

// word is the record of addr. Records are kept for the runs that follow.
func (r *run) word(addr unsafe.Pointer) *word {
	w := r.words[addr]
	if w == nil {
		if len(r.spare) == 0 {
			block := make([]word, 64)
			for i := range block {
				r.spare = append(r.spare, &block[i])
			}
		}
		w = r.spare[len(r.spare)-1]
		r.spare = r.spare[:len(r.spare)-1]
		r.words[addr] = w
	}
	return w
}

// forget gives the records back.
func (r *run) forget() {
	for _, w := range r.words {
		*w = word{}
		r.spare = append(r.spare, w)
	}
	clear(r.words)
	clear(r.cells)
}
