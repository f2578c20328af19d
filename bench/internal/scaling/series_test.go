package scaling

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/results"
)

// file reads a made-up file of results.
func file(t *testing.T, header string, lines ...string) *results.Log {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bench.txt")
	if err := os.WriteFile(path, []byte(header+"\n"+strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	log, err := results.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// rowOn is a row measured thrice on each number of processors.
func rowOn(name string, ns func(cpus int) float64, cpus ...int) (lines []string) {
	for _, n := range cpus {
		for k := range 3 {
			lines = append(lines, fmt.Sprintf("Benchmark%s-%d 100 %g ns/op 1 cpus", name, n, ns(n)*(1+float64(k)/1000)))
		}
	}
	return lines
}

func TestRead(t *testing.T) {
	half := func(n int) float64 { return 80 / float64(n) }
	contended := func(n int) float64 { return 80 * (1 + 0.1*float64(n-1)) / float64(n) }
	lines := rowOn("Lifecycle/callbacks=8/impl=lockfree", half, 1, 2, 4, 8, 16)
	lines = append(lines, rowOn("Lifecycle/callbacks=8/impl=mutex", contended, 8, 4, 2, 1)...)
	lines = append(lines, rowOn("Lifecycle/callbacks=0/impl=mutex", half, 2, 4)...)
	lines = append(lines, rowOn("Seqno/goroutines=2/impl=mutex", half, 1, 2)...)
	lines = append(lines, rowOn("CrossCore/impl=mutex", half, 2, 4)...)
	lines = append(lines, rowOn("AtomicAdd/impl=limit", half, 1)...)
	lines = append(lines, "BenchmarkWake/strategy=park/impl=mutex-2 1 3 p50-ns", "BenchmarkOdd 1 2 ns/op")
	all, own := Read(file(t, "cpus: 8\n", lines...))
	if len(all) != 3 || strings.Join(own, " ") != "CrossCore Seqno/goroutines=2" {
		t.Fatalf("%d series, left out %q", len(all), own)
	}
	if s := all[0]; s.Row() != "Lifecycle/callbacks=0" || !errors.Is(s.NoBase, ErrNoBase) || s.Speedups != nil || !errors.Is(s.NoCurve, ErrFew) {
		t.Errorf("without one CPU: %+v", s)
	}
	free := all[1]
	if free.Impl != "lockfree" || len(free.Points) != 5 || free.NoCurve != nil || free.Curve.Sigma.Value > 1e-3 {
		t.Errorf("ideal: %+v", free)
	}
	if u := free.Speedups[3]; u.CPUs != 8 || !near(u.Times.Value, 8, 0.01) || !near(u.Efficiency, 1, 0.01) || u.Oversubscribed ||
		!(u.Times.Low < u.Times.Value && u.Times.Value < u.Times.High) {
		t.Errorf("on 8: %+v", u)
	}
	if u := free.Speedups[4]; !u.Oversubscribed || free.Speedups[0].Times != (Interval{1, 1, 1}) {
		t.Errorf("on 16 of 8: %+v", u)
	}
	if s := all[2]; s.Impl != "mutex" || s.NoCurve != nil || !near(s.Curve.Sigma.Value, 0.1, 0.01) {
		t.Errorf("contended: %+v", s)
	}

	text := Table(all, own)
	for _, want := range []string{"8 CPUs ", "16 CPUs*", "8.00 [7.98, 8.02] 100 %", "no samples on 1 CPU", "κ 0 ", "none: too few CPU counts", "Left out", "* more goroutines"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestOversubscribedPointsFitNothing: with one point on more goroutines than processors there are three left.
func TestOversubscribedPointsFitNothing(t *testing.T) {
	lines := rowOn("Poll/impl=x", func(n int) float64 { return 9 / float64(n) }, 1, 2, 4, 8)
	if all, _ := Read(file(t, "cpus: 8\n", lines...)); all[0].NoCurve != nil {
		t.Errorf("on 8: %v", all[0].NoCurve)
	}
	if all, _ := Read(file(t, "cpus: 4\n", lines...)); !errors.Is(all[0].NoCurve, ErrFew) {
		t.Errorf("on 4: %v", all[0].NoCurve)
	}
	all, _ := Read(file(t, "", lines...))
	if !errors.Is(all[0].NoCurve, ErrMachine) || len(all[0].Speedups) != 4 || all[0].Speedups[3].Oversubscribed {
		t.Errorf("on an unknown machine: %+v", all[0])
	}
}

// TestNoColumnForNothing: where no row has enough CPU counts it is said once.
func TestNoColumnForNothing(t *testing.T) {
	all, own := Read(file(t, "cpus: 8\n", rowOn("Poll/impl=x", func(n int) float64 { return 9 / float64(n) }, 1, 2)...))
	if text := Table(all, own); strings.Contains(text, "none: ") || !strings.Contains(text, "that takes 4 CPU counts") || !strings.Contains(text, "2.00 [") {
		t.Error(text)
	}
}

// TestZeroIsNoBase: what took no time has no speed-up.
func TestZeroIsNoBase(t *testing.T) {
	all, _ := Read(file(t, "cpus: 8\n", "BenchmarkX/impl=a-1 1 0 ns/op", "BenchmarkX/impl=a-2 1 3 ns/op"))
	if len(all) != 1 || !errors.Is(all[0].NoBase, ErrValue) || !errors.Is(all[0].NoCurve, ErrValue) {
		t.Errorf("%+v", all)
	}
	if text := Table(all, nil); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error(text)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"Lifecycle/callbacks=1/impl=mutex-2":  "Lifecycle callbacks=1 mutex 2",
		"TimelinePoll/impl=noop-16":           "TimelinePoll  noop 16",
		"Advance/step=64/armed=none/impl=x-1": "Advance step=64/armed=none x 1",
		"Bare-4":                              "Bare   4",
	} {
		if s, n, ok := split(name); !ok || fmt.Sprint(s.Bench, " ", s.Keys, " ", s.Impl, " ", n) != want {
			t.Errorf("%s: %+v, %d", name, s, n)
		}
	}
	for _, name := range []string{"X/impl=a", "X/impl=a-", "X-0", "X-b"} {
		if s, n, ok := split(name); ok {
			t.Errorf("%s: %+v, %d", name, s, n)
		}
	}
	if compareNames("A/n=9", "A/n=10") >= 0 || compareNames("A", "B") >= 0 || compareNames("A/n=x", "A/n=10") <= 0 {
		t.Error("names are not in order")
	}
}
