package wheel

import "github.com/fencert/fencert/internal/atomicx"

// budget is how many buckets an owner takes for values that others have reached, before it hands over.
const budget = 256

// A Callback is what has come due.
type Callback struct {
	Point   uint64
	Arg     uint64
	Handler uint32
}

// Next returns the next callback that is due, in the order of the points, for the caller to run. Whoever Advance,
// CloseWheel or Adopt told so calls it until ok is false: then the caller doesn't own the wheel any more. What a callback
// returned by the last call occupied is free again. It is the same to Next whether the callback returned, panicked or
// was left by runtime.Goexit: the next call goes on behind it, from a deferred function just as well.
//
// For who doesn't own the wheel ok is false too, and nothing changes. It ends when nothing is due, what others have made due meanwhile included; but after a while it hands over instead.
// Lock-free apart from that; one CAS at the end, no allocation.
func (o *Owner) Next(w *Wheel) (c Callback, ok bool) {
	if o.top != w && !o.delivers(w) {
		return Callback{}, false // misuse: the wheel is somebody else's
	}
	if i := w.last.Get(); i != 0 {
		w.last.Set(0)
		o.free1(i)
	}
	for {
		i := w.chain.Get()
		if i == 0 {
			if !o.more(w) {
				o.Trim()
				return Callback{}, false
			}
			continue
		}
		n := o.view.node(i)
		w.chain.Set(n.next.Get())
		w.count--
		// Pairs with: the CAS to tentative in Cancel. The value had reached the point before this load (W6).
		word := n.word.Load()
		if word&stateMask == pending || n.claim(word) {
			w.last.Set(i)
			return Callback{Point: n.point.Load(), Arg: n.arg.Get(), Handler: handler(word)}, true
		}
		o.put(n, i)
	}
}

// free1 frees a node whose callback has run.
func (o *Owner) free1(i uint32) {
	n := o.view.node(i)
	// For Finished. A Cancel's CAS to tentative may be lost by it: that Cancel answers false whatever it finds (W6).
	atomicx.StoreRelease64(&n.word, n.word.Load()&^stateMask|ended)
	o.put(n, i)
}

// claim decides against a canceler between its two steps; p is the node's word. false: it is canceled.
//
//go:noinline
func (n *node) claim(p uint64) bool {
	// Owns: the callback. Pairs with: the CAS to canceled in Cancel; one of the two wins. ABA: the word carries the
	// generation. No loop.
	return p&stateMask == tentative && n.word.CompareAndSwap(p, p&^stateMask|claimed)
}

// Adopt makes the caller the owner of a wheel that was handed over. It must call Next until that ends, which isn't
// before nothing is due: it has no budget.
func (o *Owner) Adopt(w *Wheel) {
	w.own = ^uint64(0)
	w.outer, o.top = o.top, w
}

// pass begins a pass up to v: what was in the box goes to the buckets. The box was taken after the value was seen to
// have reached v (W7). When a node of the ticket mine is among it, that is freed, and the answer true.
func (o *Owner) pass(w *Wheel, v uint64, head uint32, mine Ticket) (withdrawn bool) {
	w.begin(v)
	for i := head; i != 0; {
		n := o.view.node(i)
		next := n.next.Get()
		word := n.word.Load()
		switch {
		case makeTicket(i, word) == mine:
			withdrawn = true
			o.put(n, i)
		case word&stateMask == canceled:
			o.put(n, i)
		default:
			w.insert(n, i, n.point.Load())
		}
		i = next
	}
	return withdrawn
}

func (w *Wheel) begin(v uint64) {
	w.limit.Set(v)
	// For Flush. One writer: the owner.
	atomicx.StoreRelease32(&w.passes, w.passes.Load()+1)
}

// alone tells whether the box held one node only, and that is the only one to be due: then there is nothing to sort. Only
// for an owner that delivers, and has just become that: exact is right then.
func (w *Wheel) alone(view view, v uint64, i uint32) bool {
	n := view.node(i) // 0 is a node too, whose point is above all values
	return n.point.Load() <= v && n.next.Get() == 0 && w.exact.Load() > v
}

// EndOne ends the delivery of what KickOne returned: the callback has run. false: go on with Next, which ends with that
// callback itself, if that has not been done yet.
func (o *Owner) EndOne(w *Wheel) bool {
	v, i := w.limit.Get(), w.last.Get()
	// Nobody has come: neither a node nor a reason to sweep, and the buckets are as KickOne left them. It is quit and release,
	// which say what is published and what each look pairs with.
	if w.value.Load() != v {
		return false
	}
	if w.debt.Load() == 0 || o.top != w || i == 0 {
		return false
	}
	w.last.Set(0)
	w.base.Set(max(w.base.Get(), v))
	o.free1(i)
	outer := w.outer
	o.top = outer
	if !w.box.CompareAndSwap(empty, w.rest.Get()) {
		o.top = w
		return false
	}
	if w.value.Load() == v || !o.regain(w) {
		o.Trim()
		return true
	}
	// There may have been another owner.
	w.own, w.budget, w.outer = v, o.pool.budget, outer
	o.top = w
	return false
}

// more fills the chain or ends the caller's turn (false).
func (o *Owner) more(w *Wheel) bool {
	for {
		limit := w.limit.Get()
		if w.budget == 0 {
			limit = min(limit, w.own)
		}
		level, digit, s, ok := w.first()
		if ok && s <= limit {
			// Beyond own one point at a time, for the budget.
			head := w.takeFirst(o.view, min(limit, max(w.own, s)), level, digit, s)
			if head == 0 {
				continue // it was spread
			}
			w.chain.Set(head)
			if w.base.Get() > w.own {
				w.budget--
			}
			// For Delivered: what is below s was in the buckets when this pass began (W7), and has run. One writer: the owner.
			atomicx.StoreRelease64(&w.behind, s)
			return true
		}
		w.base.Set(max(w.base.Get(), limit)) // W8; it leaves s what it is
		outer := w.outer
		if limit < w.limit.Get() && w.anyDue(o.view, w.limit.Get()) { // the budget is used up
			o.unlist(w, outer)
			o.pool.handOver(w)
			return false
		}
		if o.quit(w, s, ok) {
			o.unlist(w, outer)
			return false
		}
	}
}

// delivers tells whether o is delivering for w.
func (o *Owner) delivers(w *Wheel) bool {
	for x := o.top; x != nil; x = x.outer { // all of these are ours, so we may read them (W2)
		if x == w {
			return true
		}
	}
	return false
}

// unlist takes w out of the wheels that o delivers for. outer is what w.outer was while w was o's.
func (o *Owner) unlist(w, outer *Wheel) {
	if o.top == w {
		o.top = outer
		return
	}
	for x := o.top; x != nil; x = x.outer { // all of these are ours still
		if x.outer == w {
			x.outer = outer
			return
		}
	}
}
