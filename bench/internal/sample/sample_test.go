package sample

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
)

// The test's own binary is the suite under test: these are its rows.

func BenchmarkRow(b *testing.B) {
	for _, size := range []string{"1", "20"} {
		b.Run("size="+size+"/impl=good", func(b *testing.B) {
			b.ReportAllocs()
			x := 1.0
			for b.Loop() {
				x = math.Sqrt(x + 1)
			}
			b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "cpus")
			b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "cpus-want")
		})
	}
}

// behavior makes BenchmarkBad misbehave. Without it the benchmark measures nothing.
const behavior = "SAMPLE_TEST_BEHAVIOR"

func BenchmarkBad(b *testing.B) {
	b.Run("impl=bad", func(b *testing.B) {
		switch os.Getenv(behavior) {
		case "fail":
			b.Fatal("the count is wrong: 3, not 4")
		case "hang":
			time.Sleep(time.Minute)
		}
	})
}

func binary(t *testing.T) *Binary {
	t.Helper()
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each process sleeps for a second at its end
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Binary{Path: self, Dir: ".", Patience: 20 * time.Second, Root: os.DirFS("/")}
}

func TestList(t *testing.T) {
	b := binary(t)
	rows, err := b.List(context.Background(), "Row/size=.*/impl=good")
	want := []plan.Row{"BenchmarkRow/size=1/impl=good", "BenchmarkRow/size=20/impl=good"}
	if err != nil || !slices.Equal(rows, want) {
		t.Errorf("got %v, %v; want %v", rows, err, want)
	}
	if rows, err := b.List(context.Background(), "NoSuchThing"); err != nil || len(rows) != 0 {
		t.Errorf("no match: %v, %v", rows, err)
	}
	if _, err := b.List(context.Background(), "Row/*"); !errors.Is(err, ErrPattern) {
		t.Errorf("a bad pattern: %v", err)
	}
}

func TestTake(t *testing.T) {
	for _, cpus := range []int{1, 2} {
		item := plan.Item{Row: "BenchmarkRow/size=20/impl=good", CPUs: cpus}
		s, err := binary(t).Take(context.Background(), item, 5*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if want := full(item) + " "; !strings.HasPrefix(s.Line, want) {
			t.Errorf("%q doesn't begin with %q", s.Line, want)
		}
		for _, unit := range []string{" ns/op", " cpus", " 0 allocs/op"} {
			if !strings.Contains(s.Line, unit) {
				t.Errorf("%q lacks %q", s.Line, unit)
			}
		}
		if strings.Contains(s.Line, "cpus-want") {
			t.Errorf("%q keeps cpus-want", s.Line)
		}
		if s.Want != float64(cpus) || s.CPUs != float64(cpus) || s.Allocates {
			t.Errorf("cpus %v of %v, allocates: %v", s.CPUs, s.Want, s.Allocates)
		}
	}
}

func TestTakeFails(t *testing.T) {
	bad := plan.Item{Row: "BenchmarkBad/impl=bad", CPUs: 1}
	t.Run("failing", func(t *testing.T) {
		t.Setenv(behavior, "fail")
		_, err := binary(t).Take(context.Background(), bad, time.Millisecond)
		if !errors.Is(err, ErrBench) || !strings.Contains(err.Error(), "the count is wrong: 3, not 4") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("hanging", func(t *testing.T) {
		t.Setenv(behavior, "hang")
		b := binary(t)
		b.Patience = 300 * time.Millisecond
		if _, err := b.Take(context.Background(), bad, time.Millisecond); !errors.Is(err, ErrTime) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Setenv(behavior, "hang")
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(200*time.Millisecond, cancel)
		if _, err := binary(t).Take(ctx, bad, time.Millisecond); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("gone", func(t *testing.T) {
		none := plan.Item{Row: "BenchmarkGone/impl=x", CPUs: 1}
		if _, err := binary(t).Take(context.Background(), none, time.Millisecond); !errors.Is(err, ErrOutput) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBuildFails(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module x\n", "p/p_test.go": "package p\nfunc f() { undefined() }\n"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	err := Build(context.Background(), dir, "p", filepath.Join(dir, "out"))
	if err == nil || !strings.Contains(err.Error(), "undefined") {
		t.Errorf("got %v", err)
	}
}

func TestStarved(t *testing.T) {
	for name, c := range map[string]struct {
		s    Sample
		want bool
	}{
		"nothing known":             {Sample{}, false},
		"all of it":                 {Sample{CPUs: 1.99, Want: 2}, false},
		"just enough":               {Sample{CPUs: 1.9, Want: 2}, false},
		"not enough":                {Sample{CPUs: 1.89, Want: 2}, true},
		"a blocking one":            {Sample{CPUs: 0.3}, false},
		"allocates, and got half":   {Sample{CPUs: 0.5, Want: 1, Allocates: true}, true},
		"the collector's share":     {Sample{CPUs: 1.84, Want: 2, Allocates: true}, false},
		"others beside that":        {Sample{CPUs: 1.84, Want: 2, Allocates: true, Others: 0.2}, true},
		"others on a free CPU":      {Sample{CPUs: 1, Want: 1, Others: 0.5, Spare: 0.5}, false},
		"others beside a blocking":  {Sample{CPUs: 0.3, Others: 0.2}, true},
		"others within the account": {Sample{CPUs: 2, Want: 2, Others: 0.1}, false},
	} {
		if got := c.s.Starved(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNormalize(t *testing.T) {
	for _, c := range []struct {
		name string
		cpus int
		want string
	}{
		{"BenchmarkX/impl=a", 1, "BenchmarkX/impl=a-1"},
		{"BenchmarkX/impl=a-2", 2, "BenchmarkX/impl=a-2"},
	} {
		if got := Normalize(c.name, c.cpus); got != c.want {
			t.Errorf("%s at %d is %s, want %s", c.name, c.cpus, got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	item := plan.Item{Row: "BenchmarkX/impl=a", CPUs: 2}
	s, err := parse([]byte("goos: linux\nBenchmarkX/impl=a-2 \t 10\t 12.50 ns/op\t 1.5 cpus\t2 cpus-want\t7 B/op\t1 allocs/op\nPASS\n"), item)
	want := Sample{Line: "BenchmarkX/impl=a-2 10 12.5 ns/op 1.5 cpus 7 B/op 1 allocs/op", CPUs: 1.5, Want: 2, Allocates: true}
	if err != nil || s != want {
		t.Errorf("got %+v, %v; want %+v", s, err, want)
	}
	for name, out := range map[string]string{
		"nothing":     "PASS\n",
		"two":         "BenchmarkX/impl=a-2 1 1 ns/op\nBenchmarkX/impl=a-2 1 1 ns/op\n",
		"another":     "BenchmarkY/impl=a-2 1 1 ns/op\n",
		"other count": "BenchmarkX/impl=a-4 1 1 ns/op\n",
		"no numbers":  "BenchmarkX/impl=a-2 1\n",
	} {
		if _, err := parse([]byte(out), item); !errors.Is(err, ErrOutput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
