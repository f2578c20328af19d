package commit

import "sync"

// A fakeFile notes what a log does with it, and fails at a chosen call.
type fakeFile struct {
	mu             sync.Mutex
	written        []byte
	synced         int // bytes that a Sync has covered
	writes, syncs  int
	failWrite      int   // the number of the Write that fails, half done; 0: none
	failSync       int   // of the Sync
	short          bool  // a Write that fails returns nil
	err            error // what they fail with, or the log does
	afterFailure   int   // calls after one has failed
	failed, closed bool
	hold           chan struct{} // where it isn't nil, Sync receives from it first
}

func (f *fakeFile) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count()
	if f.writes++; f.writes == f.failWrite {
		f.failed = true
		f.written = append(f.written, b[:len(b)/2]...)
		if f.short {
			return len(b) / 2, nil
		}
		return len(b) / 2, f.err
	}
	f.written = append(f.written, b...)
	return len(b), nil
}

func (f *fakeFile) Sync() error {
	f.mu.Lock()
	covers := len(f.written)
	f.mu.Unlock()
	if f.hold != nil {
		<-f.hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count()
	if f.syncs++; f.syncs == f.failSync {
		f.failed = true
		return f.err
	}
	f.synced = covers
	return nil
}

func (f *fakeFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return nil
}

func (f *fakeFile) count() {
	if f.failed || f.closed {
		f.afterFailure++
	}
}

// durable tells whether all up to position has been synced.
func (f *fakeFile) durable(position uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return uint64(f.synced) >= position
}

func (f *fakeFile) writesNow() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}
