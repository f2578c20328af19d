package fenceexpvar_test

import (
	"encoding/json"
	"errors"
	"expvar"
	"runtime"
	"sync"
	"testing"

	fencert "github.com/fencert/fencert/runtime"
	"github.com/fencert/fencert/runtime/fenceexpvar"
)

func newRuntime(t *testing.T) (*fencert.Runtime, *fencert.FenceContext) {
	t.Helper()
	rt, err := fencert.New(fencert.Config{Fences: 4096})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rt.NewFenceContext("driver", "timeline")
	if err != nil {
		t.Fatal(err)
	}
	return rt, c
}

// lives runs n lives and leaves one pending.
func lives(t *testing.T, rt *fencert.Runtime, c *fencert.FenceContext, n int) fencert.Issuer {
	t.Helper()
	for {
		i, err := rt.NewFence(c)
		if err != nil {
			t.Fatal(err)
		}
		if n--; n < 0 {
			return i
		}
		if err := rt.Finish(i, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// shown is what expvar shows under a name.
func shown(t *testing.T, name string) fencert.Stats {
	t.Helper()
	v := expvar.Get(name)
	if v == nil {
		t.Fatalf("nothing is published as %q", name)
	}
	var s fencert.Stats
	if err := json.Unmarshal([]byte(v.String()), &s); err != nil {
		t.Fatalf("%q shows %s: %v", name, v, err)
	}
	return s
}

func publish(t *testing.T, name string, rt *fencert.Runtime) {
	t.Helper()
	if err := fenceexpvar.Publish(name, rt); err != nil {
		t.Fatal(err)
	}
}

func TestSeveralRuntimes(t *testing.T) {
	a, ca := newRuntime(t)
	b, cb := newRuntime(t)
	publish(t, "several/a", a)
	publish(t, "several/b", b)
	ia, ib := lives(t, a, ca, 3), lives(t, b, cb, 5)
	if s := shown(t, "several/a"); s.Armed != 4 || s.Ended != 3 || s.Pending() != 1 || s.Fences.Size != 4096 || s.Contexts != 1 {
		t.Errorf("a: %+v", s)
	}
	if s := shown(t, "several/b"); s.Armed != 6 || s.Ended != 5 {
		t.Errorf("b: %+v", s)
	}
	_ = a.Finish(ia, nil)
	if s := shown(t, "several/a"); s.Ended != 4 || s.Pending() != 0 {
		t.Errorf("a, later: %+v", s)
	}
	_ = b.Finish(ib, nil)
	_, _ = a.Close(), b.Close()
}

func TestNamesAreTakenOnce(t *testing.T) {
	a, c := newRuntime(t)
	b, _ := newRuntime(t)
	publish(t, "once", a)
	if expvar.Get("once/another's") == nil { // a repeated test
		expvar.NewInt("once/another's")
	}
	for _, name := range []string{"once", "once/another's"} {
		if err := fenceexpvar.Publish(name, b); !errors.Is(err, fenceexpvar.ErrPublished) {
			t.Errorf("%q: %v", name, err)
		}
	}
	_ = a.Finish(lives(t, a, c, 2), nil)
	_ = a.Close()
	if s := shown(t, "once"); !s.Closed || s.Ended != 3 {
		t.Errorf("closed: %+v", s)
	}
	publish(t, "once", b) // the closed one makes room
	if s := shown(t, "once"); s.Closed || s.Armed != 0 {
		t.Errorf("the next one: %+v", s)
	}
	if err := fenceexpvar.Publish("once", a); !errors.Is(err, fenceexpvar.ErrPublished) {
		t.Errorf("taken again: %v", err)
	}
	_ = b.Close()
}

// TestClosedIsLetGo: a closed runtime stays readable, and is not kept in memory for that.
func TestClosedIsLetGo(t *testing.T) {
	collected := make(chan struct{})
	func() {
		rt, c := newRuntime(t)
		publish(t, "let go", rt)
		i := lives(t, rt, c, 7)
		runtime.AddCleanup(rt, func(c chan struct{}) { close(c) }, collected)
		_ = rt.Close()
		if s := shown(t, "let go"); !s.Closed || s.Ended != 7 || s.Signaled != 8 {
			t.Errorf("closed: %+v", s)
		}
		_ = rt.Drop(i)
		if s := shown(t, "let go"); s.Ended != 8 {
			t.Errorf("closed, and a fence dropped: %+v", s)
		}
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			if s := shown(t, "let go"); !s.Closed || s.Ended != 8 {
				t.Errorf("gone: %+v", s)
			}
			return
		default:
		}
	}
	t.Error("a closed runtime is kept in memory")
}

func TestLooksAtOnce(t *testing.T) {
	rt, c := newRuntime(t)
	publish(t, "at once", rt)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			last := uint64(0)
			for range 100 {
				s := shown(t, "at once")
				if s.Armed < last {
					t.Errorf("armed: %d after %d", s.Armed, last)
				}
				last = s.Armed
				_ = rt.Finish(lives(t, rt, c, 10), nil)
			}
		})
	}
	wg.Wait()
	if s := shown(t, "at once"); s.Armed != 4*100*11 || s.Ended != s.Armed {
		t.Errorf("%+v", s)
	}
	_ = rt.Close()
}
