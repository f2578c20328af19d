package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/verdict"
)

// suiteRows is how many rows the suite has, long ones left aside, with some to spare; setUp is what one of them takes to
// set up in the mean.
const (
	suiteRows = 440
	setUp     = 20 * time.Millisecond
)

func planOf(t *testing.T, items int, args ...string) *plan.Plan {
	t.Helper()
	o, err := parseOptions(args)
	if err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{Rounds: o.count, BenchTime: o.benchTime, Costs: map[plan.Row]time.Duration{}}
	for i := range items {
		r := plan.Row(fmt.Sprintf("BenchmarkX/n=%d/impl=x", i))
		p.Costs[r] = setUp
		p.Items = append(p.Items, plan.Item{Row: r, CPUs: 1})
	}
	return p
}

// On two processors a full run leaves six of its 38 minutes to long rows, and has samples enough to judge
// each row by.
func TestFullFits(t *testing.T) {
	p := planOf(t, 2*suiteRows, "--full")
	if got := p.Estimate(); got > 32*time.Minute {
		t.Errorf("%d samples are estimated to take %v", p.Samples(), got)
	}
	if n := verdict.Needed(len(p.Items)); p.Rounds < n {
		t.Errorf("%d samples, and among %d rows it takes %d to find a difference", p.Rounds, len(p.Items), n)
	}
}

// The default fits into four minutes, with 45 seconds of waiting and some for building.
func TestDefaultFits(t *testing.T) {
	items := 1 // the unit
	for _, p := range plan.Default {
		for _, cpus := range []int{1, 2} {
			if p.Only != nil && !p.Only(cpus) {
				continue
			}
			cases := 1
			if slices.ContainsFunc(p.Keys, func(k string) bool { return strings.Contains(k, "|") }) {
				cases = 3
			}
			items += cases*len(p.Impls) + 2 // controls
		}
	}
	p := planOf(t, items)
	if got := p.Estimate() + 45*time.Second + 15*time.Second; got > 4*time.Minute {
		t.Errorf("%d rows by processors are estimated to take %v", items, got)
	}
	if n := verdict.Needed(len(p.Items)); p.Rounds < n {
		t.Errorf("%d samples, and among %d rows it takes %d to find a difference", p.Rounds, len(p.Items), n)
	}
}

func TestOptions(t *testing.T) {
	o, err := parseOptions([]string{"--count", "3", "--bench", "X/impl=(a|b)", "--pin", "--cpu", "1,2"})
	if err != nil || o.count != 3 || o.benchTime != defaultBenchTime || !o.pin {
		t.Fatalf("%+v, %v", o, err)
	}
	if got, want := o.asked(), `rows="X/impl=(a|b)" cpu=1,2 count=3 benchtime=50ms pin=true`; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	if got, want := o.again(), "./benchstat.sh run --count 3 --bench 'X/impl=(a|b)' --pin --cpu 1,2"; got != want {
		t.Errorf("again: %s, want %s", got, want)
	}
	full, err := parseOptions([]string{"--full", "--benchtime", "1s"})
	if err != nil || full.count != fullCount || full.benchTime != time.Second {
		t.Errorf("%+v, %v", full, err)
	}
}
