//go:build explore

package fencert

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// counting is a scheduler that lets everything pass and counts it.
type counting struct {
	goroutine             uint64 // the others' operations aren't counted: finalizers', say
	loads, stores, locked int
	lines                 map[uintptr]bool // the cache lines that were written
}

func (c *counting) Step(kind atomicx.Kind, addr unsafe.Pointer) {
	if goroutineNumber() != c.goroutine {
		return
	}
	switch kind {
	case atomicx.KindLoad:
		c.loads++
		return
	case atomicx.KindStore:
		c.stores++
	case atomicx.KindSwap, atomicx.KindAdd, atomicx.KindCAS:
		c.locked++
	default:
		return
	}
	c.lines[uintptr(addr)/64] = true
}

func (c *counting) Wrote(unsafe.Pointer)                            { /* counted in Step */ }
func (c *counting) Block(atomicx.Kind, unsafe.Pointer, func() bool) { panic("blocks") }
func (c *counting) Spin()                                           { panic("spins") }
func (c *counting) Read(unsafe.Pointer)                             { /* a plain read costs no more than any */ }
func (c *counting) Write(addr unsafe.Pointer) {
	if goroutineNumber() == c.goroutine {
		c.lines[uintptr(addr)/64] = true
	}
}
func (c *counting) row(name string) string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d |", name, c.locked, c.stores, c.loads, len(c.lines))
}

// A costOf is an operation of the table "atomics and shared cache lines per operation": prepare comes before the count.
type costOf struct {
	name    string
	prepare func(x *costFixture)
	run     func(x *costFixture)
}

type costFixture struct {
	rt     *Runtime
	l      *Local
	c      *FenceContext
	shared *FenceContext
	note   Handler
	room   Reservation
	i      Issuer
	f      Fence
	t      Ticket
	h      Hold
	line   *Timeline
	window *CommitWindow
	source *Source
	word   *atomicx.Uint64
	writes *SeqWrites
}

// attach has something written to the word when the fence is signaled.
func (x *costFixture) attach() {
	_ = must(x.l.AttachWrite64(x.writes, x.f, (*uint64)(unsafe.Pointer(x.word)), 1))
}

// issue takes two numbers of the window.
// issue issues 1 to 4, which is known afterwards.
func (x *costFixture) issue() {
	for range 4 {
		_ = must(x.window.TryIssue())
	}
	_ = x.l.Complete(x.window, 4)
}

func (x *costFixture) addPoint() { x.t = must(x.l.OnSignal(x.line.At(10), x.note, 1)) }

func (x *costFixture) arm() {
	x.i = must(x.l.NewFence(x.c))
	x.f = x.i.Fence()
}

// add makes the note of what the Local last left in the word that of this fence, as in an engine's flow.
func (x *costFixture) add() { x.t = must(x.l.OnSignal(x.f, x.note, 1)) }

var costs = []costOf{
	{"Reserve", nil, func(x *costFixture) { x.room = must(x.l.Reserve()) }},
	{"Arm, one issuing goroutine", func(x *costFixture) { x.room = must(x.l.Reserve()) },
		func(x *costFixture) { x.i = x.l.Arm(x.room, x.c) }},
	{"Arm, many", func(x *costFixture) { x.room = must(x.l.Reserve()) },
		func(x *costFixture) { x.i = x.l.Arm(x.room, x.shared) }},
	{"NewFence, one issuing goroutine", nil, (*costFixture).arm},
	{"OnSignal", (*costFixture).arm, (*costFixture).add},
	{"OnSignalMany, 8", (*costFixture).arm, func(x *costFixture) {
		var args [8]uint64
		if x.l.OnSignalMany(x.f, x.note, args[:]) != nil {
			panic("not added")
		}
	}},
	{"Finish, nothing attached", (*costFixture).arm, func(x *costFixture) { _ = x.l.Finish(x.i, nil) }},
	{"Finish, 1 callback", func(x *costFixture) { x.arm(); x.add() }, func(x *costFixture) { _ = x.l.Finish(x.i, nil) }},
	{"Finish, 8 callbacks", func(x *costFixture) {
		x.arm()
		for range 8 {
			x.add()
		}
	}, func(x *costFixture) { _ = x.l.Finish(x.i, nil) }},
	{"Signal, nothing attached", (*costFixture).arm, func(x *costFixture) { _ = x.l.Signal(x.i, nil) }},
	{"Drop, signaled", func(x *costFixture) { x.arm(); _ = x.l.Signal(x.i, nil) }, func(x *costFixture) { _ = x.l.Drop(x.i) }},
	{"Cancel, the newest", func(x *costFixture) { x.arm(); x.add() }, func(x *costFixture) { x.l.Cancel(x.t) }},
	{"Cancel, another", func(x *costFixture) {
		x.arm()
		x.add()
		x.t = must(x.l.OnSignal(x.f, x.note, 1))
		t := x.t
		x.add()
		x.t = t
	}, func(x *costFixture) { x.l.Cancel(x.t) }},
	{"Hold, the first", (*costFixture).arm, func(x *costFixture) { x.h = must(x.l.Hold(x.f)) }},
	{"Hold, a further one", func(x *costFixture) { x.arm(); _ = must(x.l.Hold(x.f)) },
		func(x *costFixture) { x.h = must(x.l.Hold(x.f)) }},
	{"Finish, held", func(x *costFixture) { x.arm(); x.h = must(x.l.Hold(x.f)) },
		func(x *costFixture) { _ = x.l.Finish(x.i, nil) }},
	{"Release, the last", func(x *costFixture) { x.arm(); x.h = must(x.l.Hold(x.f)); _ = x.l.Finish(x.i, nil) },
		func(x *costFixture) { _ = x.l.Release(x.h) }},
	{"Signaled", (*costFixture).arm, func(x *costFixture) { x.f.Signaled() }},
	{"CallbacksDone", (*costFixture).arm, func(x *costFixture) { x.f.CallbacksDone() }},
	{"Err", (*costFixture).arm, func(x *costFixture) { _ = x.f.Err() }},
	{"Seqno", (*costFixture).arm, func(x *costFixture) { _, _ = x.f.Seqno() }},
	{"OnSignal of a point", nil, (*costFixture).addPoint},
	{"OnSignalEach, 8 points", nil, func(x *costFixture) {
		points := [8]uint64{11, 12, 13, 14, 15, 16, 17, 18}
		if x.l.OnSignalEach(x.line, points[:], x.note, points[:], nil) != nil {
			panic("not added")
		}
	}},
	{"Advance, nothing due", func(x *costFixture) { _ = must(x.l.OnSignal(x.line.At(1<<40), x.note, 1)) },
		func(x *costFixture) { _ = x.l.Advance(x.line, 1<<20) }},
	{"Advance, 1 callback due", (*costFixture).addPoint, func(x *costFixture) { _ = x.l.Advance(x.line, 10) }},
	{"Advance, 8 callbacks due", func(x *costFixture) {
		for n := range uint64(8) {
			_ = must(x.l.OnSignal(x.line.At(n+3), x.note, 1))
		}
	}, func(x *costFixture) { _ = x.l.Advance(x.line, 10) }},
	{"Cancel of a point", (*costFixture).addPoint, func(x *costFixture) { x.l.Cancel(x.t) }},
	{"Signaled of a point", nil, func(x *costFixture) { x.line.At(7).Signaled() }},
	{"Next, one issuing goroutine", nil, func(x *costFixture) { _, _ = x.line.Next() }},
	{"Wait, signaled", func(x *costFixture) { x.arm(); _ = x.l.Signal(x.i, nil) },
		func(x *costFixture) { _ = x.f.Wait(context.Background()) }},
	{"TryIssue of a window", nil, func(x *costFixture) { _ = must(x.window.TryIssue()) }},
	{"Complete, behind a gap", (*costFixture).issue, func(x *costFixture) { _ = x.l.Complete(x.window, 2) }},
	{"Complete, two numbers reached", func(x *costFixture) { x.issue(); _ = x.l.Complete(x.window, 2) },
		func(x *costFixture) { _ = x.l.Complete(x.window, 1) }},
	{"Sync, the word stands still", nil, func(x *costFixture) { _, _ = x.l.Sync(x.source) }},
	{"Sync, the word has moved", func(x *costFixture) { x.word.Store(9) }, func(x *costFixture) { _, _ = x.l.Sync(x.source) }},
	{"AttachWrite64", func(x *costFixture) {
		x.arm()
		x.attach() // the Local has spare places afterwards
		_ = x.l.Finish(x.i, nil)
		x.arm()
	}, (*costFixture).attach},
	{"Finish, 1 write, a locked store", func(x *costFixture) { x.arm(); x.attach() }, func(x *costFixture) { _ = x.l.Finish(x.i, nil) }},
}

// TestAtomicsPerOperation counts the operations on atomic words in one call, and the cache lines written by them that others
// may write too, and compares with the table in docs/design.md. Noise has no say in these numbers.
func TestAtomicsPerOperation(t *testing.T) {
	var got []string
	for _, op := range costs {
		rt := must(New(Config{Fences: 1024, Callbacks: 1024}))
		x := &costFixture{rt: rt, l: rt.Local(), note: must(rt.Handler(func(*Local, uint64, error) {}))}
		x.c = must(rt.NewFenceContext("cost", "one", SingleIssuer()))
		x.shared = must(rt.NewFenceContext("cost", "many"))
		x.line = must(rt.NewTimeline("cost", "line", SingleIssuer()))
		_ = must(x.l.OnSignal(x.line.At(1), x.note, 1))
		_ = x.l.Advance(x.line, 1)
		x.window, x.word = must(NewCommitWindow(must(rt.NewTimeline("cost", "window")), 64)), new(atomicx.Uint64)
		x.word.Store(1)
		x.source = must(NewSource(x.line, (*uint64)(unsafe.Pointer(x.word)), 0))
		x.writes = must(rt.NewSeqWrites(keepPlaces))
		x.arm() // magazines are filled now
		x.add()
		_ = x.l.Finish(x.i, nil)
		if op.prepare != nil {
			op.prepare(x)
		}
		c := &counting{goroutine: goroutineNumber(), lines: map[uintptr]bool{}}
		atomicx.SetScheduler(c)
		op.run(x)
		atomicx.SetScheduler(nil)
		got = append(got, c.row(op.name))
		_ = rt.Close() // what the operation left pending is not the matter here
	}
	text, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	_, table, _ := strings.Cut(string(text), "## Atomics and cache lines per operation")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, line := range strings.Split(table, "\n") {
		if strings.HasPrefix(line, "| ") {
			want = append(want, line)
		}
	}
	if len(want) > 0 {
		want = want[1:] // the head
	}
	if !slices.Equal(got, want) {
		t.Errorf("docs/design.md differs; the table is now\n%s", strings.Join(got, "\n"))
	}
}
