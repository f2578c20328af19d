package noise

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/perf/benchfmt"
)

func TestOf(t *testing.T) {
	for name, c := range map[string]struct {
		samples []float64
		want    float64
		ok      bool
	}{
		"too few":          {[]float64{1, 2, 3, 4, 5}, 0, false},
		"all equal":        {[]float64{7, 7, 7, 7, 7, 7}, 0, true},
		"all zero":         {[]float64{0, 0, 0, 0, 0, 0}, 0, true},
		"two levels":       {[]float64{1, 1, 1, 1.1, 1.1, 1.1}, 0.1, true},
		"by hand":          {[]float64{1, 1.1, 1.3, 1.6, 2, 2.5, 3.1, 3.8}, 1.333333333333333, true}, // the 67th of 70 ways
		"order is nothing": {[]float64{1.1, 1, 1.1, 1, 1.1, 1}, 0.1, true},
		"one outlier":      {[]float64{1, 1, 1, 1, 1, 50}, 0, true},
		"mostly zero":      {[]float64{0, 0, 0, 3, 3, 3}, 0, false},
	} {
		got, ok := Of(c.samples)
		if ok != c.ok || ok && math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: floor %v, %v; want %v, %v", name, got, ok, c.want, c.ok)
		}
	}
}

// The promise: of runs that differ in nothing, 95 % have medians no further apart than the floor of
// either says, at least; a floor that is many times too large would keep it as well, and be useless.
func TestPromise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	run := func(n int) (samples []float64) {
		for range n {
			samples = append(samples, 100*math.Exp(0.02*r.NormFloat64()))
		}
		return samples
	}
	for _, n := range []int{6, 8, 10, 20} {
		runs := 200
		if testing.Short() {
			runs = 30
		}
		kept, sum := 0, 0.0
		for range runs {
			a, b := run(n), run(n)
			fa, okA := Of(a)
			fb, okB := Of(b)
			if !okA || !okB {
				t.Fatal("no floor")
			}
			floor := max(fa, fb)
			sum += floor
			slices.Sort(a)
			slices.Sort(b)
			if x, y := median(a), median(b); max(x/y, y/x)-1 <= floor {
				kept++
			}
		}
		if kept < runs*9/10 {
			t.Errorf("n=%d: %d of %d pairs of equal runs are within their floor", n, kept, runs)
		}
		if mean := sum / float64(runs); mean > 0.08 {
			t.Errorf("n=%d: samples that scatter by 2 %% have a floor of %.1f %%", n, 100*mean)
		}
	}
}

func TestHalves(t *testing.T) {
	for n, want := range map[int]int{6: 20, 7: 35, 10: 252, 12: 924, 14: deals, 40: deals} {
		ways := 0
		halves(n, func(first []int) {
			ways++
			s := slices.Sorted(slices.Values(first))
			if len(s) != n/2 || len(slices.Compact(s)) != n/2 || s[0] < 0 || s[len(s)-1] >= n {
				t.Fatalf("n=%d: a half is %v", n, first)
			}
		})
		if ways != want {
			t.Errorf("n=%d: %d ways, want %d", n, ways, want)
		}
	}
}

func TestFile(t *testing.T) {
	var list []*benchfmt.Result
	for i := range 6 {
		list = append(list, &benchfmt.Result{
			Name: benchfmt.Name("X/impl=a-1"), Values: []benchfmt.Value{{Value: float64(100 + i%2), Unit: "sec/op"}, {Value: 0, Unit: "allocs/op"}},
		})
	}
	list = append(list, &benchfmt.Result{Name: benchfmt.Name("X/impl=b-1"), Values: []benchfmt.Value{{Value: 1, Unit: "sec/op"}}})
	f := Measure(list)
	want := []Row{{"BenchmarkX/impl=a-1", "allocs/op", 6, 0}, {"BenchmarkX/impl=a-1", "sec/op", 6, f.Rows[1].Floor}}
	if !slices.Equal(f.Rows, want) || math.Abs(f.Rows[1].Floor-0.01) > 1e-9 {
		t.Errorf("floors are %+v", f.Rows)
	}
	text, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(text)
	if err != nil || !slices.Equal(again.Rows, f.Rows) {
		t.Errorf("read again: %+v, %v", again, err)
	}
	for _, bad := range []string{"", "{", `{"schema":2}`, `[]`, `{"rows":[]}`} {
		if _, err := Decode([]byte(bad)); !errors.Is(err, ErrFile) {
			t.Errorf("Decode(%q): %v", bad, err)
		}
	}
}
