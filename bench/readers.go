package bench

import (
	"sync"
	"sync/atomic"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/fencert/fencert/epoch"
	fencert "github.com/fencert/fencert/runtime"
)

// A Reader is one goroutine's view of a shared value that a writer may replace and
// reclaim.
type Reader interface {
	// Read does n times: enter the read side, load the pointer and the value behind
	// it, leave. It returns the sum of the values. The loop is in here, as it would be
	// in a program, so that what inlines does so and no call is measured that isn't
	// the implementation's own.
	Read(n int) uint64
	Close()
}

// shared is what is read: a value that is replaced, never changed.
type shared struct{ value atomic.Pointer[uint64] }

func newShared(v uint64) *shared {
	s := new(shared)
	s.value.Store(&v)
	return s
}

// bareReader is impl=bare: the loads without any protection.
type bareReader struct{ *shared }

func (r bareReader) Read(n int) (sum uint64) {
	for range n {
		sum += *r.value.Load()
	}
	return sum
}

func (bareReader) Close() {}

// rwReader is impl=rwmutex.
type rwReader struct {
	*shared
	mu *sync.RWMutex
}

func (r rwReader) Read(n int) (sum uint64) {
	for range n {
		r.mu.RLock()
		sum += *r.value.Load()
		r.mu.RUnlock()
	}
	return sum
}

func (rwReader) Close() {}

// rbReader is impl=rbmutex: a reader-biased lock with striped counters.
type rbReader struct {
	*shared
	mu *xsync.RBMutex
}

func (r rbReader) Read(n int) (sum uint64) {
	for range n {
		token := r.mu.RLock()
		sum += *r.value.Load()
		r.mu.RUnlock(token)
	}
	return sum
}

func (rbReader) Close() {}

// epochReader is impl=lockfree and impl=portable: the participant of a Local, whose Pin
// inlines, with the runtime's own choice of pins or with portable ones.
type epochReader struct {
	*shared
	local       *fencert.Local
	participant *epoch.Participant
}

func (r *epochReader) Read(n int) (sum uint64) {
	p := r.participant
	for range n {
		p.Pin()
		sum += *r.value.Load()
		p.Unpin()
	}
	return sum
}

func (r *epochReader) Close() { r.local.Close() }

// localReader is impl=local: Pin and Unpin of the Local itself, which are calls.
type localReader struct {
	*shared
	local *fencert.Local
}

func (r *localReader) Read(n int) (sum uint64) {
	for range n {
		if r.local.Pin() != nil {
			return 0
		}
		sum += *r.value.Load()
		r.local.Unpin()
	}
	return sum
}

func (r *localReader) Close() { r.local.Close() }

// newRuntimeReaders returns a function that opens one goroutine's Reader of v on a Local of its own.
func newRuntimeReaders(pinning fencert.Pinning, open func(*shared, *fencert.Local) Reader) func(v uint64) func() Reader {
	return func(v uint64) func() Reader {
		rt, err := fencert.New(fencert.Config{Fences: 1, Pinning: pinning})
		if err != nil {
			panic(err)
		}
		s := newShared(v)
		return func() Reader { return open(s, rt.Local()) }
	}
}

func openParticipant(s *shared, l *fencert.Local) Reader {
	p, err := l.Participant()
	if err != nil {
		panic(err)
	}
	return &epochReader{s, l, p}
}

func openLocal(s *shared, l *fencert.Local) Reader { return &localReader{s, l} }
