package fencert

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// word64Of and word32Of are the plain words of atomics, as a mapping has them.
func word64Of(w *atomic.Uint64) *uint64 { return (*uint64)(unsafe.Pointer(w)) }
func word32Of(w *atomic.Uint32) *uint32 { return (*uint32)(unsafe.Pointer(w)) }

// TestSource: what a word that goes from one value to another does to the timeline.
func TestSource(t *testing.T) {
	const lap = 1 << 32
	for _, c := range []struct {
		name         string
		narrow       bool
		start, bound uint64
		word         uint64
		value        uint64
		err          error
	}{
		{"stands still", false, 5, 0, 5, 5, nil},
		{"moves", false, 5, 0, 1 << 40, 1 << 40, nil},
		{"to the end", false, 5, 0, MaxPoint, MaxPoint, nil},
		{"beyond the end", false, 5, 0, MaxPoint + 1, 5, ErrSourceAhead},
		{"beyond all", false, 5, 0, ^uint64(0), 5, ErrSourceAhead},
		{"goes back", false, 5, 0, 4, 5, ErrSourceBack},
		{"is zero", false, 5, 0, 0, 5, ErrSourceBack},
		{"as far as the bound", false, 5, 10, 15, 15, nil},
		{"beyond the bound", false, 5, 10, 16, 5, ErrSourceAhead},
		{"beyond the bound at the end", false, MaxPoint - 1, 10, ^uint64(0), MaxPoint - 1, ErrSourceAhead},
		{"narrow, stands still", true, lap + 7, 0, 7, lap + 7, nil},
		{"narrow, moves", true, lap + 7, 0, 8, lap + 8, nil},
		{"narrow, wraps", true, 2*lap - 2, 0, 3, 2*lap + 3, nil},
		{"narrow, as far as can be told", true, lap, 0, 1<<31 - 1, lap + 1<<31 - 1, nil},
		{"narrow, neither forward nor back", true, lap, 0, 1 << 31, lap, ErrSourceBack},
		{"narrow, goes back", true, lap + 7, 0, 6, lap + 7, ErrSourceBack},
		{"narrow, goes back over a lap", true, lap + 7, 0, lap - 1, lap + 7, ErrSourceBack},
		{"narrow, below zero", true, 7, 0, lap - 1, 7, ErrSourceAhead},
		{"narrow, as far as the bound", true, 2*lap - 2, 5, 3, 2*lap + 3, nil},
		{"narrow, beyond the bound", true, 2*lap - 2, 4, 3, 2*lap - 2, ErrSourceAhead},
		{"narrow, beyond the end", true, MaxPoint, 0, 3, MaxPoint, ErrSourceBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newFixture(t, small)
			line := must(x.rt.NewTimeline("", "", StartAt(c.start)))
			var wide atomic.Uint64
			var narrow atomic.Uint32
			wide.Store(c.word)
			narrow.Store(uint32(c.word))
			s, err := NewSource(line, word64Of(&wide), c.bound)
			if c.narrow {
				s, err = NewSource(line, word32Of(&narrow), c.bound)
			}
			x.want("NewSource", err, nil)
			for k, sync := range []func() (bool, error){s.Sync, func() (bool, error) { return x.l.Sync(s) }} {
				moved, err := sync()
				if moved != (k == 0 && c.value != c.start) || err != c.err || line.Value() != c.value {
					t.Errorf("Sync: %v, %v, value %d, want %d, %v", moved, err, line.Value(), c.value, c.err)
				}
			}
			rejected, last := s.Rejected()
			if c.err == nil && (rejected != 0 || last != 0) || c.err != nil && (rejected != 2 || last != c.word) {
				t.Errorf("%d rejected, the last %d", rejected, last)
			}
			if line.Value() >= MaxPoint-1 {
				return
			}
			wide.Store(c.value + 1)
			narrow.Store(uint32(c.value + 1))
			if moved, err := x.l.Sync(s); !moved || err != nil || line.Value() != c.value+1 {
				t.Errorf("afterwards: %v, %v, value %d", moved, err, line.Value())
			}
		})
	}
}

func TestSourceRefuses(t *testing.T) {
	x, other := newFixture(t, small), newFixture(t, small)
	line := must(x.rt.NewTimeline("", ""))
	words := make([]atomic.Uint64, 2)
	x.want("nil", only(NewSource[uint64](line, nil, 0)), ErrAddress)
	x.want("nil", only(NewSource[uint32](line, nil, 0)), ErrAddress)
	// Safety: within words; it is refused.
	x.want("misaligned", only(NewSource(line, (*uint64)(unsafe.Add(unsafe.Pointer(&words[0]), 4)), 0)), ErrAddress)
	x.want("misaligned", only(NewSource(line, (*uint32)(unsafe.Add(unsafe.Pointer(&words[0]), 2)), 0)), ErrAddress)
	x.want("no timeline", only(NewSource(nil, word64Of(&words[0]), 0)), ErrForeign)
	x.want("zero timeline", only(NewSource(new(Timeline), word64Of(&words[0]), 0)), ErrForeign)
	x.want("bound", only(NewSource(line, word64Of(&words[0]), MaxPoint+1)), ErrConfig)
	x.want("bound", only(NewSource(line, (*uint32)(unsafe.Pointer(&words[0])), MaxBound32+1)), ErrConfig)
	s := must(NewSource(line, word64Of(&words[0]), 0))
	x.want("foreign", only(other.l.Sync(s)), ErrForeign)
	x.want("nil", only(x.l.Sync(nil)), ErrForeign)
	for _, p := range []Polling{{FirstPause: -1}, {LastPause: -1}, {FirstPause: 2, LastPause: 1}} {
		x.want("Follow", s.Follow(context.Background(), p), ErrConfig)
		stop, err := s.Start(p)
		x.want("Start", err, ErrConfig)
		if stop != nil {
			t.Error("there is a stop")
		}
	}
	var none context.Context
	if v, _ := panicOf(func() { _ = s.Follow(none, Polling{}) }); v != ErrNilContext {
		t.Errorf("a nil context: %v", v)
	}
	x.want("Close", line.Close(ErrFailed), nil)
	words[0].Store(1)
	x.want("Sync", only(s.Sync()), ErrFailed)
	x.want("Follow", s.Follow(context.Background(), Polling{}), ErrFailed)
}

// TestFollow: the goroutine that follows delivers what comes due, backs off while nothing does, and stops.
func TestFollow(t *testing.T) {
	x := newFixture(t, small)
	line := must(x.rt.NewTimeline("", ""))
	var word atomic.Uint32
	s := must(NewSource(line, word32Of(&word), 100))
	var told []uint64
	var why []error
	rejected := make(chan struct{}, 10)
	stop := must(s.Start(Polling{Spins: 3, Yields: 3, FirstPause: time.Microsecond, OnReject: func(raw uint64, err error) {
		told, why = append(told, raw), append(why, err)
		rejected <- struct{}{}
	}}))
	ran := make(chan uint64, 4)
	note := x.handler(func(l *Local, n uint64, _ error) { ran <- n })
	for n := uint64(1); n <= 90; n += 30 {
		_ = must(x.l.OnSignal(line.At(n), note, n))
	}
	for n := uint64(1); n <= 90; n += 30 {
		word.Store(uint32(n))
		x.want("Wait", line.Wait(context.Background(), n), nil)
		if got := <-ran; got != n {
			t.Errorf("%d ran in place of %d", got, n)
		}
	}
	word.Store(10)
	<-rejected
	word.Store(1000)
	<-rejected
	word.Store(100)
	x.want("Wait", line.Wait(context.Background(), 100), nil)
	for range 2 {
		x.want("stop", stop(), nil)
	}
	if len(told) != 2 || told[0] != 10 || told[1] != 1000 || why[0] != ErrSourceBack || why[1] != ErrSourceAhead {
		t.Errorf("told of %v, %v", told, why)
	}
	word.Store(101)
	if line.Value() != 100 {
		t.Error("it follows after stop")
	}
}

// TestFollowerTellsOnce: of garbage that stays, once; of other garbage, and of the same after a good look, again.
func TestFollowerTellsOnce(t *testing.T) {
	told := 0
	f := follower{Polling: Polling{OnReject: func(uint64, error) { told++ }}}
	for k, c := range []struct {
		raw  uint64
		err  error
		want int
	}{{1, ErrSourceBack, 1}, {1, ErrSourceBack, 1}, {2, ErrSourceBack, 2}, {2, ErrSourceAhead, 3}, {2, ErrSourceAhead, 3}} {
		if f.reject(c.raw, c.err); told != c.want {
			t.Errorf("%d: told %d times, want %d", k, told, c.want)
		}
	}
	f.told = nil
	if f.reject(2, ErrSourceAhead); told != 4 {
		t.Errorf("told %d times", told)
	}
}

// TestFollowEnds: with its context, with the timeline, with the runtime.
func TestFollowEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(x *fixture, line *Timeline, cancel context.CancelCauseFunc) error
		want error
	}{
		"context":  {func(_ *fixture, _ *Timeline, cancel context.CancelCauseFunc) error { cancel(ErrFailed); return nil }, ErrFailed},
		"timeline": {func(_ *fixture, line *Timeline, _ context.CancelCauseFunc) error { return line.Close(ErrFailed) }, ErrFailed},
		"runtime":  {func(x *fixture, _ *Timeline, _ context.CancelCauseFunc) error { return x.rt.Close() }, ErrCanceled},
	} {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t, small)
			line := must(x.rt.NewTimeline("", ""))
			s := must(NewSource(line, word64Of(new(atomic.Uint64)), 0))
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			ended := make(chan error)
			go func() {
				ended <- s.Follow(ctx, Polling{Spins: -1, Yields: -1, FirstPause: time.Hour, LastPause: time.Hour})
			}()
			if name != "context" { // nothing but the next look finds these
				cancel(nil)
				<-ended
				go func() { ended <- s.Follow(context.Background(), Polling{}) }()
			}
			x.want("end", c.end(x, line, cancel), nil)
			x.want("Follow", <-ended, c.want)
		})
	}
}

// TestFollowerBacksOff: the looks of a follower with nothing to do, and that a move makes it begin anew.
func TestFollowerBacksOff(t *testing.T) {
	p, err := Polling{Spins: 2, Yields: 1, FirstPause: time.Nanosecond, LastPause: 4 * time.Nanosecond}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	f := follower{Polling: p}
	for round := range 2 {
		f.idle = 0
		for k, want := range []time.Duration{0, 0, 0, 1, 2, 4, 4} {
			if k < 2-p.Spins {
				continue // with one processor it doesn't spin
			}
			if got := f.pause(); got != want {
				t.Errorf("round %d, look %d: %v, want %v", round, k, got, want)
			}
		}
	}
}

// TestStressSource: a writer, garbage now and then, and goroutines that sync. The value never goes back nor beyond the word, ends
// where the word does, and each callback runs once; nobody calls good values garbage.
func TestStressSource(t *testing.T) {
	for name, narrow := range map[string]bool{"64 bits": false, "32 bits": true} {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t, small)
			const start = 1<<32 - 1000 // a word of 32 bits wraps
			line := must(x.rt.NewTimeline("", "", StartAt(start)))
			var wide atomic.Uint64
			var narrowWord atomic.Uint32
			s := must(NewSource(line, word64Of(&wide), 1<<20))
			if narrow {
				s = must(NewSource(line, word32Of(&narrowWord), 1<<20))
			}
			store := func(n uint64) { wide.Store(n); narrowWord.Store(uint32(n)) }
			store(start)
			var truth atomic.Uint64 // no less than the word
			truth.Store(start)
			var ran atomic.Uint64
			count := x.handler(func(*Local, uint64, error) { ran.Add(1) })
			moves := uint64(scaled(100_000))
			for n := uint64(0); n < 100; n++ {
				_ = must(x.l.OnSignal(line.At(start+1+n*moves/100), count, 0))
			}
			var over atomic.Bool
			var wg sync.WaitGroup
			for range 2 * runtime.GOMAXPROCS(0) {
				wg.Go(func() {
					l := x.rt.Local()
					defer l.Close()
					last := uint64(0)
					for !over.Load() {
						if _, err := l.Sync(s); err != nil {
							t.Errorf("Sync: %v", err)
						}
						if v := line.Value(); v < last || v > truth.Load() {
							t.Errorf("value %d after %d, the word is %d", v, last, truth.Load())
						} else {
							last = v
						}
						runtime.Gosched()
					}
				})
			}
			r := rand.New(rand.NewPCG(1, 1))
			n := uint64(start)
			for n < start+moves {
				n += 1 + r.Uint64N(3)
				truth.Store(n)
				store(n)
				if r.IntN(256) == 0 {
					runtime.Gosched()
				}
			}
			eventually(t, "the value is there", func() bool { return line.Value() == n })
			over.Store(true)
			wg.Wait()
			if rejected, last := s.Rejected(); rejected != 0 {
				t.Errorf("%d rejected, the last %d", rejected, last)
			}
			store(n - 1)
			if _, err := s.Sync(); !errors.Is(err, ErrSourceBack) {
				t.Errorf("garbage: %v", err)
			}
			x.want("Flush", line.Flush(context.Background()), nil)
			if ran.Load() != 100 {
				t.Errorf("%d callbacks ran", ran.Load())
			}
		})
	}
}
