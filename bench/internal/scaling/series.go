package scaling

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/fencert/fencert/bench/internal/results"
)

// A Series is one implementation of one row on several numbers of processors.
type Series struct {
	Bench string // "Lifecycle"
	Keys  string // "callbacks=1", several joined by "/", or nothing
	Impl  string

	Points  []Point // rising
	Machine int     // its processors; 0: unknown

	// Speedups are those of Points; nil, with the reason in NoBase, where nothing was measured on one.
	Speedups []Speedup
	NoBase   error

	// Curve is valid where NoCurve is nil.
	Curve   Curve
	NoCurve error
}

// A Speedup is how many times as much is done on so many processors as on one.
type Speedup struct {
	CPUs           int
	Times          Interval
	Efficiency     float64 // Times by CPUs
	Oversubscribed bool    // more goroutines than processors
}

// Row is the name of the row, as a pattern has it.
func (s Series) Row() string {
	if s.Keys == "" {
		return s.Bench
	}
	return s.Bench + "/" + s.Keys
}

// Read returns the rows of a file that share out their operations and were measured on at least two numbers of processors, by
// name, and the names of the rows that have goroutines of their own.
func Read(log *results.Log) (all []Series, own []string) {
	machine, _ := strconv.Atoi(log.Get("cpus"))
	index := map[[3]string]int{}
	for _, r := range log.Results {
		value, ok := r.Value("sec/op")
		if !ok {
			// The reader leaves a value as it is that is the same in both units: 0.
			if value, ok = r.Value("ns/op"); !ok {
				continue
			}
		}
		s, cpus, ok := split(string(r.Name.Full()))
		if !ok {
			continue
		}
		if s.ownGoroutines() {
			if row := s.Row(); !slices.Contains(own, row) {
				own = append(own, row)
			}
			continue
		}
		key := [3]string{s.Bench, s.Keys, s.Impl}
		i, ok := index[key]
		if !ok {
			i = len(all)
			index[key] = i
			s.Machine = machine
			all = append(all, s)
		}
		all[i].add(cpus, value)
	}
	all = slices.DeleteFunc(all, func(s Series) bool { return len(s.Points) < 2 })
	for i := range all {
		all[i].judge()
	}
	slices.SortFunc(all, func(a, b Series) int {
		return cmp.Or(compareNames(a.Row(), b.Row()), cmp.Compare(a.Impl, b.Impl))
	})
	slices.SortFunc(own, compareNames)
	return all, own
}

// compareNames compares part by part, numbers at the ends of parts by size.
func compareNames(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "/"), strings.Split(b, "/"), func(a, b string) int {
		keyA, valueA, _ := strings.Cut(a, "=")
		keyB, valueB, _ := strings.Cut(b, "=")
		x, errA := strconv.ParseFloat(valueA, 64)
		y, errB := strconv.ParseFloat(valueB, 64)
		if keyA == keyB && errA == nil && errB == nil {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(a, b)
	})
}

// split takes a normalized name apart: "Lifecycle/callbacks=1/impl=mutex-2".
func split(name string) (s Series, cpus int, ok bool) {
	dash := strings.LastIndexByte(name, '-')
	if dash < 0 {
		return s, 0, false
	}
	cpus, err := strconv.Atoi(name[dash+1:])
	if err != nil || cpus < 1 {
		return s, 0, false
	}
	parts := strings.Split(name[:dash], "/")
	s.Bench = parts[0]
	keys := parts[1:]
	if n := len(keys); n > 0 {
		if impl, found := strings.CutPrefix(keys[n-1], "impl="); found {
			s.Impl, keys = impl, keys[:n-1]
		}
	}
	s.Keys = strings.Join(keys, "/")
	return s, cpus, true
}

// ownGoroutines are rows that don't share out their operations among as many goroutines as they are given processors: by name,
// or by a key that says how many there are.
func (s Series) ownGoroutines() bool {
	if slices.Contains([]string{"CrossCore", "AdvanceTwo", "GC", "Memory", "Pipeline"}, s.Bench) {
		return true
	}
	for part := range strings.SplitSeq(s.Keys, "/") {
		key, _, _ := strings.Cut(part, "=")
		if slices.Contains([]string{"goroutines", "writers", "waiters", "strategy", "rate"}, key) || part == "mode=cross" {
			return true
		}
	}
	return false
}

func (s *Series) add(cpus int, value float64) {
	i, found := slices.BinarySearchFunc(s.Points, cpus, func(p Point, n int) int { return cmp.Compare(p.CPUs, n) })
	if !found {
		s.Points = slices.Insert(s.Points, i, Point{CPUs: cpus})
	}
	s.Points[i].Samples = append(s.Points[i].Samples, value)
}

// judge computes what follows from the points.
func (s *Series) judge() {
	var fair []Point
	for _, p := range s.Points {
		if p.CPUs <= s.Machine {
			fair = append(fair, p)
		}
	}
	s.Curve, s.NoCurve = Fit(fair)
	if s.Machine < 1 {
		s.NoCurve = ErrMachine
	}
	err := check(s.Points)
	switch {
	case s.Points[0].CPUs != 1:
		s.NoBase = fmt.Errorf("%w, the fewest are %d", ErrNoBase, s.Points[0].CPUs)
		return
	case errors.Is(err, ErrValue):
		s.NoBase = err
		return
	}
	s.Speedups = speedups(s.Points, s.Machine)
}

// speedups are bootstrapped as a Curve is: both the samples on one processor and the others are drawn.
func speedups(points []Point, machine int) (list []Speedup) {
	base := points[0]
	for _, p := range points {
		up := Speedup{CPUs: p.CPUs, Oversubscribed: machine > 0 && p.CPUs > machine}
		up.Times = Interval{1, 1, 1}
		if p.CPUs > 1 {
			random := rand.New(rand.NewPCG(seed, uint64(p.CPUs)))
			found := make([]float64, resamples)
			for i := range found {
				found[i] = redrawn(random, base.Samples) / redrawn(random, p.Samples)
			}
			up.Times = around(base.median()/p.median(), found)
		}
		up.Efficiency = up.Times.Value / float64(p.CPUs)
		list = append(list, up)
	}
	return list
}
