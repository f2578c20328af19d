package scaling

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

var ladder = []int{1, 2, 4, 8, 16, 32, 64}

// made are points on a curve, with relative noise in each of so many samples.
func made(l law, cpus []int, samples int, noise float64, seed uint64) (points []Point) {
	random := rand.New(rand.NewPCG(seed, 7))
	for _, n := range cpus {
		p := Point{CPUs: n}
		for range samples {
			p.Samples = append(p.Samples, (1+noise*random.NormFloat64())/l.at(float64(n)))
		}
		points = append(points, p)
	}
	return points
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

func TestFitFindsWhatWasPutIn(t *testing.T) {
	for _, l := range []law{
		{1e8, 0, 0}, {1e8, 0.05, 0}, {5e6, 0.02, 0.0005}, {1e3, 0, 0.01}, {2e7, 0.5, 0}, {2e7, 0.9, 0.0001},
	} {
		c, err := Fit(made(l, ladder, 3, 0, 1))
		if err != nil {
			t.Errorf("%v: %v", l, err)
			continue
		}
		if !near(c.Lambda.Value/l.lambda, 1, 1e-9) || !near(c.Sigma.Value, l.sigma, 1e-9) || !near(c.Kappa.Value, l.kappa, 1e-9) {
			t.Errorf("%v: found %v", l, c)
		}
		if c.Misfit > 1e-9 || !near(c.Sigma.High-c.Sigma.Low, 0, 1e-9) || !near(c.At(4)/l.at(4), 1, 1e-9) {
			t.Errorf("%v: without noise, misfit %v and %v", l, c.Misfit, c.Sigma)
		}
	}
}

func TestFitWithNoise(t *testing.T) {
	l := law{1e7, 0.03, 0.0008}
	inside := [3]int{}
	const runs = 20
	for seed := range uint64(runs) {
		c, err := Fit(made(l, ladder, 10, 0.03, seed))
		if err != nil {
			t.Fatal(err)
		}
		if !near(c.Sigma.Value, l.sigma, 0.02) || !near(c.Kappa.Value, l.kappa, 0.0004) || !near(c.Lambda.Value/l.lambda, 1, 0.06) {
			t.Errorf("seed %d: %+v", seed, c)
		}
		for i, in := range []bool{
			c.Lambda.Low <= l.lambda && l.lambda <= c.Lambda.High,
			c.Sigma.Low <= l.sigma && l.sigma <= c.Sigma.High,
			c.Kappa.Low <= l.kappa && l.kappa <= c.Kappa.High,
		} {
			if in {
				inside[i]++
			}
		}
	}
	for i, n := range inside {
		if n < runs*7/10 { // 95 % of many; a bootstrap of ten samples is a little narrow
			t.Errorf("parameter %d is within its interval in %d of %d", i, n, runs)
		}
	}
}

func TestFitRepeats(t *testing.T) {
	points := made(law{1e7, 0.03, 0.0008}, ladder, 6, 0.05, 3)
	a, errA := Fit(points)
	points[0], points[3] = points[3], points[0]
	b, errB := Fit(points)
	if errA != nil || errB != nil || a != b {
		t.Errorf("%v and %v", a, b)
	}
	if points[0].CPUs != 8 {
		t.Error("the caller's points were sorted")
	}
}

func TestFitWithinBounds(t *testing.T) {
	// More than the ideal: the best there is within the bounds is the ideal.
	points := made(law{1e7, 0, 0}, ladder[:5], 3, 0, 1)
	for i := range points {
		for j := range points[i].Samples {
			points[i].Samples[j] /= 1 + 0.02*float64(i)
		}
	}
	c, err := Fit(points)
	if err != nil || c.Sigma.Value != 0 || c.Kappa.Value != 0 || c.Misfit < 0.01 {
		t.Errorf("%+v, %v", c, err)
	}
	if n, ok := c.Peak(); ok {
		t.Errorf("a line has its peak at %v", n)
	}
	// A negative contention would fit this better than none.
	c, err = Fit(made(law{1e7, -0.02, 0.004}, ladder[:5], 3, 0, 1))
	if err != nil || c.Sigma.Value != 0 || c.Kappa.Value <= 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestPeak(t *testing.T) {
	c, err := Fit(made(law{1e7, 0.04, 0.0024}, ladder, 3, 0, 1))
	if n, ok := c.Peak(); err != nil || !ok || !near(n, 20, 1e-6) {
		t.Errorf("the peak is at %v, %v, %v; want 20", n, ok, err)
	}
	if c.At(20) < c.At(19) || c.At(20) < c.At(21) {
		t.Error("and not the highest")
	}
}

func TestNoFit(t *testing.T) {
	l := law{1e7, 0.03, 0.0008}
	with := func(change func(points []Point)) []Point {
		points := made(l, ladder[:4], 3, 0, 1)
		change(points)
		return points
	}
	for _, c := range []struct {
		name   string
		points []Point
		want   error
	}{
		{"nothing", nil, ErrFew},
		{"two points", made(l, ladder[:2], 3, 0, 1), ErrFew},
		{"three points", made(l, ladder[:3], 9, 0, 1), ErrFew},
		{"constant", made(law{1e7, 1, 0}, ladder, 3, 0, 1), ErrFlat},
		{"nearly constant", made(law{1e7, 1, 0}, ladder, 9, 0.002, 1), ErrFlat},
		{"retrograde", made(law{1e7, 1, 0.1}, ladder, 3, 0, 1), ErrRetrograde},
		{"no such law", with(func(p []Point) { p[2].Samples = []float64{p[2].Samples[0] * 4} }), ErrMisfit},
		{"superlinear", with(func(p []Point) { p[3].Samples = []float64{p[3].Samples[0] / 9} }), ErrMisfit},
		{"zero", with(func(p []Point) { p[1].Samples[1] = 0 }), ErrValue},
		{"less", with(func(p []Point) { p[1].Samples[1] = -1e-9 }), ErrValue},
		{"NaN", with(func(p []Point) { p[1].Samples[1] = math.NaN() }), ErrValue},
		{"infinite", with(func(p []Point) { p[1].Samples[1] = math.Inf(1) }), ErrValue},
		{"denormal", with(func(p []Point) { p[1].Samples[1] = 5e-324 }), ErrValue},
		{"empty", with(func(p []Point) { p[1].Samples = nil }), ErrValue},
		{"twice", with(func(p []Point) { p[1].CPUs = 1 }), ErrValue},
		{"no CPU", with(func(p []Point) { p[1].CPUs = 0 }), ErrValue},
		{"two points, one NaN", []Point{{1, []float64{math.NaN()}}, {2, []float64{1}}}, ErrValue},
	} {
		if got, err := Fit(c.points); !errors.Is(err, c.want) || got != (Curve{}) && errors.Is(err, ErrFew) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add(1e-7, 5e-8, 3e-8, 2e-8)
	f.Add(1e300, 1e-300, 1.0, 1.0)
	f.Add(0.0, math.NaN(), math.Inf(1), -1.0)
	f.Fuzz(func(t *testing.T, a, b, c, d float64) {
		curve, err := Fit([]Point{{1, []float64{a}}, {2, []float64{b}}, {4, []float64{c}}, {8, []float64{d}}})
		if err != nil {
			return
		}
		for _, v := range []Interval{curve.Lambda, curve.Sigma, curve.Kappa} {
			if !(v.Low <= v.Value && v.Value <= v.High) || math.IsInf(v.Value, 0) || v.Value < 0 {
				t.Errorf("%+v", curve)
			}
		}
		if curve.Sigma.Value >= 1 || !(curve.At(3) > 0) || curve.Misfit > far {
			t.Errorf("%+v", curve)
		}
	})
}
