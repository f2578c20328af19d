package commit

import (
	"context"
	"testing"
)

// TestAppendAllocates: nothing, once the buffers have grown.
func TestAppendAllocates(t *testing.T) {
	m, err := MutexHeap.New(1)
	if err != nil {
		t.Fatal(err)
	}
	l := New(&discard{}, 0, m)
	payload := make([]byte, 100)
	one := func() {
		if _, err := l.Commit(context.Background(), payload); err != nil {
			t.Error(err)
		}
	}
	for range 10 {
		one()
	}
	if n := testing.AllocsPerRun(1000, one); n >= 1 {
		t.Errorf("a commit allocates %v times", n)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// A discard is a file that forgets.
type discard struct{}

func (*discard) Write(b []byte) (int, error) { return len(b), nil }
func (*discard) Sync() error                 { return nil }
func (*discard) Close() error                { return nil }
