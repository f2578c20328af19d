package fencert

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"unsafe"
)

// child names the test that is to run in a process of its own, whose memory nobody has used before.
const child = "FENCERT_TEST_CHILD"

// alone runs the calling test in a process of its own, and is true there. In the other one it reports what came of it.
func alone(t *testing.T) bool {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector keeps shadows of the memory")
	}
	if unsafe.Sizeof(uintptr(0)) < 8 {
		t.Skip("the address space is too small")
	}
	if os.Getenv(child) == t.Name() {
		return true
	}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), child+"="+t.Name())
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// resident is how many bytes of this process are in memory.
func resident(t *testing.T) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("there is no /proc")
	}
	var size, pages int
	if _, err := fmt.Sscan(string(statm), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// advised tells whether the memory at this address is marked for huge pages.
func advised(t *testing.T, at unsafe.Pointer) bool {
	t.Helper()
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip("there is no /proc/self/smaps")
	}
	defer func() { _ = maps.Close() }()
	inside := false
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x", &from, &to); n == 2 {
			inside = from <= uintptr(at) && uintptr(at) < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return strings.Contains(flags+" ", " hg ")
		}
	}
	return false
}

// TestNewTouchesLittle: 16 million fences that can become twice as many, with as many callbacks: 1.9 GB, of which next
// to nothing is in memory before it is used, and what a million of them take afterwards.
func TestNewTouchesLittle(t *testing.T) {
	if debugging {
		t.Skip("what fencedebug keeps of each slot is touched")
	}
	if !alone(t) {
		return
	}
	before := resident(t)
	rt, err := New(Config{Fences: 1 << 24, GrowTo: 1 << 25, Callbacks: MaxCallbacks})
	if err != nil {
		t.Fatal(err)
	}
	after := resident(t)
	if grown := after - before; grown > 8<<20 {
		t.Errorf("New touches %d KiB", grown>>10)
	}
	c := must(rt.NewFenceContext("a", "b"))
	l := rt.Local()
	const n = 1 << 18
	for range n {
		_ = must(l.NewFence(c))
	}
	if grown := resident(t) - after; grown < n*40 || grown > n*60+8<<20 {
		t.Errorf("%d fences touch %d KiB", n, grown>>10)
	}
	runtime.KeepAlive(rt)
}

// TestHugePagesAreAskedFor, for each large array, and make New touch no more than a page of each.
func TestHugePagesAreAskedFor(t *testing.T) {
	mode, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	if err != nil || strings.Contains(string(mode), "[never]") {
		t.Skip("this system has no huge pages to give")
	}
	if !alone(t) {
		return
	}
	before := resident(t)
	rt, err := New(Config{Fences: 1 << 24, Callbacks: MaxCallbacks, HugePages: true})
	if err != nil {
		t.Fatal(err)
	}
	if grown := resident(t) - before; grown > 16<<20 {
		t.Errorf("New touches %d KiB", grown>>10)
	}
	memory := rt.pool.Memory()
	for name, at := range map[string]unsafe.Pointer{
		"words": unsafe.Pointer(rt.arena.Word(1 << 23)),
		"links": unsafe.Pointer(rt.arena.Link(1 << 23)),
		"slots": unsafe.Pointer(&rt.slots[1<<23]),
		"nodes": unsafe.Pointer(&memory[len(memory)/2]),
		"next":  unsafe.Pointer(&rt.pool.Links()[MaxCallbacks/2]),
	} {
		if !advised(t, at) {
			t.Errorf("huge pages are not asked for the array of %s", name)
		}
	}
	small, err := New(Config{Fences: 1 << 24, Callbacks: 1})
	if err != nil {
		t.Fatal(err)
	}
	if advised(t, unsafe.Pointer(small.arena.Word(1<<23))) {
		t.Error("huge pages are asked for without Config.HugePages")
	}
}
