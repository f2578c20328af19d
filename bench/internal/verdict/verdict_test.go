package verdict

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"github.com/fencert/fencert/bench/internal/results"
)

// A world makes runs up: rows that scatter by a percent or two, now and then a sample that was disturbed,
// and a row a little elsewhere in each run.
type world struct {
	r       *rand.Rand
	rows, n int
	machine string
	slow    map[string]float64 // factors of rows
	drift   float64            // factor of everything
}

func (w *world) run() *results.Log {
	log := &results.Log{Path: "made up"}
	for _, key := range machineKeys {
		log.Header = append(log.Header, benchfmt.Config{Key: key, Value: []byte("x"), File: true})
	}
	if w.machine != "" {
		log.Header[2].Value = []byte(w.machine)
	}
	for i := range w.rows {
		name := fmt.Sprintf("Row%d/impl=lockfree-1", i)
		w.add(log, name, float64(20+i)*1e-9, 0.005+0.015*float64(i%3))
	}
	for _, impl := range []string{"noop", "limit"} {
		for _, bench := range []string{"Row0", "Row1", "Row2", "Row3"} {
			w.add(log, bench+"/impl="+impl+"-1", 3e-9, 0.005)
		}
	}
	w.add(log, "AtomicAdd/impl=limit-1", 2e-9, 0.005)
	return log
}

func (w *world) add(log *results.Log, name string, sec, scatter float64) {
	factor := 1.0
	if f := w.slow[name]; f != 0 {
		factor = f
	}
	if w.drift != 0 {
		factor *= w.drift
	}
	factor *= math.Exp(0.004 * w.r.NormFloat64())
	for range w.n {
		x := sec * factor * math.Exp(scatter*w.r.NormFloat64())
		if w.r.Float64() < 0.05 {
			x *= 1 + 0.3*w.r.Float64()
		}
		log.Results = append(log.Results, &benchfmt.Result{
			Config: log.Header, Name: benchfmt.Name(name), Iters: 1,
			Values: []benchfmt.Value{{Value: x, Unit: "sec/op"}, {Value: 0, Unit: "allocs/op"}, {Value: x, Unit: "p99.9-sec"}},
		})
	}
}

func newWorld(seed uint64, rows, n int) *world {
	return &world{r: rand.New(rand.NewPCG(seed, 1)), rows: rows, n: n, slow: map[string]float64{}}
}

func (w *world) compare(t *testing.T, before, after *results.Log) *Report {
	t.Helper()
	rep, err := Compare(before, after, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func find(t *testing.T, rows []Row, name, unit string) *Row {
	t.Helper()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Name == name && r.Unit == unit })
	if i < 0 {
		t.Fatalf("no row %s %s", name, unit)
	}
	return &rows[i]
}

// tries is how often something is tried, a tenth as often in a hurry.
func tries(t *testing.T, n int) int {
	t.Helper()
	if testing.Short() {
		return n / 10
	}
	return n
}

// A slowdown of 10 % in one of forty rows with twelve samples, as gate takes them, is found in nearly
// each of sixty tries.
func TestPlanted(t *testing.T) {
	tries := tries(t, 60)
	const name = "Row7/impl=lockfree-1" // scatters by 2 %
	found, others := 0, 0
	for seed := range tries {
		w := newWorld(uint64(seed), 40, 12)
		before := w.run()
		w.slow[name] = 1.10
		rep := w.compare(t, before, w.run())
		for _, r := range rep.Rows {
			switch {
			case r.Name == name && r.State == Slower:
				found++
				if rep.Code() != 1 || math.Abs(r.Effect-0.1) > 0.05 {
					t.Errorf("code %d, effect %v", rep.Code(), r.Effect)
				}
			case r.Name == name && r.Unit == "sec/op":
				t.Logf("%v %s p=%v effect=%v floor=%v", r.State, r.Why, r.Adjusted, r.Effect, r.Floor)
			case r.State == Slower || r.State == Faster:
				others++
			}
		}
	}
	if found < tries*9/10 || others > tries/20 {
		t.Errorf("found %d of %d, and %d that are none", found, tries, others)
	}
}

// The promise: at most one comparison of equal runs in twenty reports a difference. 300 comparisons of 50
// rows each; and hardly any says that it can't tell.
func TestEqualRuns(t *testing.T) {
	tries := tries(t, 300)
	wrong, cant := 0, 0
	for seed := range tries {
		w := newWorld(uint64(1000+seed), 50, 8)
		switch rep := w.compare(t, w.run(), w.run()); rep.Code() {
		case 2:
			cant++
		case 0:
			if slices.ContainsFunc(rep.Rows, func(r Row) bool { return r.State == Faster }) {
				wrong++
			}
		default:
			wrong++
		}
	}
	if wrong > tries/20 || cant > tries/10 {
		t.Errorf("of %d comparisons of equal runs %d report a difference, %d can't tell", tries, wrong, cant)
	}
	t.Logf("%d and %d of %d", wrong, cant, tries)
}

// Without the floor and the least difference, the test alone keeps the promise too: a row's own shift between
// two runs is left out here.
func TestCorrection(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	const rows, n = 60, 8
	tries := tries(t, 300)
	reported := 0
	for range tries {
		rep := &Report{}
		for range rows {
			var a, b []float64
			for range n {
				a, b = append(a, 1+r.Float64()), append(b, 1+r.Float64())
			}
			rep.Rows = append(rep.Rows, newRow(key{"Row/impl=x-1", "sec/op"}, a, b))
		}
		rep.correct()
		if slices.ContainsFunc(rep.Rows, func(r Row) bool { return r.Adjusted < Alpha }) {
			reported++
		}
	}
	// A chance of 5 % in 300 tries stays below 25 with 99 %, in 30 below 6.
	if reported > max(tries*2/25, 5) {
		t.Errorf("%d of %d reach a corrected p below %v", reported, tries, Alpha)
	}
}

func TestHolm(t *testing.T) {
	rep := &Report{}
	for _, p := range []float64{0.04, 0.01, 0.03, 0.5} {
		rep.Rows = append(rep.Rows, Row{P: p})
	}
	rep.Rows = append(rep.Rows, Row{P: 1, Equal: true})
	rep.correct()
	if rep.Counted != 4 {
		t.Errorf("%d rows counted", rep.Counted)
	}
	for i, want := range []float64{0.09, 0.04, 0.09, 0.5} {
		if got := rep.Rows[i].Adjusted; math.Abs(got-want) > 1e-9 {
			t.Errorf("p = %v is corrected to %v, want %v", rep.Rows[i].P, got, want)
		}
	}
}

func TestNeeded(t *testing.T) {
	for rows, want := range map[int]int{1: 6, 23: 6, 24: 7, 85: 7, 100: 8, 321: 8, 1000: 9, 4000: 10} {
		if got := Needed(rows); got != want {
			t.Errorf("%d rows need %d samples, want %d", rows, got, want)
		}
	}
	if p := leastP(6, 6); math.Abs(p-2.0/924) > 1e-12 {
		t.Errorf("the least p of 6 and 6 is %v", p)
	}
}

// A machine that moved gives no verdict, also when a row is slower on top of that.
func TestDrift(t *testing.T) {
	for _, drift := range []float64{0.85, 1.15} {
		w := newWorld(3, 30, 10)
		before := w.run()
		w.drift, w.slow["Row7/impl=lockfree-1"] = drift, 1.5
		rep := w.compare(t, before, w.run())
		if rep.Code() != 2 || rep.Drifted == "" || !strings.Contains(rep.Text(), "\ncan't tell: ") {
			t.Errorf("drift %v: code %d, %q\n%s", drift, rep.Code(), rep.Drifted, rep.Text())
		}
	}

	// The unit alone: what is told in multiples of it can't be told.
	u := newWorld(5, 30, 10)
	u.slow["Row7/impl=lockfree-1"] = 1
	unmoved := u.run()
	u.slow["AtomicAdd/impl=limit-1"], u.slow["Row7/impl=lockfree-1"] = 1.2, 1.5
	if rep := u.compare(t, unmoved, u.run()); rep.Code() != 2 || !strings.Contains(rep.Drifted, "AtomicAdd/impl=limit-1 moved") {
		t.Errorf("code %d, %q", rep.Code(), rep.Drifted)
	}

	// Without the unit, many controls say it together.
	w := newWorld(4, 30, 10)
	w.slow = map[string]float64{}
	before := w.run()
	w.drift = 1.08
	after := w.run()
	for _, log := range []*results.Log{before, after} {
		log.Results = slices.DeleteFunc(log.Results, func(r *benchfmt.Result) bool {
			return strings.HasPrefix(r.Name.String(), unit)
		})
	}
	if rep := w.compare(t, before, after); rep.Code() != 2 || !strings.Contains(rep.Drifted, "8 control rows") {
		t.Errorf("code %d, %q", rep.Code(), rep.Drifted)
	}
}

// Controls of one benchmark that moved take its rows out, and no others; one alone that
// moved beside one that didn't does not.
func TestControlsOfOne(t *testing.T) {
	w := newWorld(6, 10, 10)
	before := w.run()
	w.slow = map[string]float64{
		"Row0/impl=noop-1": 1.3, "Row0/impl=limit-1": 1.2, "Row0/impl=lockfree-1": 2,
		"Row1/impl=noop-1": 1.3, "Row1/impl=lockfree-1": 2,
	}
	rep := w.compare(t, before, w.run())
	if r := find(t, rep.Rows, "Row0/impl=lockfree-1", "sec/op"); r.State != CantTell {
		t.Errorf("its controls moved, and it is %v", r.State)
	}
	if r := find(t, rep.Rows, "Row1/impl=lockfree-1", "sec/op"); r.State != Slower {
		t.Errorf("one of its controls moved, and it is %v", r.State)
	}
	if rep.Code() != 1 || rep.Drifted != "" {
		t.Errorf("code %d, %q", rep.Code(), rep.Drifted)
	}
}

// A difference beyond chance and below the floor, or below the least that counts, is none.
func TestThreeConditions(t *testing.T) {
	spread := func(center, scatter float64, n int) (s []float64) {
		for i := range n {
			s = append(s, center*(1+scatter*(float64(i)/float64(n-1)-0.5)))
		}
		return s
	}
	for name, c := range map[string]struct {
		before, after []float64
		unit          string
		want          State
	}{
		"slower":                  {spread(1, 0.02, 8), spread(1.1, 0.02, 8), "sec/op", Slower},
		"faster":                  {spread(1.1, 0.02, 8), spread(1, 0.02, 8), "sec/op", Faster},
		"below the least":         {spread(1, 0.02, 8), spread(1.04, 0.02, 8), "sec/op", Same},
		"below the floor":         {[]float64{0.8, 0.8, 0.8, 0.8, 1, 1, 1, 1}, spread(1.05, 0.01, 8), "sec/op", Same},
		"not beyond chance":       {spread(1, 0.02, 8), append(spread(1.1, 0.02, 6), 1, 1), "sec/op", Same},
		"more is better":          {spread(1.1, 0.02, 8), spread(1, 0.02, 8), "done-ops/s", Slower},
		"an allocation":           {spread(0, 0, 8), spread(1, 0, 8), "allocs/op", Slower},
		"an allocation less":      {spread(1, 0, 8), spread(0, 0, 8), "allocs/op", Faster},
		"mostly none, some":       {[]float64{0, 0, 0, 0, 0, 1, 1, 1}, []float64{0, 0, 0, 0, 1, 1, 1, 1}, "allocs/op", Same},
		"equal, few":              {spread(1, 0, 4), spread(1, 0, 4), "allocs/op", Same},
		"few":                     {spread(1, 0.02, 5), spread(2, 0.02, 8), "sec/op", CantTell},
		"enough for one row, not": {spread(1, 0.02, 6), spread(1.02, 0.02, 6), "sec/op", CantTell},
	} {
		rep := &Report{}
		rep.add(newRow(key{"A/impl=x-1", c.unit}, c.before, c.after))
		for i := range 29 { // others, that make p smaller
			rep.add(newRow(key{fmt.Sprintf("B%d/impl=x-1", i), "sec/op"}, spread(1, 0.02, 8), spread(1.001, 0.02, 8)))
		}
		rep.judge()
		if got := rep.Rows[0]; got.State != c.want {
			t.Errorf("%s: %v (%s), want %v: p %v, effect %v, floor %v", name, got.State, got.Why, c.want, got.Adjusted, got.Effect, got.Floor)
		}
	}
}

func TestMachines(t *testing.T) {
	w := newWorld(7, 3, 8)
	before := w.run()
	w.machine = "another"
	after := w.run()
	if _, err := Compare(before, after, Options{}); !errors.Is(err, ErrMachines) || !strings.Contains(err.Error(), `cpu is "x", then "another"`) {
		t.Errorf("two machines: %v", err)
	}
	rep, err := Compare(before, after, Options{Mixed: true})
	if err != nil || !strings.Contains(rep.Text(), `cpu is "x", then "another"`) {
		t.Errorf("as asked for: %v", err)
	}
	mixed := &results.Log{Path: "mixed", Header: before.Header, Results: append(before.Results[:len(before.Results):len(before.Results)], after.Results...)}
	if _, err := Compare(mixed, before, Options{}); !errors.Is(err, ErrMachines) {
		t.Errorf("two machines in a file: %v", err)
	}
}

func TestNothingInCommon(t *testing.T) {
	w := newWorld(8, 2, 6)
	before, after := w.run(), w.run()
	for _, r := range after.Results {
		r.Name = benchfmt.Name("Other" + r.Name.String())
	}
	if _, err := Compare(before, after, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("got %v", err)
	}
	after = w.run()
	after.Results = append(after.Results[:6:6], after.Results[12:]...)
	after.Results[0].Name = benchfmt.Name("New/impl=x-1")
	text := w.compare(t, before, after).Text()
	for _, want := range []string{"only in old:\n  Row1/impl=lockfree-1\n", "only in new:\n  New/impl=x-1\n", "can't tell: too few samples", "run --count 6\n", "\ncan't tell\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestLongIsNotJudged(t *testing.T) {
	w := newWorld(9, 2, 6)
	before := w.run()
	w.add(before, "Pipeline/rate=1/impl=lockfree-1", 1, 0.5)
	after := w.run()
	w.add(after, "Pipeline/rate=1/impl=lockfree-1", 9, 0.5)
	rep := w.compare(t, before, after)
	if rep.Code() != 0 || !strings.Contains(rep.Text(), "not judged, with few and long samples: Pipeline\n") || !strings.Contains(rep.Text(), "\nno difference found\n") {
		t.Errorf("code %d:\n%s", rep.Code(), rep.Text())
	}
}

// Within a run: controls that moved between its halves are named, others aren't.
func TestMoved(t *testing.T) {
	w := newWorld(11, 3, 8)
	log := w.run()
	if got := Moved(log); got != "" {
		t.Errorf("a run in which nothing moved: %q", got)
	}
	seen := map[string]int{}
	for _, r := range log.Results {
		if seen[r.Name.String()]++; seen[r.Name.String()] > 4 {
			r.Values[0].Value *= 1.5
		}
	}
	got := Moved(log)
	if !strings.HasPrefix(got, "control rows moved") || !strings.Contains(got, "AtomicAdd/impl=limit-1 by +") || strings.Contains(got, "lockfree") || !strings.Contains(got, "and 5 more") {
		t.Errorf("got %q", got)
	}
}

// A row whose samples were all disturbed can't be told, and isn't left out; nor is what is missing of a
// run that was interrupted.
func TestLost(t *testing.T) {
	w := newWorld(12, 3, 8)
	before, after := w.run(), w.run()
	for _, log := range []*results.Log{before, after} {
		log.Notes = []string{
			"rejected: BenchmarkRow9/impl=lockfree-2: 12 samples without the CPUs they need, 8 not replaced",
			"rejected: BenchmarkRow9/impl=noop-2: 12 samples without the CPUs they need, 8 not replaced",
			"rejected: BenchmarkRow8/impl=lockfree-2: 2 samples without the CPUs they need, 0 not replaced",
			"rejected: BenchmarkRow1/impl=lockfree-1: 2 samples without the CPUs they need, 1 not replaced",
		}
	}
	rep := w.compare(t, before, after)
	if r := find(t, rep.Rows, "Row9/impl=lockfree-2", "sec/op"); r.State != CantTell || rep.Code() != 2 {
		t.Errorf("%v, code %d", r.State, rep.Code())
	}
	if n := len(rep.Rows); n != 2*3+1 {
		t.Errorf("%d rows", n)
	}
	if !strings.Contains(rep.Text(), "others disturbed all samples") {
		t.Errorf("%s", rep.Text())
	}

	before.Notes, after.Notes = nil, []string{"incomplete: 3 of 5 samples"}
	if rep := w.compare(t, before, after); rep.Code() != 2 || !strings.Contains(rep.Text(), "interrupted") {
		t.Errorf("code %d: %s", rep.Code(), rep.Text())
	}
	after.Notes = append(after.Notes, "resumed: after 3 samples", "complete: 5 samples in 1s")
	if rep := w.compare(t, before, after); rep.Code() != 0 {
		t.Errorf("gone on with: code %d", rep.Code())
	}
}

// What is slower stands first, and more workers than processors are marked.
func TestText(t *testing.T) {
	w := newWorld(13, 5, 8)
	before := w.run()
	w.slow["Row4/impl=lockfree-1"] = 2
	after := w.run()
	for _, log := range []*results.Log{before, after} {
		log.Header[3].Value = []byte("4") // cpus
		w.add(log, "Row0/impl=lockfree-8", 1, 0.01)
		w.add(log, "Row0/impl=lockfree-4", 1, 0.01)
	}
	text := w.compare(t, before, after).Text()
	if a, b := strings.Index(text, "\nRow4/"), strings.Index(text, "\nRow0/"); a < 0 || b < a {
		t.Errorf("what is slower isn't first:\n%s", text)
	}
	if !strings.Contains(text, "Row0/impl=lockfree-8* ") || strings.Contains(text, "lockfree-4*") || !strings.Contains(text, "* oversubscribed: more workers than the machine's 4 CPUs") {
		t.Errorf("%s", text)
	}
}
