package fencetrace_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/trace"
	"sync"
	"testing"

	fencert "github.com/fencert/fencert/runtime"
	"github.com/fencert/fencert/runtime/fencetrace"
)

var errReset = errors.New("device reset")

// traced does some work with a trace taken, and returns the trace. The work is that of lives fences: each is waited for
// by a goroutine.
func traced(t *testing.T, options fencetrace.Options, lives int) []byte {
	t.Helper()
	rt, c := newRuntime(t, options)
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Skipf("this process is being traced already: %v", err)
	}
	work(t, rt, c, lives)
	trace.Stop()
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

func newRuntime(t *testing.T, options fencetrace.Options) (*fencert.Runtime, *fencert.FenceContext) {
	t.Helper()
	rt, err := fencert.New(fencert.Config{Fences: 4096, Strategy: fencert.Park, Observer: fencetrace.Observer(options)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rt.NewFenceContext("mydriver", "copy-ring")
	if err != nil {
		t.Fatal(err)
	}
	return rt, c
}

func work(t *testing.T, rt *fencert.Runtime, c *fencert.FenceContext, lives int) {
	t.Helper()
	for range lives {
		i, err := rt.NewFence(c)
		if err != nil {
			t.Fatal(err)
		}
		h, err := rt.Hold(i.Fence())
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := i.Fence().Wait(context.Background()); err != errReset {
				t.Errorf("Wait: %v", err)
			}
		})
		for rt.Stats().Waiting == 0 { // so that the wait is a region
			runtime.Gosched()
		}
		if err := rt.Finish(i, errReset); err != nil {
			t.Error(err)
		}
		wg.Wait()
		_ = rt.Release(h)
	}
}

// TestTexts: the trace holds the strings of the events as they are.
func TestTexts(t *testing.T) {
	for _, c := range []struct {
		name      string
		options   fencetrace.Options
		has, lack []string
	}{
		{"default", fencetrace.Options{}, []string{
			fencetrace.RegionWait, fencetrace.CategoryArmed, fencetrace.CategorySignaled,
			"mydriver/copy-ring 1", "mydriver/copy-ring 3: device reset",
		}, []string{"fence mydriver/copy-ring", "mydriver/copy-ring 4"}},
		{"tasks", fencetrace.Options{Tasks: true}, []string{"fence mydriver/copy-ring", fencetrace.CategorySignaled}, nil},
		{"tasks, less", fencetrace.Options{Tasks: true, NoArmed: true, NoWaits: true}, []string{
			"fence mydriver/copy-ring", "mydriver/copy-ring 2: device reset",
		}, []string{fencetrace.CategoryArmed, fencetrace.RegionWait}},
	} {
		b := traced(t, c.options, 3)
		for _, s := range c.has {
			if !bytes.Contains(b, []byte(s)) {
				t.Errorf("%s: the trace lacks %q", c.name, s)
			}
		}
		for _, s := range c.lack {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s: the trace has %q", c.name, s)
			}
		}
	}
}

// TestParsed has the tool read a trace, and counts.
func TestParsed(t *testing.T) {
	if testing.Short() {
		t.Skip("the go command builds its tool")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, and it reads traces")
	}
	const lives = 3
	file := filepath.Join(t.TempDir(), "trace")
	if err := os.WriteFile(file, traced(t, fencetrace.Options{Tasks: true}, lives), 0o666); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(tool, "tool", "trace", "-d=parsed", file).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool trace: %v\n%s", err, text)
	}
	for _, event := range []string{
		`RegionBegin .*Type="fence wait"`, `RegionEnd .*Type="fence wait"`, `TaskBegin .*Type="fence mydriver/copy-ring"`,
		`TaskEnd .*Type="fence mydriver/copy-ring"`, `Log .*Category="fence armed"`,
		`Log .*Category="fence signaled" Message="mydriver/copy-ring \d: device reset"`,
	} {
		if n := len(regexp.MustCompile(event).FindAll(text, -1)); n != lives {
			t.Errorf("%d of %s, want %d", n, event, lives)
		}
	}
	if t.Failed() {
		t.Logf("%.20000s", text)
	}
}

// TestOnAndOff: a trace may begin and end between a fence's arming and its signal.
func TestOnAndOff(t *testing.T) {
	rt, c := newRuntime(t, fencetrace.Options{Tasks: true})
	before, err := rt.NewFence(c)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Skipf("this process is being traced already: %v", err)
	}
	during, err := rt.NewFence(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := rt.Finish(before, nil); err != nil {
		t.Error(err)
	}
	trace.Stop()
	if err := rt.Finish(during, nil); err != nil {
		t.Error(err)
	}
	work(t, rt, c, 1)
	if s := rt.Stats(); s.Ended != 3 || s.ObserverPanics != 0 {
		t.Errorf("%+v", s)
	}
	for _, s := range []string{"mydriver/copy-ring 1: <nil>", "mydriver/copy-ring 2"} {
		if !bytes.Contains(b.Bytes(), []byte(s)) {
			t.Errorf("the trace lacks %q", s)
		}
	}
	if bytes.Contains(b.Bytes(), []byte("mydriver/copy-ring 2:")) {
		t.Error("the trace has what came after its end")
	}
	_ = rt.Close()
}

func TestExhausted(t *testing.T) {
	rt, c := newRuntime(t, fencetrace.Options{})
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Skipf("this process is being traced already: %v", err)
	}
	l := rt.Local()
	for {
		if _, err := l.NewFence(c); err != nil {
			break
		}
	}
	trace.Stop()
	if !bytes.Contains(b.Bytes(), []byte(fencetrace.CategoryRanOut)) {
		t.Errorf("the trace lacks %q", fencetrace.CategoryRanOut)
	}
	l.Close()
	_ = rt.Close()
}

// TestOffCostsNoAllocation: with no trace taken a life allocates nothing.
func TestOffCostsNoAllocation(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("this process is being traced")
	}
	rt, c := newRuntime(t, fencetrace.Options{Tasks: true})
	l := rt.Local()
	life := func() {
		i, err := l.NewFence(c)
		if err == nil {
			err = l.Finish(i, nil)
		}
		if err != nil {
			t.Error(err)
		}
	}
	life()
	if n := testing.AllocsPerRun(100, life); n != 0 {
		t.Errorf("%v allocations", n)
	}
	l.Close()
	_ = rt.Close()
}
