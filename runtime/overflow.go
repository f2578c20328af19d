package fencert

import (
	"runtime"
	"strings"

	"github.com/fencert/fencert/internal/atomicx"
)

// An overflow is the Locals beyond the stripes: made for one call when all stripes are taken. That happens when many
// goroutines are in such calls at once, and when a callback makes one inside of one, again and again: each takes another
// stripe, and then there would be no bound on how deep they nest.
//
// The bound: now and then, and always when many are in use, a call finds out which goroutine it is on and whether an
// outer call on it has left word where its Local is (a guest); if not, it leaves word itself. If so, and maxDepth signals
// are under way on this goroutine, it works on the guest's Local as if at the greatest depth: what it signals is signaled,
// and the callbacks are put off until the outer call's end, which comes before the outermost signal returns.
//
// V4: at most len(stripes) + most signals without a Local are under way inside each other beyond maxDepth, for each of them
// keeps a stripe or is counted in inUse; more have found the guest. When nobody else is about, it is every of them.
//
// All this costs nothing while there is a free stripe.
type overflow struct {
	inUse       atomicx.Int32
	every, most int32
	depth       int // maxDepth; less in tests
	buckets     [guestBuckets]atomicx.Pointer[guest]
}

const (
	// One in so many, or as many as there are stripes, finds out where it is: to walk the stack takes half a microsecond a
	// frame, so that the next ones should not do it again soon.
	overflowEvery = 32
	overflowMost  = 1024 // so many in use: each does
	guestBuckets  = 64
)

// A guest is a Local that runs callbacks on the goroutine with this number. Guests stay in their bucket's list for good, to
// be used again: as many as there were at a time.
type guest struct {
	goroutine atomicx.Uint64 // 0: free
	// Plain: of the goroutine whose number is in goroutine. Nobody else looks at them.
	local *Local
	depth uint8 // the Local's, while lent
	lent  bool  // to a call inside
	next  *guest
}

func newOverflow(stripes int) overflow {
	return overflow{every: int32(max(overflowEvery, stripes)), most: overflowMost, depth: maxDepth}
}

// borrow makes a Local for one call, or finds one of this goroutine's.
func (o *overflow) borrow(rt *Runtime) *Local {
	n := o.inUse.Add(1)
	if n <= o.most && n%o.every != 0 {
		return rt.newLocal()
	}
	id := goroutineNumber()
	if id == 0 {
		return rt.newLocal() // it can't be told: there is no bound then
	}
	b := &o.buckets[id%guestBuckets]
	if atomicx.Exploring {
		b = &o.buckets[0] // numbers differ from run to run
	}
	g := findGuest(b, id)
	if g == nil {
		g = takeGuest(b, id)
		g.local = rt.newLocal()
		g.local.guest = g
		return g.local
	}
	if signalsUnderWay(o.depth) {
		// The Local is idle: we are in one of its callbacks. While it is lent none runs on it.
		g.lent, g.depth, g.local.depth = true, g.local.depth, maxDepth
		return g.local
	}
	return rt.newLocal()
}

// giveBack is borrow's counterpart.
func (o *overflow) giveBack(l *Local) {
	o.inUse.Add(-1)
	g := l.guest
	if g != nil && g.lent {
		g.lent, l.depth = false, g.depth
		if debugging {
			l.debugLend() // the outer call still has it
		}
		return
	}
	l.giveBack()
	if g != nil {
		l.guest, g.local = nil, nil
		// Publishes: that the guest is free. Pairs with: the CAS in takeGuest.
		g.goroutine.Store(0)
	}
}

// findGuest is this goroutine's guest that runs callbacks, nil when there is none.
func findGuest(b *atomicx.Pointer[guest], id uint64) *guest {
	for g := b.Load(); g != nil; g = g.next {
		// Only this goroutine stores its number, so what is found stays.
		if g.goroutine.Load() == id && g.local.depth > 0 && g.local.state == idle {
			return g
		}
	}
	return nil
}

// takeGuest returns a guest for this goroutine.
func takeGuest(b *atomicx.Pointer[guest], id uint64) *guest {
	for g := b.Load(); g != nil; g = g.next {
		// Owns: the guest. Pairs with: the store in giveBack. ABA: harmless, free is free. No loop over one of them.
		if g.goroutine.Load() == 0 && g.goroutine.CompareAndSwap(0, id) {
			return g
		}
	}
	g := &guest{}
	g.goroutine.Store(id)
	for {
		g.next = b.Load()
		// Publishes: the guest. ABA: impossible, nothing leaves the list. Progress: a failure is another's success.
		if b.CompareAndSwap(g.next, g) {
			return g
		}
	}
}

// goroutineNumber is the number of this goroutine, as a traceback shows it; 0 when that can't be read.
func goroutineNumber() uint64 {
	var text [40]byte
	rest, ok := strings.CutPrefix(string(text[:runtime.Stack(text[:], false)]), "goroutine ")
	n := uint64(0)
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + uint64(c-'0')
	}
	if !ok {
		return 0
	}
	return n
}

// signalsUnderWay tells whether at least so many runs of callbacks are under way on this goroutine, by its stack.
func signalsUnderWay(least int) bool {
	var callers [64]uintptr
	for skip, found := 1, 0; ; skip += len(callers) {
		n := runtime.Callers(skip, callers[:])
		if n == 0 {
			return false
		}
		frames := runtime.CallersFrames(callers[:n])
		for more := true; more; {
			var f runtime.Frame
			f, more = frames.Next()
			// runMany is called by run.
			if strings.HasSuffix(f.Function, ".(*Local).run") || strings.HasSuffix(f.Function, ".(*Local).deliver") {
				if found++; found >= least {
					return true
				}
			}
		}
	}
}
