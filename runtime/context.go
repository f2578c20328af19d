package fencert

import (
	"github.com/fencert/fencert/atomicseq"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// A FenceContext is a numbered line of fences: each fence armed in it takes the next seqno. A
// device's ring, a log, a replica has one. The names live here and not in the fences.
//
// Make one with Runtime.NewFenceContext; the zero FenceContext is not usable. It must not be copied.
// Any goroutine may call any method; who may arm in it depends on how it was made.
type FenceContext struct {
	runtime          *Runtime
	id               uint64
	driver, timeline string
	single           bool
	timestamps       bool           // never changed
	backend          *Backend       // never changed; nil: none
	start            uint64         // see StartAt; never changed
	of               *Timeline      // whose context it is; nil, and then it has a runtime
	mode             atomicx.Uint32 // modeSpecial, modeClosed
	// quick is the runtime as long as NewFence needs no second look: one issuer, mode is 0, the runtime is open.
	quick  atomicx.Pointer[Runtime]
	tables []AnyTable // of UserData; not changed once the context is known to anybody
	ended  contextEnd
	_      pad.Line // contexts are small and lie side by side; each has another issuer
	issued atomicseq.Counter
	_      pad.Line
}

// A ContextOption changes how a fence context is made.
type ContextOption func(*FenceContext)

// SingleIssuer promises that fences are armed in this context by one goroutine at a time, each
// handing over to the next with synchronization. Arm then takes its seqno without a
// read-modify-write.
func SingleIssuer() ContextOption { return func(c *FenceContext) { c.single = true } }

// lastStart is the last StartAt of a fence context. It leaves so many seqnos that none runs out of them: for Arm cannot fail, and
// doesn't look (see QuickOwned in package atomicseq).
const lastStart = 1 << 62

// NewFenceContext makes a fence context; the names are for people, and needn't be unique. It
// allocates. Errors: ErrClosed; ErrExhausted after MaxContexts of them; ErrConfig for a nil option; ErrRange
// for a start beyond 2^62; what the options say.
func (rt *Runtime) NewFenceContext(driver, timeline string, options ...ContextOption) (*FenceContext, error) {
	if rt.closed.Load() {
		return nil, ErrClosed
	}
	if debugging {
		debugCall("Runtime.NewFenceContext", allocates)
	}
	id, err := rt.contextIDs.Next()
	if err != nil || id > MaxContexts {
		return nil, ErrExhausted
	}
	c := &FenceContext{runtime: rt, id: id, driver: driver, timeline: timeline}
	for _, o := range options {
		if o == nil {
			return nil, ErrConfig
		}
		o(c)
	}
	if rt.config.Timestamps {
		c.stamp()
	}
	if rt.config.Observer.watchesFences() {
		c.makeSpecial()
	}
	if err := c.checkTables(); err != nil {
		return nil, err
	}
	if c.start > lastStart {
		return nil, ErrRange
	}
	if err := c.begin(); err != nil {
		return nil, err
	}
	if c.mode.Load()&modeSpecial != 0 {
		rt.makeExtras()
	}
	if c.single && c.mode.Load() == 0 {
		c.quick.Store(rt)
	}
	rt.contexts.Store(id, c)
	if rt.closed.Load() { // Close may have gone over the contexts before
		c.quick.Store(nil)
	}
	return c, nil
}

// ID numbers the fence contexts of a runtime, from 1.
func (c *FenceContext) ID() uint64 { return c.id }

// Driver is the first name that NewFenceContext was given.
func (c *FenceContext) Driver() string { return c.driver }

// Timeline is the second name that NewFenceContext was given.
func (c *FenceContext) Timeline() string { return c.timeline }

// LastSeqno is the seqno of the fence that was armed last, 0 before the first; while others arm, a lower bound. Wait-free;
// one load.
func (c *FenceContext) LastSeqno() uint64 { return c.issued.Last() }

// next takes a seqno. It cannot fail: 2^63 - 1 of them last 292 years at one a nanosecond.
func (c *FenceContext) next() uint64 {
	if c.single {
		if n, err := c.issued.NextOwned(); err == nil {
			return n
		}
	}
	return c.nextShared()
}

//go:noinline
func (c *FenceContext) nextShared() uint64 {
	n, err := c.issued.Next()
	if err != nil {
		panic(err)
	}
	return n
}
