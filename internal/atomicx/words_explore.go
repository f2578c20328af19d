//go:build explore

package atomicx

import (
	"sync/atomic"
	"unsafe"
)

// Uint64 is atomic.Uint64 with a yield before each operation.
type Uint64 struct{ v atomic.Uint64 }

func (x *Uint64) addr() unsafe.Pointer { return unsafe.Pointer(x) }

// Load is atomic.Uint64's.
func (x *Uint64) Load() uint64 {
	step(KindLoad, x.addr())
	v := x.own()
	saw(number, uint64(v))
	return v
}

// own is the value as this thread sees it.
func (x *Uint64) own() uint64 {
	if buffering {
		if v, ok := extended.Newest(x.addr()); ok {
			return uint64(v)
		}
	}
	return x.v.Load()
}

// Store is atomic.Uint64's.
func (x *Uint64) Store(v uint64) {
	step(KindStore, x.addr())
	saw(number, uint64(v))
	x.v.Store(v)
	wrote(x.addr(), true)
}

// Swap is atomic.Uint64's.
func (x *Uint64) Swap(v uint64) uint64 {
	step(KindSwap, x.addr())
	o := x.v.Swap(v)
	saw(change, uint64(o), uint64(v))
	wrote(x.addr(), o != v)
	return o
}

// Add is atomic.Uint64's.
func (x *Uint64) Add(d uint64) uint64 {
	step(KindAdd, x.addr())
	v := x.v.Add(d)
	saw(change, uint64(v-d), uint64(v))
	wrote(x.addr(), d != 0)
	return v
}

// CompareAndSwap is atomic.Uint64's.
func (x *Uint64) CompareAndSwap(o, n uint64) bool {
	step(KindCAS, x.addr())
	if !x.v.CompareAndSwap(o, n) {
		saw(refused, uint64(x.v.Load()), uint64(o))
		return false
	}
	saw(change, uint64(o), uint64(n))
	wrote(x.addr(), o != n)
	return true
}

// Uint32 is atomic.Uint32 with a yield before each operation.
type Uint32 struct{ v atomic.Uint32 }

func (x *Uint32) addr() unsafe.Pointer { return unsafe.Pointer(x) }

// Load is atomic.Uint32's.
func (x *Uint32) Load() uint32 {
	step(KindLoad, x.addr())
	v := x.own()
	saw(number, uint64(v))
	return v
}

// own is the value as this thread sees it.
func (x *Uint32) own() uint32 {
	if buffering {
		if v, ok := extended.Newest(x.addr()); ok {
			return uint32(v)
		}
	}
	return x.v.Load()
}

// Store is atomic.Uint32's.
func (x *Uint32) Store(v uint32) {
	step(KindStore, x.addr())
	saw(number, uint64(v))
	x.v.Store(v)
	wrote(x.addr(), true)
}

// Swap is atomic.Uint32's.
func (x *Uint32) Swap(v uint32) uint32 {
	step(KindSwap, x.addr())
	o := x.v.Swap(v)
	saw(change, uint64(o), uint64(v))
	wrote(x.addr(), o != v)
	return o
}

// Add is atomic.Uint32's.
func (x *Uint32) Add(d uint32) uint32 {
	step(KindAdd, x.addr())
	v := x.v.Add(d)
	saw(change, uint64(v-d), uint64(v))
	wrote(x.addr(), d != 0)
	return v
}

// CompareAndSwap is atomic.Uint32's.
func (x *Uint32) CompareAndSwap(o, n uint32) bool {
	step(KindCAS, x.addr())
	if !x.v.CompareAndSwap(o, n) {
		saw(refused, uint64(x.v.Load()), uint64(o))
		return false
	}
	saw(change, uint64(o), uint64(n))
	wrote(x.addr(), o != n)
	return true
}

// Int64 is atomic.Int64 with a yield before each operation.
type Int64 struct{ u Uint64 }

// Load is atomic.Int64's.
func (x *Int64) Load() int64 { return int64(x.u.Load()) }

// Store is atomic.Int64's.
func (x *Int64) Store(v int64) { x.u.Store(uint64(v)) }

// Swap is atomic.Int64's.
func (x *Int64) Swap(v int64) int64 { return int64(x.u.Swap(uint64(v))) }

// Add is atomic.Int64's.
func (x *Int64) Add(d int64) int64 { return int64(x.u.Add(uint64(d))) }

// CompareAndSwap is atomic.Int64's.
func (x *Int64) CompareAndSwap(o, n int64) bool { return x.u.CompareAndSwap(uint64(o), uint64(n)) }

// Int32 is atomic.Int32 with a yield before each operation.
type Int32 struct{ u Uint32 }

// Load is atomic.Int32's.
func (x *Int32) Load() int32 { return int32(x.u.Load()) }

// Store is atomic.Int32's.
func (x *Int32) Store(v int32) { x.u.Store(uint32(v)) }

// Swap is atomic.Int32's.
func (x *Int32) Swap(v int32) int32 { return int32(x.u.Swap(uint32(v))) }

// Add is atomic.Int32's.
func (x *Int32) Add(d int32) int32 { return int32(x.u.Add(uint32(d))) }

// CompareAndSwap is atomic.Int32's.
func (x *Int32) CompareAndSwap(o, n int32) bool { return x.u.CompareAndSwap(uint32(o), uint32(n)) }

// Bool is atomic.Bool with a yield before each operation.
type Bool struct{ u Uint32 }

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// Load is atomic.Bool's.
func (x *Bool) Load() bool { return x.u.Load() != 0 }

// Store is atomic.Bool's.
func (x *Bool) Store(v bool) { x.u.Store(bit(v)) }

// Swap is atomic.Bool's.
func (x *Bool) Swap(v bool) bool { return x.u.Swap(bit(v)) != 0 }

// CompareAndSwap is atomic.Bool's.
func (x *Bool) CompareAndSwap(o, n bool) bool { return x.u.CompareAndSwap(bit(o), bit(n)) }

// Pointer is atomic.Pointer with a yield before each operation.
type Pointer[T any] struct{ v atomic.Pointer[T] }

func (x *Pointer[T]) addr() unsafe.Pointer { return unsafe.Pointer(x) }

// Load is atomic.Pointer's.
func (x *Pointer[T]) Load() *T {
	step(KindLoad, x.addr())
	v := x.v.Load()
	saw(pointer, bits(v))
	return v
}

// Store is atomic.Pointer's.
func (x *Pointer[T]) Store(v *T) {
	step(KindStore, x.addr())
	saw(pointer, bits(v))
	x.v.Store(v)
	wrote(x.addr(), true)
}

// Swap is atomic.Pointer's.
func (x *Pointer[T]) Swap(v *T) *T {
	step(KindSwap, x.addr())
	o := x.v.Swap(v)
	saw(pointers, bits(o), bits(v))
	wrote(x.addr(), o != v)
	return o
}

// CompareAndSwap is atomic.Pointer's.
func (x *Pointer[T]) CompareAndSwap(o, n *T) bool {
	step(KindCAS, x.addr())
	if !x.v.CompareAndSwap(o, n) {
		saw(refusedPointers, bits(x.v.Load()), bits(o))
		return false
	}
	saw(pointers, bits(o), bits(n))
	wrote(x.addr(), o != n)
	return true
}

// bits is a pointer for display.
func bits[T any](p *T) uint64 { return uint64(uintptr(unsafe.Pointer(p))) }
