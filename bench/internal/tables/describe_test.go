package tables

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/schema"
)

// TestDescribe: the data say what the printed tables say.
func TestDescribe(t *testing.T) {
	log := read(t, "bench.txt")
	r, err := Describe(log)
	if err != nil {
		t.Fatal(err)
	}
	printed := render(t, log)
	for _, table := range r.Tables {
		if table.Unit != "allocs/op" && !strings.Contains(printed, "\n"+table.Benchmark+", "+table.Unit+" (") {
			t.Errorf("no table %s, %s is printed", table.Benchmark, table.Unit)
		}
		for _, row := range table.Rows {
			for _, c := range row.Cells {
				if c.N == 0 || math.IsNaN(c.Median) || c.Low != nil && *c.Low > c.Median || c.High != nil && *c.High < c.Median {
					t.Errorf("%s %s: %+v", table.Benchmark, row.Case(), c)
				}
				if c.Median > 0 && table.Unit == "sec/op" && !strings.Contains(printed, strings.Fields(Spell(c.Median, table.Unit))[0]) {
					t.Errorf("%s %s of %s, %v, isn't printed", table.Benchmark, row.Case(), c.Impl, c.Median)
				}
				if (c.Impl == table.Base) != (c.Against == nil) && row.Cell(table.Base) != nil {
					t.Errorf("%s %s of %s is compared: %v", table.Benchmark, row.Case(), c.Impl, c.Against)
				}
			}
		}
	}
	s := r.Summary
	if want := fmt.Sprintf("lockfree is better in %d of %d rows, worse in %d, no difference in %d\n", s.Ahead, s.Rows, s.Behind, s.None+s.TooFew); !strings.Contains(printed, want) || s.Rows < 5 {
		t.Errorf("the summary %+v isn't that of\n%s", s, printed)
	}
}

// TestVerdicts: both ways of better, and intervals of the factor that hold it.
func TestVerdicts(t *testing.T) {
	var lines []string
	for i := range 6 {
		lines = append(lines, fmt.Sprintf("BenchmarkX/impl=lockfree-1 1 %d ns/op", 100+i), fmt.Sprintf("BenchmarkX/impl=mutex-1 1 %d ns/op", 200+i),
			fmt.Sprintf("BenchmarkY/impl=lockfree-1 1 %d commits/s", 100+i), fmt.Sprintf("BenchmarkY/impl=mutex-1 1 %d commits/s", 200+i),
			"BenchmarkZ/impl=lockfree-1 1 0 ns/op", "BenchmarkZ/impl=mutex-1 1 5 ns/op",
			"BenchmarkP/impl=lockfree-1 1 9 ns/op 5 p50-ns 6 p90-ns 7 p99-ns 8 p99.9-ns 9 max-ns 3 rate-ops/s 5 done-ops/s",
			"BenchmarkP/impl=mutex-1 1 8 ns/op 6 p50-ns 5 p90-ns 7 p99-ns 8 p99.9-ns 9 max-ns 3 rate-ops/s 4 done-ops/s")
	}
	r, err := Describe(logOf(t, append(lines, "BenchmarkF/impl=lockfree-1 1 5 ns/op", "BenchmarkF/impl=mutex-1 1 5 ns/op")...))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, v := range r.Verdicts {
		got += fmt.Sprintf("%s %s %s %.1f; ", v.Benchmark, v.Unit, v.Outcome, v.Factor)
		ratio := v.RivalMedian / v.Ours
		if strings.HasSuffix(v.Unit, "s/s") {
			ratio = 1 / ratio
		}
		if v.Low > 0 && (v.Low > ratio || v.High < ratio) {
			t.Errorf("%s: %v is not from %v to %v", v.Row(), ratio, v.Low, v.High)
		}
	}
	want := "F sec/op too few samples 1.0; P done-ops/s ahead 1.2; P p50-sec ahead 1.2; P p99-sec no difference 1.0; " +
		"X sec/op ahead 2.0; Y commits/s behind 2.0; Z sec/op ahead 0.0; "
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	if s := schema.Count(r.Verdicts); s != r.Summary || s.TooFew != 1 {
		t.Errorf("the summary is %+v", r.Summary)
	}
}

func TestUnitName(t *testing.T) {
	for unit, want := range map[string]string{
		"sec/op": "time per operation", "sec/point": "time per point", "add-sec/cb": "add time per cb", "gc-sec": "gc time",
		"p50-sec": "p50", "p99.9-sec": "p99.9", "max-sec": "maximum", "signal-cb-p99.99-sec": "signal-cb p99.99",
		"B/fence": "B/fence", "commits/s": "commits/s", "allocs/op": "allocs/op", "p-sec": "p time", "p101-sec": "p101 time",
	} {
		if got := UnitName(unit); got != want {
			t.Errorf("%s is called %q, want %q", unit, got, want)
		}
	}
}

func TestQuantity(t *testing.T) {
	for s, want := range map[string]float64{"10": 10, "10k": 1e4, "2M": 2e6, "1.5G": 1.5e9, "2us": 2e-6} {
		if got, ok := Quantity(s); !ok || math.Abs(got/want-1) > 1e-12 {
			t.Errorf("%s is %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "k", "park", "10q"} {
		if got, ok := Quantity(s); ok {
			t.Errorf("%q is %v", s, got)
		}
	}
}

// TestPercentileOrder: by what they are of, then by rank, the maximum last.
func TestPercentileOrder(t *testing.T) {
	text := render(t, logOf(t, "BenchmarkX/impl=a-1 1 9 max-ns 1 p50-ns 8 p99.99-ns 7 p99.9-ns 6 p99-ns 5 p90-ns 1 total-p50-ns"))
	last := -1
	for _, u := range []string{"p50-sec", "p90-sec", "p99-sec", "p99.9-sec", "p99.99-sec", "max-sec", "total-p50-sec"} {
		at := strings.Index(text, "X, "+u)
		if at < last {
			t.Errorf("%s comes too early in\n%s", u, text)
		}
		last = at
	}
}
