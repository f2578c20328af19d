package cbqueue

import (
	"errors"
	"slices"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

func TestSizes(t *testing.T) {
	for _, n := range []int{-1, 0, MaxNodes + 1} {
		if _, err := NewPool(n); !errors.Is(err, ErrSize) {
			t.Errorf("NewPool(%d): %v", n, err)
		}
	}
}

func TestRunsInTheOrderOfAdding(t *testing.T) {
	p := newPool(t, 100)
	o, l := newOwner(p), newList(5)
	for i := range uint64(10) {
		if _, err := l.add(o, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.AddMany(&l.word, l.life, 7, []uint64{10, 11, 12}, nil); err != nil {
		t.Fatal(err)
	}
	l.add(o, 13)
	var got []uint64
	if !l.close(o, 3, func(arg uint64) { got = append(got, arg) }) {
		t.Fatal("not closed")
	}
	for i, arg := range got {
		if arg != uint64(i) {
			t.Fatalf("order %v", got)
		}
	}
	if len(got) != 14 {
		t.Fatalf("%d callbacks ran", len(got))
	}
	o.Close()
	if n := free(p); n != 100 {
		t.Errorf("%d of 100 nodes are free", n)
	}
}

func TestClosedAndStaleListsRefuse(t *testing.T) {
	p := newPool(t, 4)
	o, l := newOwner(p), newList(5)
	ticket, _ := l.add(o, 1)
	ran := 0
	l.close(o, 0, func(uint64) {
		ran++
		if _, err := l.add(o, 2); !errors.Is(err, ErrClosed) {
			t.Errorf("add from a callback of the same list: %v", err)
		}
		if l.cancel(o, ticket) {
			t.Error("canceled while it runs")
		}
	})
	if l.close(o, 0, func(uint64) { ran++ }) || ran != 1 {
		t.Errorf("closed twice, or ran %d times", ran)
	}
	for _, other := range []*Owner{o, newOwner(p)} {
		if _, err := l.add(other, 2); !errors.Is(err, ErrClosed) {
			t.Errorf("add to a list of another life: %v", err)
		}
		if err := other.AddMany(&l.word, l.life, 7, []uint64{1, 2}, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("add many: %v", err)
		}
		if l.cancel(other, ticket) {
			t.Error("canceled after it ran")
		}
	}
	o.Close()
	if n := free(p); n != 4 {
		t.Errorf("%d of 4 nodes are free", n)
	}
}

func TestCloseKeepsLifeFlagsAndCode(t *testing.T) {
	open := uint64(9)<<LifeShift | FlagA | Sweeping | 77
	w := Close(open, CodeMask)
	if w>>LifeShift != 9 || w&Closed == 0 || w&FlagA == 0 || w&FlagB != 0 || w&Sweeping == 0 ||
		w&Running == 0 || w&FlagC != 0 || w&CodeMask != CodeMask {
		t.Errorf("%x", w)
	}
	if w := Close(open&^HeadMask, 1); w&Running != 0 || w&CodeMask != 1 {
		t.Errorf("an empty list doesn't run: %x", w)
	}
	if Open(w, 9<<LifeShift) || !Open(open, 9<<LifeShift) || Open(open, 8<<LifeShift) || Open(open, 10<<LifeShift) {
		t.Error("Open is wrong")
	}
}

func TestOpen(t *testing.T) {
	const life = 5 << LifeShift
	for _, c := range []struct {
		what        string
		word        uint64
		open, plain bool
	}{
		{"empty", life, true, true},
		{"a list that is swept, with FlagA", life | FlagA | Sweeping | 9, true, true},
		{"FlagB", life | FlagB | 9, true, false},
		{"closed", life | Closed, false, false},
		{"closed with a code", Close(life|9, 3), false, false},
		{"the life before", life - 1<<LifeShift | 9, false, false},
		{"the life after", life + 1<<LifeShift | 9, false, false},
	} {
		if open, plain := Open(c.word, life), OpenPlain(c.word, life); open != c.open || plain != c.plain {
			t.Errorf("%s: open %v, plain %v; want %v, %v", c.what, open, plain, c.open, c.plain)
		}
	}
}

func TestCancel(t *testing.T) {
	for _, often := range []bool{false, true} {
		p := newPool(t, 200)
		if often {
			p.SweepOften()
		}
		o, l := newOwner(p), newList(1)
		var tickets []Ticket
		for i := range uint64(100) {
			x, err := l.add(o, i)
			if err != nil {
				t.Fatal(err)
			}
			tickets = append(tickets, x)
		}
		want := []uint64{}
		for i, x := range tickets {
			if i%3 == 1 {
				if !l.cancel(o, x) || l.cancel(o, x) {
					t.Fatalf("ticket %d: canceled once, and only once", i)
				}
				continue
			}
			want = append(want, uint64(i))
		}
		for _, bad := range []Ticket{0, 1 << 30, Ticket(HeadMask), tickets[0] + 1<<generationShift,
			150, (lastGeneration - 1) << generationShift} { // of a node that was never used; of node 0
			if l.cancel(o, bad) {
				t.Errorf("ticket %x was canceled", uint64(bad))
			}
		}
		var got []uint64
		l.close(o, 0, func(arg uint64) { got = append(got, arg) })
		if !slices.Equal(got, want) {
			t.Errorf("ran %v, want %v", got, want)
		}
		o.Close()
		if n := free(p); n != 200 {
			t.Errorf("%d of 200 nodes are free", n)
		}
	}
}

// TestCancelingForeverGrowsNothing is a wait with a short timeout in a loop on a list that stays
// open, beside an older callback that keeps the canceled ones from being the newest.
func TestCancelingForeverGrowsNothing(t *testing.T) {
	p := newPool(t, 1000)
	o, other, l := newOwner(p), newOwner(p), newList(1)
	for range 100_000 {
		x, err := l.add(o, 1)
		if err != nil {
			t.Fatalf("dead nodes fill the pool: %v", err)
		}
		y, err := l.add(other, 2) // covers x
		if err != nil {
			t.Fatalf("dead nodes fill the pool: %v", err)
		}
		if !l.cancel(o, x) || !l.cancel(other, y) {
			t.Fatal("not canceled")
		}
	}
}

// TestTicketsDontOutliveTheirCallback uses a node again on the same open list.
func TestTicketsDontOutliveTheirCallback(t *testing.T) {
	p := newPool(t, 1)
	o, l := newOwner(p), newList(1)
	x, _ := l.add(o, 1)
	if !l.cancel(o, x) {
		t.Fatal("not canceled")
	}
	y, err := l.add(o, 2)
	if err != nil || x == y || x.index() != y.index() {
		t.Fatalf("%v, tickets %x %x", err, uint64(x), uint64(y))
	}
	if l.cancel(o, x) {
		t.Error("the old ticket canceled the new callback")
	}
	if !l.cancel(o, y) {
		t.Error("the new ticket doesn't cancel")
	}
}

// TestNobodyHoards lets one Owner cancel what another adds, and fail with a batch that is too large: it keeps no more than
// its stock.
func TestNobodyHoards(t *testing.T) {
	p := newPool(t, 4096)
	adder, canceler, l := newOwner(p), newOwner(p), newList(1)
	for i := range 20_000 {
		x, err := l.add(adder, 1)
		if err != nil {
			t.Fatalf("turn %d: %v; the canceler holds %d", i, err, canceler.Stock())
		}
		if !l.cancel(canceler, x) {
			t.Fatal("not canceled")
		}
	}
	if err := canceler.AddMany(&l.word, l.life, 7, make([]uint64, 5000), nil); !errors.Is(err, ErrExhausted) {
		t.Fatalf("%v", err)
	}
	if err := canceler.AddMany(&l.word, l.life, 7, make([]uint64, 4096), nil); !errors.Is(err, ErrExhausted) {
		t.Fatalf("%v", err) // the adder holds some
	}
	if s := canceler.Stock(); s > int(canceler.most) {
		t.Errorf("%d nodes are kept after a batch that failed", s)
	}
	l.close(adder, 0, func(uint64) {})
	if err := canceler.AddMany(&l.word, l.life, 7, make([]uint64, 3000), nil); !errors.Is(err, ErrClosed) {
		t.Fatalf("%v", err)
	}
	if s := canceler.Stock(); s > int(canceler.most) {
		t.Errorf("%d nodes are kept after a batch that came too late", s)
	}
}

// TestSmallPoolsAreShared: what an Owner that has used nodes keeps from others is a small part of them.
func TestSmallPoolsAreShared(t *testing.T) {
	if atomicx.Exploring {
		t.Skip("there small pools are treated as large ones")
	}
	for _, nodes := range []int{1, 16, 64, 100, 1000} {
		p := newPool(t, nodes)
		o, other, l := newOwner(p), newOwner(p), newList(1)
		if err := l.addMany(o, nodes); err != nil {
			t.Fatalf("%d nodes: %v", nodes, err)
		}
		if err := l.addMany(other, 1); !errors.Is(err, ErrExhausted) {
			t.Fatal(err)
		}
		l.close(o, 0, func(uint64) {})
		if kept := max(nodes/8, 2); o.Stock() > kept {
			t.Errorf("%d nodes: one Owner keeps %d, want %d at most", nodes, o.Stock(), kept)
		}
		if err := o.Reserve(1); err != nil {
			t.Fatal(err)
		}
		if o.Flush(); o.Stock() != 1 {
			t.Errorf("%d are left after Flush, 1 is reserved", o.Stock())
		}
		_ = o.Reserve(0)
		o.Flush()
		if l := newList(2); l.addMany(other, nodes) != nil {
			t.Errorf("%d nodes can't all be had after Flush", nodes)
		}
	}
}

func TestGrow(t *testing.T) {
	p, err := NewGrowablePool(4, 100)
	if err != nil {
		t.Fatal(err)
	}
	o, l := newOwner(p), newList(1)
	if err := l.addMany(o, 4); err != nil {
		t.Fatal(err)
	}
	if _, err := l.add(o, 4); !errors.Is(err, ErrExhausted) {
		t.Fatalf("%d nodes: %v", p.Nodes(), err)
	}
	for _, bad := range []int{-1, 0, 101} {
		if err := p.Grow(bad); !errors.Is(err, ErrSize) {
			t.Errorf("Grow(%d): %v", bad, err)
		}
	}
	if err := p.Grow(6); err != nil || p.Nodes() != 6 {
		t.Fatalf("%v, %d nodes", err, p.Nodes())
	}
	x, err := l.add(o, 4)
	if err != nil || l.addMany(o, 1) != nil {
		t.Fatal("the new nodes can't be had")
	}
	if !l.cancel(o, x) {
		t.Error("a callback of a new node isn't canceled")
	}
	ran := 0
	l.close(o, 0, func(uint64) { ran++ })
	if ran != 5 {
		t.Errorf("%d callbacks ran, want 5", ran)
	}
	if _, err := NewGrowablePool(4, 3); !errors.Is(err, ErrSize) {
		t.Errorf("NewGrowablePool(4, 3): %v", err)
	}
	if n := len(p.Memory()); n < 100*24 {
		t.Errorf("%d bytes of nodes", n)
	}
}

// TestSweepKnobBites fails when SweepOften changes nothing.
func TestSweepKnobBites(t *testing.T) {
	for _, often := range []bool{false, true} {
		p := newPool(t, 10)
		if often {
			p.SweepOften()
		}
		o, l := newOwner(p), newList(1)
		x, _ := l.add(o, 1)
		l.add(o, 2)
		before := o.Stock()
		l.cancel(o, x)
		if swept := o.Stock() > before; swept != often {
			t.Errorf("SweepOften %v: swept %v", often, swept)
		}
	}
}

func TestExhaustedThenWorksAgain(t *testing.T) {
	p := newPool(t, 3)
	o, l := newOwner(p), newList(1)
	if err := o.AddMany(&l.word, l.life, 7, []uint64{1, 2, 3, 4}, nil); !errors.Is(err, ErrExhausted) {
		t.Fatalf("%v", err)
	}
	if l.word.Load() != l.life {
		t.Fatalf("a refused batch left its mark: word %x", l.word.Load())
	}
	tickets := make([]Ticket, 3)
	if err := o.AddMany(&l.word, l.life, 7, []uint64{1, 2, 3}, tickets); err != nil {
		t.Fatal(err)
	}
	if _, err := l.add(o, 4); !errors.Is(err, ErrExhausted) {
		t.Fatalf("%v", err)
	}
	if !l.cancel(o, tickets[2]) {
		t.Fatal("the newest of a batch")
	}
	if _, err := l.add(o, 4); err != nil {
		t.Fatal(err)
	}
	sum := uint64(0)
	l.close(o, 0, func(arg uint64) { sum += arg })
	if sum != 1+2+4 {
		t.Errorf("sum %d", sum)
	}
}

func TestReserved(t *testing.T) {
	p := newPool(t, 300)
	o, other := newOwner(p), newOwner(p)
	if err := o.Reserve(200); err != nil {
		t.Fatal(err)
	}
	if err := o.Reserve(301); !errors.Is(err, ErrExhausted) {
		t.Fatalf("%v", err)
	}
	if err := o.Reserve(-1); !errors.Is(err, ErrExhausted) {
		t.Fatalf("%v", err)
	}
	l, m := newList(1), newList(1)
	for {
		if _, err := m.add(other, 0); err != nil {
			break
		}
	}
	for i := range 200 {
		if _, err := l.add(o, 0); err != nil {
			t.Fatalf("reserved add %d: %v", i, err)
		}
	}
	if err := o.Reserve(200); !errors.Is(err, ErrExhausted) {
		t.Errorf("reserved what is in use: %v", err)
	}
}

func TestUsedUpNodesAreRetired(t *testing.T) {
	p := newPool(t, 2)
	p.SetLastGeneration(4)
	o, l := newOwner(p), newList(1)
	lives := 0
	for {
		x, err := l.add(o, 0)
		if err != nil {
			break
		}
		l.cancel(o, x)
		lives++
	}
	if lives != 6 || p.Retired() != 2 { // generations 1, 2, 3 of two nodes
		t.Errorf("%d lives, %d retired", lives, p.Retired())
	}
}

func TestLayout(t *testing.T) {
	if s := unsafe.Sizeof(node{}); s != 24 {
		t.Errorf("a node has %d bytes", s)
	}
	if s := unsafe.Sizeof(Anchor{}); s != 8 {
		t.Errorf("an anchor has %d bytes", s)
	}
}

func TestNoAllocations(t *testing.T) {
	p := newPool(t, 10_000)
	o, l := newOwner(p), newList(1)
	args, tickets := make([]uint64, 8), make([]Ticket, 8)
	sum := uint64(0)
	run := func(arg uint64) { sum += arg }
	if n := testing.AllocsPerRun(100, func() {
		for range 1000 {
			l.add(o, 1)
		}
		o.AddMany(&l.word, l.life, 7, args, tickets)
		for _, x := range tickets {
			l.cancel(o, x)
		}
		l.close(o, 0, run)
		l.life = l.word.Load()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if sum != 101*1000 {
		t.Errorf("sum %d", sum)
	}
}

func FuzzTicket(f *testing.F) {
	f.Add(uint32(1), uint64(1), uint32(0))
	f.Add(uint32(MaxNodes), uint64(lastGeneration), uint32(MaxHandler))
	f.Fuzz(func(t *testing.T, i uint32, g uint64, h uint32) {
		i, g, h = i&HeadMask, g&lastGeneration, h&MaxHandler
		w := g<<generationShift | uint64(h)<<handlerShift
		x := MakeTicket(i, w)
		if x.index() != i || !x.names(w) || !x.names(w|tentative) || x.names(w+1<<generationShift) {
			t.Fatalf("%d %d %d: %x", i, g, h, uint64(x))
		}
	})
}

// TestReservedNodesStay: what is reserved isn't given to the depot, though it is more than an Owner keeps otherwise.
func TestReservedNodesStay(t *testing.T) {
	p := newPool(t, 1600)
	o, other, l := newOwner(p), newOwner(p), newList(1)
	const reserved = 700
	if o.most >= reserved {
		t.Fatalf("an Owner keeps %d anyhow", o.most)
	}
	if err := o.Reserve(reserved); err != nil {
		t.Fatal(err)
	}
	o.Trim()
	for i := 0; ; i++ { // all that can be had
		if _, err := l.add(other, uint64(i)); err != nil {
			break
		}
	}
	for i := range reserved {
		if _, err := l.add(o, uint64(i)); err != nil {
			t.Fatalf("the %d. of %d reserved adds: %v", i+1, reserved, err)
		}
	}
}
