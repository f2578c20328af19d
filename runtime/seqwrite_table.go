package fencert

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
)

// SeqWrites is room for writes that wait for their fences: for each the address and the value that a callback's argument, which
// the collector doesn't follow, can't hold. All of it is allocated beforehand, so attaching a write allocates nothing.
//
// Make one with Runtime.NewSeqWrites; the zero SeqWrites is not usable, and it must not be copied. Any goroutine may call any
// method. From 1,000 places on each Local keeps up to 15 free ones to itself, until Local.Flush or Close, or until it uses other
// SeqWrites; those that calls without a Local borrow give theirs back when there is no other.
//
// N1: A record belongs to who took its place until the CAS that adds its callback, and then to the one who has the
// callback: the signaler who runs it, or the Detach whose Cancel answers true. There is exactly one of the two (Q3, W6), so
// records are plain, and the value is written once. Its owner empties it before the place goes back: nothing here keeps the
// memory longer.
//
// N2: A place is with one: in the depot, in a Local's spare places, or with a record's owner.
type SeqWrites struct {
	runtime *Runtime
	handler Handler
	depot   *depot.Depot
	places  []seqPlace // 0: none
	keeps   bool       // there are so many that Locals may keep some
}

// A seqPlace is room for one write.
type seqPlace struct {
	record atomicx.Cell[seqRecord]
	home   *SeqWrites
	index  uint32
}

// A seqRecord is one write. One of the two addresses is nil.
type seqRecord struct {
	narrow *atomicx.Uint32
	wide   *atomicx.Uint64
	value  uint64
}

func newSeqWrites(rt *Runtime, n int) *SeqWrites {
	s := &SeqWrites{runtime: rt, depot: depot.New(uint32(n)), places: make([]seqPlace, n+1), keeps: n >= keepPlaces}
	for i := range s.places {
		s.places[i].home, s.places[i].index = s, uint32(i)
	}
	return s
}

// write does it.
//
// Publishes: what the signaler did before, to who sees the value. It is a store and no CAS: the word is the user's.
func (r *seqRecord) write() {
	if r.narrow != nil {
		r.narrow.Store(uint32(r.value))
	} else {
		r.wide.Store(r.value)
	}
}

// signaled is the handler.
func (s *SeqWrites) signaled(l *Local, place uint64, _ error) {
	c := &s.places[place].record
	r := c.Get() // ours (N1)
	c.Set(seqRecord{})
	l.putWrite(s, uint32(place))
	r.write()
}

// spareWrites are free places of one SeqWrites that a Local keeps to itself.
type spareWrites struct {
	of     *SeqWrites
	n      uint32
	places [15]uint32
}

// takeWrite takes a place; 0: none is free.
func (l *Local) takeWrite(s *SeqWrites) uint32 {
	if p := &l.writes; p.of == s && p.n > 0 {
		p.n--
		return p.places[p.n]
	}
	return l.takeWriteSlow(s)
}

//go:noinline
func (l *Local) takeWriteSlow(s *SeqWrites) uint32 {
	var few [8]uint32
	want := few[:1]
	if s.keeps {
		want = few[:]
	}
	n := s.depot.Take(want)
	if n == 0 {
		s.runtime.askStripes((*Local).flushWrites)
		n = s.depot.Take(want[:1])
	}
	for ; n > 1; n-- {
		l.putWrite(s, few[n-1])
	}
	return few[0]
}

// putWrite gives a place back.
func (l *Local) putWrite(s *SeqWrites, place uint32) {
	if p := &l.writes; p.of == s && p.n < uint32(len(p.places)) {
		p.places[p.n] = place
		p.n++
		return
	}
	l.putWriteSlow(s, place)
}

//go:noinline
func (l *Local) putWriteSlow(s *SeqWrites, place uint32) {
	p := &l.writes
	if !s.keeps {
		s.depot.Put([]uint32{place})
		return
	}
	if p.of == s { // all are taken: half of them go
		half := uint32(len(p.places)) / 2
		s.depot.Put(p.places[half:])
		p.n = half
	} else {
		l.flushWrites()
		p.of = s
	}
	p.places[p.n] = place
	p.n++
}

// flushWrites gives the spare places back. The caller owns the Local.
func (l *Local) flushWrites() {
	p := &l.writes
	if p.n > 0 {
		p.of.depot.Put(p.places[:p.n])
	}
	p.of, p.n = nil, 0
}
