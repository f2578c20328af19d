package scaling

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"gonum.org/v1/gonum/mat"
)

const (
	enough    = 4    // numbers of processors
	resamples = 1000 // of the bootstrap
	seed      = 1
	flat      = 0.01 // relative range of throughputs that are the same
	far       = 0.25 // relative distance of a curve that isn't one of these points
)

// A Point is what was measured on one number of processors: seconds per operation, one by one.
type Point struct {
	CPUs    int
	Samples []float64
}

// median is in seconds per operation.
func (p Point) median() float64 { return median(p.Samples) }

func median(samples []float64) float64 { return stats.Sample{Xs: samples}.Quantile(0.5) }

// An Interval is an estimate with its 95 % interval.
type Interval struct{ Value, Low, High float64 }

// A Curve is the law with its parameters. It is a plain value.
type Curve struct {
	Lambda Interval // operations per second of one processor
	Sigma  Interval // contention, from 0 to 1
	Kappa  Interval // coherency, at least 0
	Misfit float64  // the largest relative distance of a point from the curve
}

// At returns the throughput on n processors, in operations per second. n is at least 1, and need not be whole.
func (c Curve) At(n float64) float64 {
	return law{c.Lambda.Value, c.Sigma.Value, c.Kappa.Value}.at(n)
}

// Peak returns the number of processors with the highest throughput; false: it never falls.
func (c Curve) Peak() (n float64, ok bool) {
	if c.Kappa.Value <= 0 || c.Sigma.Value >= 1 {
		return 0, false
	}
	return max(1, math.Sqrt((1-c.Sigma.Value)/c.Kappa.Value)), true
}

// A law is one set of parameters.
type law struct{ lambda, sigma, kappa float64 }

func (l law) at(n float64) float64 {
	return l.lambda * n / (1 + l.sigma*(n-1) + l.kappa*n*(n-1))
}

// Fit fits the law to points of at least four numbers of processors, in any order. The same points give the same curve. The
// error is one of this package's; a curve comes only without one. It takes a few milliseconds.
func Fit(points []Point) (Curve, error) {
	if err := check(points); err != nil {
		return Curve{}, err
	}
	points = slices.SortedFunc(slices.Values(points), func(a, b Point) int { return a.CPUs - b.CPUs })
	times := make([]float64, len(points))
	for i, p := range points {
		times[i] = p.median()
	}
	if err := scales(points, times); err != nil {
		return Curve{}, err
	}
	best, err := solve(points, times)
	if err != nil {
		return Curve{}, err
	}
	if best.sigma >= 1 {
		return Curve{}, fmt.Errorf("%w: the contention would be %.2f", ErrRetrograde, best.sigma)
	}
	c := Curve{Lambda: Interval{Value: best.lambda}, Sigma: Interval{Value: best.sigma}, Kappa: Interval{Value: best.kappa}}
	for i, p := range points {
		c.Misfit = max(c.Misfit, math.Abs(times[i]*best.at(float64(p.CPUs))-1))
	}
	if c.Misfit > far {
		return Curve{}, fmt.Errorf("%w: one is %.0f %% off the best curve", ErrMisfit, 100*c.Misfit)
	}
	return c, c.bootstrap(points)
}

// check refuses what is no measurement, before anything is computed of it.
func check(points []Point) error {
	seen := map[int]bool{}
	for _, p := range points {
		switch {
		case p.CPUs < 1:
			return fmt.Errorf("%w: %d CPUs", ErrValue, p.CPUs)
		case seen[p.CPUs]:
			return fmt.Errorf("%w: %d CPUs come twice", ErrValue, p.CPUs)
		case len(p.Samples) == 0:
			return fmt.Errorf("%w: no sample on %d CPUs", ErrValue, p.CPUs)
		}
		seen[p.CPUs] = true
		for _, s := range p.Samples {
			if !(s > 0) || math.IsInf(1/s, 0) || math.IsInf(s, 0) {
				return fmt.Errorf("%w: %v seconds per operation on %d CPUs", ErrValue, s, p.CPUs)
			}
		}
	}
	if len(points) < enough {
		return fmt.Errorf("%w: %d, and %d are needed", ErrFew, len(points), enough)
	}
	return nil
}

// scales refuses what gains nothing from a further processor. Points rise.
func scales(points []Point, times []float64) error {
	fastest, slowest := slices.Min(times), slices.Max(times)
	switch {
	case slowest-fastest <= flat*slowest:
		return ErrFlat
	case times[0] <= fastest*(1+flat):
		return fmt.Errorf("%w: the most is done on %d", ErrRetrograde, points[0].CPUs)
	}
	return nil
}

var errSingular = errors.New("singular")

// solve returns the law with the least squares.
//
// Unbounded, it is the minimum if it is within the bounds, for the problem is convex; else the minimum lies on a bound.
func solve(points []Point, times []float64) (law, error) {
	best, least := law{}, math.Inf(1)
	for _, terms := range [][]term{{contention, coherency}, {contention}, {coherency}, {}} {
		l, squares, err := squares(points, times, terms)
		if err != nil || !(l.lambda > 0) || l.sigma < 0 || l.kappa < 0 {
			continue
		}
		if squares < least {
			best, least = l, squares
		}
		if len(terms) == 2 {
			break
		}
	}
	if math.IsInf(least, 1) || math.IsInf(best.lambda, 1) || math.IsNaN(best.sigma+best.kappa) {
		return law{}, fmt.Errorf("%w: no throughput that is a number", ErrMisfit)
	}
	return best, nil
}

// A term is one that may be left out of the sum.
type term int

const (
	contention term = iota
	coherency
)

func (t term) at(n float64) float64 {
	if t == contention {
		return n - 1
	}
	return n * (n - 1)
}

// squares fits the linear form with those terms: each row is n/X(n) by itself, so that errors are relative.
func squares(points []Point, times []float64, terms []term) (law, float64, error) {
	a := mat.NewDense(len(points), 1+len(terms), nil)
	ones := mat.NewVecDense(len(points), nil)
	for i, p := range points {
		n := float64(p.CPUs)
		y := n * times[i]
		ones.SetVec(i, 1)
		a.Set(i, 0, 1/y)
		for j, t := range terms {
			a.Set(i, 1+j, t.at(n)/y)
		}
	}
	var x, left mat.VecDense
	var ill mat.Condition
	if err := x.SolveVec(a, ones); err != nil && !errors.As(err, &ill) {
		return law{}, 0, errSingular
	}
	left.MulVec(a, &x)
	left.SubVec(&left, ones)
	l := law{lambda: 1 / x.AtVec(0)}
	for j, t := range terms {
		if value := x.AtVec(1+j) * l.lambda; t == contention {
			l.sigma = value
		} else {
			l.kappa = value
		}
	}
	return l, mat.Dot(&left, &left), nil
}

// bootstrap fills in the intervals. A draw without a fit, which noise can make, counts for nothing; when most are such,
// nothing can be said.
func (c *Curve) bootstrap(points []Point) error {
	var found [3][]float64
	random := rand.New(rand.NewPCG(seed, uint64(len(points))))
	times := make([]float64, len(points))
	for range resamples {
		for i, p := range points {
			times[i] = redrawn(random, p.Samples)
		}
		l, err := solve(points, times)
		if err != nil {
			continue
		}
		for i, x := range [3]float64{l.lambda, l.sigma, l.kappa} {
			found[i] = append(found[i], x)
		}
	}
	if len(found[0]) < resamples/2 {
		return fmt.Errorf("%w: most draws of their samples have no curve", ErrMisfit)
	}
	for i, v := range [3]*Interval{&c.Lambda, &c.Sigma, &c.Kappa} {
		*v = around(v.Value, found[i])
	}
	return nil
}

// redrawn is the median of as many samples, drawn with replacement.
func redrawn(random *rand.Rand, samples []float64) float64 {
	drawn := make([]float64, len(samples))
	for i := range drawn {
		drawn[i] = samples[random.IntN(len(samples))]
	}
	return median(drawn)
}

// around is the middle 95 % of what was found, and always has the value in it.
func around(value float64, found []float64) Interval {
	s := stats.Sample{Xs: found}
	return Interval{value, min(value, s.Quantile(0.025)), max(value, s.Quantile(0.975))}
}
