package sample

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
)

func BenchmarkPlaces(b *testing.B) {
	b.Run("impl=x", func(b *testing.B) { b.ReportMetric(float64(runtime.NumCPU()), "places") })
}

// A pinned process has as many processors as its row is measured on, and this one keeps what it has.
func TestPin(t *testing.T) {
	if !CanPin {
		t.Skip("this system can't keep a process on some of its processors")
	}
	b := binary(t)
	b.Pin = true
	s, err := b.Take(context.Background(), plan.Item{Row: "BenchmarkPlaces/impl=x", CPUs: 1}, time.Millisecond)
	if err != nil || !strings.Contains(s.Line, " 1 places") || s.Spare != 0 {
		t.Errorf("pinned to one: %+v, %v", s, err)
	}
	b.Pin = false
	if s, err = b.Take(context.Background(), plan.Item{Row: "BenchmarkPlaces/impl=x", CPUs: 1}, time.Millisecond); err != nil || !strings.Contains(s.Line, places()) {
		t.Errorf("not pinned: %+v, %v, want%s", s, err, places())
	}
	b.Pin = true
	if s, err = b.Take(context.Background(), plan.Item{Row: "BenchmarkPlaces/impl=x", CPUs: 1000}, time.Millisecond); err != nil || !strings.Contains(s.Line, places()) {
		t.Errorf("pinned to more than there are: %+v, %v, want%s", s, err, places())
	}
	if err := pinned([]int{first(t)}, func() error { return errStart }); !errors.Is(err, errStart) {
		t.Errorf("got %v", err)
	}
}

// first is a processor that this process may use.
func first(t *testing.T) int {
	t.Helper()
	cpus, err := firstAllowed(1)
	if err != nil || len(cpus) != 1 {
		t.Fatal(cpus, err)
	}
	return cpus[0]
}

var errStart = errors.New("not started")

func places() string {
	return " " + strconv.Itoa(runtime.NumCPU()) + " places"
}

// What a row takes is the time between its line and the one before it.
func TestClocked(t *testing.T) {
	now := time.Unix(0, 0)
	c := &clocked{now: func() time.Time { return now }}
	for _, line := range []string{"goos: linux\n", "cpu: X\nBenchmarkA/impl=x \t", "1\t5 ns/op\n", "BenchmarkB/impl=x\t1\t5 ns/op\n"} {
		now = now.Add(time.Second)
		if n, err := c.Write([]byte(line)); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
	}
	if a, b := c.took("BenchmarkA/impl=x"), c.took("BenchmarkB/impl=x"); a != time.Second || b != time.Second {
		t.Errorf("took %v and %v", a, b)
	}
	if got := c.took("BenchmarkC/impl=x"); got != 0 {
		t.Errorf("what isn't there took %v", got)
	}
	if !bytes.HasPrefix(c.Bytes(), []byte("goos")) {
		t.Error("the output is lost")
	}
}

func TestCosts(t *testing.T) {
	b := binary(t)
	if _, err := b.List(context.Background(), "Row/size=.*/impl=good"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.List(context.Background(), "Places"); err != nil {
		t.Fatal(err)
	}
	if len(b.Costs()) != 3 {
		t.Errorf("costs of %v", b.Costs())
	}
}
