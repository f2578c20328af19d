package arena

import "github.com/fencert/fencert/internal/atomicx"

const (
	ringSize = 256 // indices in a magazine: 2 KiB
	refill   = 64  // taken from the depot when the ring is empty
	spill    = 128 // given to the depot when the ring is full; not refill, so that no
	// pattern of use crosses the border at every step
)

// An Owner is a private magazine of slots over the arena's depot. Make one with NewOwner or Init; it must not
// be copied. One goroutine at a time may use it, and Close gives back what it holds.
type Owner struct {
	words []atomicx.Uint64 // the arena's
	last  uint64           // the arena's, as a word
	head  uint32           // next to reserve; head == tail: empty
	tail  uint32           // next free place
	ring  [ringSize]Ref    // each in the life that it will be reserved in: then nobody need look at its word
	arena *Arena
	moved struct{ taken, put atomicx.Tally } // slots from the depot, and to it
}

// NewOwner returns an Owner with an empty magazine. It allocates about 2 KiB.
func (a *Arena) NewOwner() *Owner {
	o := new(Owner)
	o.Init(a)
	return o
}

// Init makes o, a zero Owner that is a field of something larger, an Owner of a.
func (o *Owner) Init(a *Arena) { o.arena, o.words, o.last = a, a.words, a.last<<IndexBits }

// Reserve takes a slot out of circulation: until it is given back it is the caller's, in the life that the Ref
// names, and its word is Ref.Life(). Cost: one load; every 64th time a CAS. Errors: ErrExhausted; ErrShut.
func (o *Owner) Reserve() (Ref, error) {
	r := o.TryReserve()
	if r == 0 {
		return o.reserveSlow()
	}
	// Pairs with: what Shut's caller does to the words.
	if o.words[r.Index()].Load()&indexMask != 0 {
		return 0, ErrShut // the slot is lost with its arena (A5)
	}
	return r, nil
}

// TryReserve is Reserve out of the magazine alone, small enough to be inlined; zero: call Reserve. It doesn't look at the
// word: who shuts an arena down sees to it that this isn't called any more.
func (o *Owner) TryReserve() Ref {
	h := o.head
	if h == o.tail {
		return 0
	}
	o.head = h + 1
	return o.ring[h%ringSize]
}

//go:noinline
func (o *Owner) reserveSlow() (Ref, error) {
	var taken [refill]uint32
	n := o.arena.depot.Take(taken[:])
	if n == 0 {
		return 0, ErrExhausted
	}
	if n == refill {
		spread(&taken)
	}
	for k, i := range taken[:n] {
		w := &o.words[i]
		// The first life of a slot. A CAS, for Shut's caller may have written to the word before. ABA: 0 doesn't come
		// back. No loop: a failure means that the word is not ours to start.
		if w.Load() == 0 {
			w.CompareAndSwap(0, FirstGeneration<<IndexBits)
		}
		// Pairs with: the store that ended the last life, through the depot when that was another goroutine's.
		o.ring[k] = Ref(w.Load()&^indexMask | uint64(i))
	}
	o.head, o.tail = 0, uint32(n)
	o.moved.taken.Add(uint64(n))
	return o.Reserve()
}

// spread reorders a magazine so that indices that were neighbors, and lie on one line of state words, come a
// line's worth of slots apart: a load from a line that was just locked by the CAS that ended the life before waits
// for that CAS.
func spread(ring *[refill]uint32) {
	const line = 64 / 8 // state words
	old := *ring
	for k := range ring {
		ring[k] = old[k%(refill/line)*line+k/(refill/line)]
	}
}

// Give returns a slot whose life has ended: its word is word, the result of Next. The caller had it. A slot that
// has used up its generations is retired instead (A3). Cost: no atomic; every 128th time a CAS.
func (o *Owner) Give(index uint32, word uint64) {
	if !o.TryGive(index, word) {
		o.giveSlow(index, word)
	}
}

// TryGive is Give to the magazine alone, small enough to be inlined; false: call Give.
func (o *Owner) TryGive(index uint32, word uint64) bool {
	t := o.tail
	if t-o.head == ringSize || word >= o.last {
		return false
	}
	o.ring[t%ringSize] = Ref(word | uint64(index))
	o.tail = t + 1
	return true
}

//go:noinline
func (o *Owner) giveSlow(index uint32, word uint64) {
	if word >= o.last {
		o.arena.retired.Add(1)
		return
	}
	o.spill(spill)
	o.TryGive(index, word)
}

// End ends the life that r names by a store and gives the slot back: for who has the only handle to it. The
// caller had the slot. Cost: one store; every 128th time a CAS.
func (o *Owner) End(r Ref) {
	next := Next(uint64(r))
	// Publishes: the end of the life. One writer: the caller has the slot (A2).
	atomicx.StoreRelease64(&o.words[r.Index()], next)
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
func (o *Owner) Held() int { return int(o.tail - o.head) }

// Close gives the magazine's slots back to the depot. The Owner stays usable, empty.
func (o *Owner) Close() { o.spill(uint32(o.Held())) }

// spill gives the n longest waiting slots to the depot.
func (o *Owner) spill(n uint32) {
	var given [refill]uint32
	moved := uint64(n)
	for n > 0 {
		part := min(n, refill)
		for k := range given[:part] {
			given[k] = o.ring[(o.head+uint32(k))%ringSize].Index()
		}
		o.arena.depot.Put(given[:part])
		o.head += part
		n -= part
	}
	o.moved.put.Add(moved)
}

// Moved is how many slots this Owner has taken from the depot since Init, and given to it. Any goroutine may call it, at
// any time. Wait-free; two loads.
func (o *Owner) Moved() (taken, put uint64) { return o.moved.taken.Load(), o.moved.put.Load() }
