package arena

import "github.com/fencert/fencert/internal/atomicx"

const (
	ringSize = 256 // indices in a magazine: 1 KiB
	refill   = 64  // taken from the depot when the ring is empty
	spill    = 128 // given to the depot when the ring is full; not refill, so that no
	// pattern of use crosses the border at every step
)

// An Owner is a private magazine of slots over the arena's depot. Make one with NewOwner;
// it must not be copied. One goroutine at a time may use it, and Close gives back what it
// holds.
type Owner struct {
	arena *Arena
	head  atomicx.Cell[uint32] // next to reserve; head == tail: empty
	tail  atomicx.Cell[uint32] // next free place
	ring  [ringSize]uint32
}

// NewOwner returns an Owner with an empty magazine. It allocates about 1 KiB.
func (a *Arena) NewOwner() *Owner { return &Owner{arena: a} }

// Init makes o, a zero Owner that is a field of something larger, an Owner of a.
func (o *Owner) Init(a *Arena) { o.arena = a }

// Reserve takes a slot out of circulation: until it is given back it is the caller's, in
// the life that the Ref names. The slot's word is Ref.Life() plus what the last user left
// in its low bits. Cost: one load; every 64th time a CAS. Errors: ErrExhausted.
func (o *Owner) Reserve() (Ref, error) {
	h := o.head.Get()
	if h == o.tail.Get() {
		return o.reserveSlow()
	}
	o.head.Set(h + 1)
	i := o.ring[h%ringSize]
	return o.ref(i), nil
}

// ref names the coming life of a slot that this goroutine has.
func (o *Owner) ref(i uint32) Ref {
	// Pairs with: the store that ended the last life; through the depot when that was
	// another goroutine's. A word that was never used is 0: its first life is next.
	w := o.arena.words[i].Load()
	if w == 0 {
		w = o.first(i)
	}
	return Ref(w&^indexMask | uint64(i))
}

// first starts the first life of a slot, and returns its word. Somebody who looks at every word, to close
// an arena's user down, may have written to it before.
//
//go:noinline
func (o *Owner) first(i uint32) uint64 {
	const w = FirstGeneration << IndexBits
	if o.arena.words[i].CompareAndSwap(0, w) {
		return w
	}
	return o.arena.words[i].Load()
}

//go:noinline
func (o *Owner) reserveSlow() (Ref, error) {
	n := o.arena.depot.Take(o.ring[:refill])
	if n == 0 {
		return 0, ErrExhausted
	}
	o.head.Set(1)
	o.tail.Set(uint32(n))
	return o.ref(o.ring[0]), nil
}

// Give returns a slot whose life has ended: its word is word, the result of Next. The
// caller had it. A slot that has used up its generations is retired instead (A3). Cost: no
// atomic; every 128th time a CAS.
func (o *Owner) Give(index uint32, word uint64) {
	t := o.tail.Get()
	if t-o.head.Get() == ringSize || Generation(word) >= o.arena.last {
		o.giveSlow(index, word)
		return
	}
	o.ring[t%ringSize] = index
	o.tail.Set(t + 1)
}

//go:noinline
func (o *Owner) giveSlow(index uint32, word uint64) {
	if Generation(word) >= o.arena.last {
		o.arena.retired.Add(1)
		return
	}
	o.spill(spill)
	t := o.tail.Get()
	o.ring[t%ringSize] = index
	o.tail.Set(t + 1)
}

// End ends the life that r names by a store and gives the slot back: for who has the only handle to it. The
// caller had the slot. Cost: one store; every 128th time a CAS.
func (o *Owner) End(r Ref) {
	next := Next(uint64(r))
	// Publishes: the end of the life. One writer: the caller has the slot (A2).
	atomicx.StoreRelease64(&o.arena.words[r.Index()], next)
	o.Give(r.Index(), next)
}

// Return gives a reserved slot back that was never used. Its generation rises all the
// same, so that a second Return of the same Ref answers false and changes nothing.
func (o *Owner) Return(r Ref) bool {
	if r.Index() == 0 || r.Index() > o.arena.depot.Limit() {
		return false
	}
	w := o.arena.Word(r.Index())
	b := w.Load()
	// Owns: the end of this life. ABA: generations only rise (A2).
	if b&^indexMask != r.Life() || !w.CompareAndSwap(b, Next(b)) {
		return false
	}
	o.Give(r.Index(), Next(b))
	return true
}

// Held is how many slots the magazine holds.
func (o *Owner) Held() int { return int(o.tail.Get() - o.head.Get()) }

// Close gives the magazine's slots back to the depot. The Owner stays usable, empty.
func (o *Owner) Close() { o.spill(uint32(o.Held())) }

// spill gives the n longest waiting indices to the depot.
func (o *Owner) spill(n uint32) {
	h := o.head.Get()
	for n > 0 {
		at := h % ringSize
		part := min(n, ringSize-at)
		o.arena.depot.Put(o.ring[at : at+part])
		h += part
		n -= part
	}
	o.head.Set(h)
}
