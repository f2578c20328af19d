package fencert

import "unsafe"

// hugePage is the size that parts of an array must have to be worth advice: that of a huge page on amd64 and, with pages
// of 4 KiB, on arm64. Where it is larger the system rounds down to nothing.
const hugePage = 2 << 20

// adviseHugePages asks for huge pages for the large arrays. Advice that fails changes nothing.
func (rt *Runtime) adviseHugePages() {
	for _, memory := range [][]byte{
		bytesOf(rt.arena.Words()), bytesOf(rt.arena.Links()), bytesOf(rt.slots), rt.pool.Memory(), bytesOf(rt.pool.Links()),
	} {
		if part := wholePages(memory); len(part) > 0 {
			_ = advise(part)
		}
	}
}

// wholePages is the part of an array that begins and ends on the border of a huge page: what else lies on the pages
// around it is not ours to advise about.
func wholePages(memory []byte) []byte {
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(memory))) % hugePage
	if uintptr(len(memory)) < skip+hugePage {
		return nil
	}
	memory = memory[skip:]
	return memory[:len(memory)/hugePage*hugePage]
}

// bytesOf is an array's memory.
//
// Safety: the bytes are those of the array, whole, and the result keeps it alive. They are neither read nor written: only
// their address is passed on.
func bytesOf[T any](array []T) []byte {
	if len(array) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(array))), uintptr(len(array))*unsafe.Sizeof(array[0]))
}
