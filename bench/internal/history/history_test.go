package history

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
)

// outlier is the spread of samples that agree but for one.
const outlier = -1

// run makes a folder: so many nanoseconds of ours and of two others, on a machine of so many CPUs.
func run(t *testing.T, day int, cpus int, kernel string, ns, mutex, channel, spread float64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), fmt.Sprintf("2026010%dT000000Z-x", day))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("cpu: X\ncpus: %d\nkernel: %s\ncommit: c%d\n\n", cpus, kernel, day)
	for i := range 6 {
		by := 1 + spread*float64(i-3)/3
		if spread == outlier {
			by = []float64{1, 1, 1, 1, 1, 4}[i]
		}
		text += fmt.Sprintf("BenchmarkX/k=1/impl=lockfree-1 1 %g ns/op\nBenchmarkX/k=1/impl=mutex-1 1 %g ns/op\n"+
			"BenchmarkX/k=1/impl=channel-1 1 %g ns/op\nBenchmarkX/k=1/impl=limit-1 1 1 ns/op\n", ns*by, mutex*by, channel*by)
	}
	if err := os.WriteFile(filepath.Join(dir, results.BenchFile), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// only returns the trail of one implementation.
func only(t *testing.T, x *schema.Index, impl string) schema.Trail {
	t.Helper()
	for _, r := range x.Rows {
		if r.Impl == impl {
			return r
		}
	}
	t.Fatalf("no trail of %s in %+v", impl, x.Rows)
	return schema.Trail{}
}

func TestIndex(t *testing.T) {
	x, err := Index([]string{
		run(t, 3, 2, "1", 20, 30, 40, 0.01), // a step from the first, over the second, which is of another machine
		run(t, 1, 2, "1", 10, 30, 40, 0.01),
		run(t, 2, 8, "1", 20, 30, 40, 0.01),
		run(t, 4, 2, "1", 20.6, 30, 40, 0.01),  // found, but less than LeastStep
		run(t, 5, 2, "1", 24, 30, 40, outlier), // found, but within its own interval
		run(t, 6, 2, "2", 2, 30, 40, 0.01),     // on another kernel
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Runs) != 6 || x.Runs[1].Machine == x.Runs[0].Machine || x.Runs[0].Machine != x.Runs[2].Machine || x.Runs[0].Time != "2026-01-01T00:00:00Z" {
		t.Errorf("runs are %+v", x.Runs)
	}
	ours := only(t, x, "lockfree")
	steps := ""
	for _, p := range ours.Points {
		switch {
		case p.Step == nil:
			steps += " -"
		default:
			steps += fmt.Sprintf(" %.2f,%v", p.Step.Change, p.Step.Condition)
		}
	}
	if want := " - - 1.00,false - - -0.92,true"; steps != want {
		t.Errorf("steps are%s, want%s", steps, want)
	}
	if len(only(t, x, "mutex").Points) != 6 || len(x.Rows) != 2 {
		t.Errorf("rows are %+v: ours and the rival are wanted", x.Rows)
	}
	if err := Check(x, []string{"a"}); !errors.Is(err, ErrRuns) {
		t.Errorf("another list of runs: %v", err)
	}
}

// TestNothingToTell: the same figures twice make no step, and three samples none either.
func TestNothingToTell(t *testing.T) {
	x, err := Index([]string{run(t, 1, 2, "1", 10, 30, 40, 0.02), run(t, 2, 2, "1", 10, 30, 40, 0.02)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range x.Rows {
		for _, p := range r.Points {
			if p.Step != nil {
				t.Errorf("%s %s: a step out of nothing: %+v", r.Row(), r.Impl, p.Step)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	if _, err := Index(nil); !errors.Is(err, results.ErrNone) {
		t.Errorf("no runs: %v", err)
	}
	broken := run(t, 1, 2, "1", 1, 2, 3, 0)
	if err := os.WriteFile(filepath.Join(broken, results.BenchFile), []byte("BenchmarkX 1 many ns/op\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Index([]string{run(t, 2, 2, "1", 1, 2, 3, 0), broken}); !errors.Is(err, results.ErrBroken) || !strings.Contains(err.Error(), broken) {
		t.Errorf("a broken run: %v", err)
	}
}
