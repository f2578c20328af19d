package arena

import "github.com/fencert/fencert/internal/atomicx"

// ringSize is how many slots a magazine has room for: 2 KiB. How many it is filled with, the gate says.
const ringSize = 256

// An Owner is a private magazine of slots over the arena's depot. Make one with NewOwner or Init; it must not
// be copied. One goroutine at a time may use it, and Close gives back what it holds.
type Owner struct {
	words []atomicx.Uint64 // the arena's
	last  uint64           // the arena's, as a state word
	arena *Arena
	head  uint32                             // next to reserve; head == tail: empty
	tail  uint32                             // next free place
	ring  [ringSize]Ref                      // each in the life that it will be reserved in: then nobody need look at its word
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
// names, and its word is Ref.Life(). Who waits in a Waiter comes before what the depot has, not before what this
// magazine has. Cost: one load; every 64th time a CAS, every time in a small arena. Errors: ErrExhausted; ErrShut.
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
	var taken [fullRefill]uint32
	n := o.refill(&taken)
	if n == 0 {
		return 0, ErrExhausted
	}
	if n > 8 {
		spread(taken[:n])
	}
	for k, i := range taken[:n] {
		o.arena.begin(i)
		// Pairs with: the store that ended the last life, through the depot when that was another goroutine's.
		o.ring[k] = Ref(o.words[i].Load()&^indexMask | uint64(i))
	}
	o.head, o.tail = 0, n
	return o.Reserve()
}

// begin starts the first life of a slot that has had none.
func (a *Arena) begin(i uint32) {
	// A CAS, for Shut's caller may have written to the word before. ABA: 0 doesn't come back. No loop: a failure means
	// that the word is not ours to start.
	if w := &a.words[i]; w.Load() == 0 {
		w.CompareAndSwap(0, FirstGeneration<<IndexBits)
	}
}

// spread reorders a refill so that indices that were neighbors, and lie on one line of state words, come as far
// apart as they can: a load from a line that was just locked by the CAS that ended the life before waits for that CAS.
func spread(ring []uint32) {
	const line = 64 / 8 // state words
	var buffer [fullRefill]uint32
	old := buffer[:copy(buffer[:], ring)]
	k := 0
	for column := range min(line, len(old)) {
		for i := column; i < len(old); i += line {
			ring[k] = old[i]
			k++
		}
	}
}

// Give returns a slot whose life has ended: its word is word, the result of Next. The caller had it. A slot that
// has used up its generations is retired instead (A3). While slots are scarce the whole magazine goes to the depot, and
// to who waits. It never blocks. Cost: one load; every 128th time a CAS, every time in a small or exhausted arena.
func (o *Owner) Give(index uint32, word uint64) {
	if !o.TryGive(index, word) {
		o.giveSlow(index, word)
	}
}

// TryGive is Give to the magazine alone, small enough to be inlined; false: call Give.
func (o *Owner) TryGive(index uint32, word uint64) bool {
	t := o.tail
	// Pairs with: the CAS in join, starve and reopen: the gate is 0 or less while slots are wanted elsewhere (W1).
	if int32(t-o.head) >= int32(o.arena.gate.Load()) || word >= o.last {
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
	most := int32(o.arena.gate.Load())
	if held := o.tail - o.head; most > 0 && int32(held) >= most {
		o.spill(max(uint32(most)/2, 1)) // not a refill, so that no pattern of use crosses the border at every step
	} else if held == ringSize {
		o.spill(ringSize)
	}
	o.ring[o.tail%ringSize] = Ref(word | uint64(index))
	o.tail++
	if most <= 0 {
		o.spill(o.tail - o.head)
	}
}

// End ends the life that r names by a store and gives the slot back: for who has the only handle to it. The
// caller had the slot. Cost: one store, and Give's.
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

// Close gives the magazine's slots back to the depot, and so to who waits. The Owner stays usable, empty. Lock-free.
func (o *Owner) Close() { o.spill(o.tail - o.head) }

// spill gives the n longest waiting slots to the depot, and to who waits.
func (o *Owner) spill(n uint32) {
	var given [fullRefill]uint32
	moved := uint64(n)
	for n > 0 {
		part := min(n, fullRefill)
		for k := range given[:part] {
			given[k] = o.ring[(o.head+uint32(k))%ringSize].Index()
		}
		o.head += part
		o.arena.put(given[:part])
		n -= part
	}
	o.moved.put.Add(moved)
}

// Received notes that a slot which a Waiter was handed is this Owner's to answer for, in Moved. One goroutine at a time.
func (o *Owner) Received() { o.moved.taken.Add(1) }

// Moved is how many slots this Owner has taken from the depot since Init, and given to it. Any goroutine may call it, at
// any time. Wait-free; two loads.
func (o *Owner) Moved() (taken, put uint64) { return o.moved.taken.Load(), o.moved.put.Load() }
