package bench

import (
	"sync"
	"sync/atomic"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/fencert/fencert/epoch"
)

// A Reader is one goroutine's view of a shared value that a writer may replace and
// reclaim.
type Reader interface {
	// Read enters the read side, loads the pointer and the value behind it, and
	// leaves.
	Read() uint64
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

func (r bareReader) Read() uint64 { return *r.value.Load() }

func (bareReader) Close() {}

// rwReader is impl=rwmutex.
type rwReader struct {
	*shared
	mu *sync.RWMutex
}

func (r rwReader) Read() uint64 {
	r.mu.RLock()
	v := *r.value.Load()
	r.mu.RUnlock()
	return v
}

func (rwReader) Close() {}

// rbReader is impl=rbmutex: a reader-biased lock with striped counters.
type rbReader struct {
	*shared
	mu *xsync.RBMutex
}

func (r rbReader) Read() uint64 {
	token := r.mu.RLock()
	v := *r.value.Load()
	r.mu.RUnlock(token)
	return v
}

func (rbReader) Close() {}

// epochReader is impl=lockfree: a participant of the runtime's reclamation.
type epochReader struct {
	*shared
	participant *epoch.Participant
}

// newEpochReaders returns a function that opens one goroutine's Reader of v.
func newEpochReaders(v uint64) func() Reader {
	domain, err := epoch.New(epoch.Config{})
	if err != nil {
		panic(err)
	}
	s := newShared(v)
	return func() Reader {
		p, err := domain.Register()
		if err != nil {
			panic(err)
		}
		return epochReader{s, p}
	}
}

func (r epochReader) Read() uint64 {
	r.participant.Pin()
	v := *r.value.Load()
	r.participant.Unpin()
	return v
}

func (r epochReader) Close() { _ = r.participant.Unregister() }
