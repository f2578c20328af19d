package fencert

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
)

func (x *fixture) writes(n int) *SeqWrites {
	x.Helper()
	s := must(x.rt.NewSeqWrites(n))
	x.Cleanup(func() {
		if !x.Failed() {
			x.settledWrites(s)
		}
	})
	return s
}

// settledWrites checks that all places are free, and their records empty. Locals that keep some have been closed.
func (x *fixture) settledWrites(s *SeqWrites) {
	x.Helper()
	x.l.Close()
	for i := range x.rt.stripes {
		x.rt.stripes[i].local.flushWrites()
	}
	if n := count(s.depot); n != len(s.places)-1 {
		x.Errorf("%d of %d places are free", n, len(s.places)-1)
	}
	for i := range s.places {
		if s.places[i].record.Get() != (seqRecord{}) {
			x.Errorf("record %d isn't empty", i)
		}
	}
}

// TestSeqWrite: fences and points, 32 and 64 bits, with a Local and without: written at the signal, not before, whatever
// the result.
func TestSeqWrite(t *testing.T) {
	x := newFixture(t, small)
	s := x.writes(4)
	line := must(x.rt.NewTimeline("", ""))
	point := uint64(0)
	for name, c := range map[string]func() (Fence, func()){
		"fence": func() (Fence, func()) {
			i := x.arm()
			return i.Fence(), func() { x.want("Finish", x.l.Finish(i, nil), nil) }
		},
		"failed fence": func() (Fence, func()) {
			i := x.arm()
			return i.Fence(), func() { x.want("Drop", x.l.Drop(i), nil) }
		},
		"point": func() (Fence, func()) {
			point += 2
			return line.At(point), func() { x.want("Advance", x.l.Advance(line, point), nil) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, byLocal := range []bool{true, false} {
				f, signal := c()
				words := struct {
					wide   atomic.Uint64
					narrow [3]atomic.Uint32
				}{}
				wide, narrow := (*uint64)(unsafe.Pointer(&words.wide)), (*uint32)(unsafe.Pointer(&words.narrow[1]))
				var err, err2 error
				if byLocal {
					_, err = x.l.AttachWrite64(s, f, wide, 1<<40+1)
					_, err2 = x.l.AttachWrite32(s, f, narrow, ^uint32(0))
				} else {
					_, err = s.Attach64(f, wide, 1<<40+1)
					_, err2 = s.Attach32(f, narrow, ^uint32(0))
				}
				x.want("Attach", err, nil)
				x.want("Attach", err2, nil)
				if words.wide.Load() != 0 || words.narrow[1].Load() != 0 {
					t.Error("written before the signal")
				}
				signal()
				if words.wide.Load() != 1<<40+1 || words.narrow[1].Load() != ^uint32(0) {
					t.Errorf("written %x, %x", words.wide.Load(), words.narrow[1].Load())
				}
				if words.narrow[0].Load() != 0 || words.narrow[2].Load() != 0 {
					t.Error("a neighbour was written")
				}
				words.wide.Store(7)
				if _, err = s.Attach64(f, wide, 8); err != nil || words.wide.Load() != 8 {
					t.Errorf("on a signaled fence: %v, %d", err, words.wide.Load())
				}
			}
		})
	}
}

// TestSeqWriteAtOnce: what is signaled for ever.
func TestSeqWriteAtOnce(t *testing.T) {
	x := newFixture(t, small)
	s := x.writes(1)
	line := must(x.rt.NewTimeline("", ""))
	x.want("Close", line.Close(ErrFailed), nil)
	for k, f := range []Fence{Stub(), {}, line.At(5), line.At(0)} {
		var word atomic.Uint64
		w, err := x.l.AttachWrite64(s, f, (*uint64)(unsafe.Pointer(&word)), 9)
		if err != nil || word.Load() != 9 || x.l.DetachWrite(w) {
			t.Errorf("%d: %v, %d", k, err, word.Load())
		}
	}
}

func TestSeqWriteRefuses(t *testing.T) {
	x, other := newFixture(t, small), newFixture(t, small)
	s := x.writes(1)
	words := make([]uint64, 3)
	base := unsafe.Pointer(&words[0])
	for k := range 8 {
		// Safety: within words; it is never read as such a pointer, for it is refused or aligned.
		at := unsafe.Add(base, k)
		_, err := s.Attach32(Stub(), (*uint32)(at), 1)
		if (err == nil) != (k%4 == 0) || err != nil && err != ErrAddress {
			t.Errorf("32 bits at %d: %v", k, err)
		}
		_, err = s.Attach64(Stub(), (*uint64)(at), 1)
		if (err == nil) != ((uintptr(base)+uintptr(k))%8 == 0) || err != nil && err != ErrAddress {
			t.Errorf("64 bits at %d: %v", k, err)
		}
	}
	i, theirs := x.arm(), other.arm()
	word := new(atomic.Uint64)
	address := (*uint64)(unsafe.Pointer(word))
	for name, c := range map[string]struct {
		got  error
		want error
	}{
		"nil, 32 bits":    {only(s.Attach32(i.Fence(), nil, 1)), ErrAddress},
		"nil, 64 bits":    {only(x.l.AttachWrite64(s, i.Fence(), nil, 1)), ErrAddress},
		"foreign Local":   {only(other.l.AttachWrite64(s, i.Fence(), address, 1)), ErrForeign},
		"foreign fence":   {only(s.Attach64(theirs.Fence(), address, 1)), ErrForeign},
		"no SeqWrites":    {only(x.l.AttachWrite64(nil, i.Fence(), address, 1)), ErrForeign},
		"zero SeqWrites":  {only(x.l.AttachWrite64(new(SeqWrites), i.Fence(), address, 1)), ErrForeign},
		"beyond MaxPoint": {only(s.Attach64(stub.At(MaxPoint+1), address, 1)), ErrRange},
		"room for 0":      {only(x.rt.NewSeqWrites(0)), ErrConfig},
		"room for more":   {only(x.rt.NewSeqWrites(MaxCallbacks + 1)), ErrConfig},
	} {
		x.want(name, c.got, c.want)
	}
	if word.Load() != 0 {
		t.Error("written although it was refused")
	}
	w := must(s.Attach64(i.Fence(), address, 1))
	if other.l.DetachWrite(w) || x.l.DetachWrite(SeqWrite{}) {
		t.Error("detached what isn't there")
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Finish", other.l.Finish(theirs, nil), nil)
}

// TestSeqWritesExhausted: a full room says so, and works again when one was written or detached; so does one whose places
// idle Locals keep.
func TestSeqWritesExhausted(t *testing.T) {
	for _, room := range []int{1, 3, keepPlaces} {
		x := newFixture(t, Config{Fences: 64, Callbacks: 2 * keepPlaces})
		s := x.writes(room)
		i := x.arm()
		words := make([]atomic.Uint32, room+1)
		address := func(k int) *uint32 { return (*uint32)(unsafe.Pointer(&words[k])) }
		var attached []SeqWrite
		for k := range room {
			if k%2 == 0 {
				attached = append(attached, must(x.l.AttachWrite32(s, i.Fence(), address(k), uint32(k)+1)))
				continue
			}
			x.l.Flush() // what it keeps
			attached = append(attached, must(s.Attach32(i.Fence(), address(k), uint32(k)+1)))
		}
		_, err := s.Attach32(i.Fence(), address(room), 1)
		x.want("Attach", err, ErrExhausted)
		if ok, err := x.l.DetachWriteWait(attached[0]); !ok || err != nil {
			t.Errorf("DetachWriteWait: %v, %v", ok, err)
		}
		if s.Detach(attached[0]) || x.l.DetachWrite(attached[0]) {
			t.Error("detached twice")
		}
		_ = must(x.l.AttachWrite32(s, i.Fence(), address(room), 1))
		x.want("Finish", x.l.Finish(i, nil), nil)
		for k := range words {
			want := uint32(k) + 1
			switch k {
			case 0:
				want = 0
			case room:
				want = 1
			}
			if got := words[k].Load(); got != want {
				t.Errorf("word %d is %d, want %d", k, got, want)
			}
		}
		if x.l.DetachWrite(attached[room-1]) {
			t.Error("detached after the write")
		}
	}
}

// TestSeqWritesOfTwoRooms: a Local's spare places are of the room that it used last; the other one's go back.
func TestSeqWritesOfTwoRooms(t *testing.T) {
	x := newFixture(t, Config{Fences: 64, Callbacks: 256})
	rooms := []*SeqWrites{x.writes(keepPlaces), x.writes(keepPlaces), x.writes(4)}
	var words [3][40]atomic.Uint64
	for round := range 3 {
		i := x.arm()
		for k := range 40 {
			for r, s := range rooms {
				if r == 2 && k >= 4 {
					continue
				}
				_ = must(x.l.AttachWrite64(s, i.Fence(), word64Of(&words[r][k]), uint64(round*100+r)+1))
			}
		}
		x.want("Finish", x.l.Finish(i, nil), nil)
		for r := range rooms {
			for k := range words[r] {
				if v := words[r][k].Load(); v != uint64(round*100+r)+1 && (r < 2 || k < 4) {
					t.Errorf("round %d: word %d of room %d is %d", round, k, r, v)
				}
			}
		}
	}
}

// TestSeqWriteWithoutCallbacks: where there is no callback left, nothing is attached and no place is lost.
func TestSeqWriteWithoutCallbacks(t *testing.T) {
	x := newFixture(t, Config{Fences: 4, Callbacks: 1, Points: 1})
	s := x.writes(4)
	line := must(x.rt.NewTimeline("", ""))
	i := x.arm()
	var word atomic.Uint64
	address := (*uint64)(unsafe.Pointer(&word))
	for _, f := range []Fence{i.Fence(), line.At(1)} {
		_ = must(x.l.AttachWrite64(s, f, address, 1))
		for range 5 {
			_, err := x.l.AttachWrite64(s, f, address, 2)
			x.want("Attach", err, ErrExhausted)
		}
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Advance", x.l.Advance(line, 1), nil)
	if word.Load() != 1 {
		t.Errorf("written %d", word.Load())
	}
}

// TestSeqWriteOrder: it comes in its place among the callbacks.
func TestSeqWriteOrder(t *testing.T) {
	x := newFixture(t, small)
	s := x.writes(2)
	i := x.arm()
	var word atomic.Uint32
	var seen []uint32
	look := x.handler(func(*Local, uint64, error) { seen = append(seen, word.Load()) })
	_ = must(x.l.OnSignal(i.Fence(), look, 0))
	_ = must(x.l.AttachWrite32(s, i.Fence(), (*uint32)(unsafe.Pointer(&word)), 1))
	_ = must(x.l.OnSignal(i.Fence(), look, 0))
	_ = must(x.l.AttachWrite32(s, i.Fence(), (*uint32)(unsafe.Pointer(&word)), 2))
	_ = must(x.l.OnSignal(i.Fence(), look, 0))
	x.want("Finish", x.l.Finish(i, nil), nil)
	if fmt.Sprint(seen) != "[0 1 2]" {
		t.Errorf("callbacks saw %v", seen)
	}
}

// TestSeqWriteKeepsItsMemory: the collector doesn't take what will be written to, and does afterwards.
func TestSeqWriteKeepsItsMemory(t *testing.T) {
	x := newFixture(t, small)
	s := x.writes(1)
	i := x.arm()
	var gone atomic.Bool
	func() {
		word := &[4]uint64{}
		runtime.AddCleanup(word, func(int) { gone.Store(true) }, 0)
		_ = must(x.l.AttachWrite64(s, i.Fence(), &word[0], 1))
	}()
	runtime.GC()
	runtime.GC()
	if gone.Load() {
		t.Error("the memory was taken before the signal")
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	eventually(t, "the memory is taken", func() bool { runtime.GC(); return gone.Load() })
}

// TestStressSeqWrite: goroutines attach, detach and signal. Each word is written once, or its write was detached.
func TestStressSeqWrite(t *testing.T) {
	for _, room := range []int{64, 4 * keepPlaces} {
		x := newFixture(t, Config{Fences: 1024, Callbacks: 1 << 14})
		s := x.writes(room)
		workers, lives := 2*runtime.GOMAXPROCS(0), scaled(8000)
		var written, detached, attached atomic.Int64
		var wg sync.WaitGroup
		for k := range workers {
			wg.Go(func() {
				l := x.rt.Local()
				defer l.Close()
				r := rand.New(rand.NewPCG(3, uint64(k)))
				for range lives {
					i, err := l.NewFence(x.c)
					if err != nil {
						continue
					}
					var words [4]atomic.Uint64
					var names [4]SeqWrite
					var taken [4]bool
					signaled := make(chan struct{})
					for j := range names {
						if names[j], err = l.AttachWrite64(s, i.Fence(), (*uint64)(unsafe.Pointer(&words[j])), uint64(j)+1); err == nil {
							attached.Add(1)
						}
					}
					go func() {
						_ = x.rt.Finish(i, nil)
						close(signaled)
					}()
					for j := range names {
						if r.IntN(2) == 0 {
							taken[j] = l.DetachWrite(names[j])
						}
					}
					<-signaled
					for j := range words {
						switch v := words[j].Load(); {
						case v == uint64(j)+1 && !taken[j]:
							written.Add(1)
						case v == 0 && taken[j]:
							detached.Add(1)
						case v != 0 || names[j] != (SeqWrite{}):
							t.Errorf("word %d is %d, detached %v", j, v, taken[j])
						}
					}
				}
			})
		}
		wg.Wait()
		if written.Load()+detached.Load() != attached.Load() || detached.Load() == 0 || written.Load() == 0 {
			t.Errorf("%d attached, %d written, %d detached", attached.Load(), written.Load(), detached.Load())
		}
	}
}
