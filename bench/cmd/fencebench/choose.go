package main

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/sample"
)

// choose finds the rows to measure and pairs them with CPU counts.
func (a *app) choose(ctx context.Context, s suite, o *options) ([]plan.Item, error) {
	return a.chooseOf(ctx, s, o, plan.Default)
}

// chooseOf is choose with the rows that are measured when none are named.
func (a *app) chooseOf(ctx context.Context, s suite, o *options, picks []plan.Pick) ([]plan.Item, error) {
	pattern := o.bench
	switch {
	case o.full:
		pattern = "."
	case pattern == "":
		pattern = plan.Pattern(picks)
	}
	a.remark("listing the rows, each run once")
	rows, err := s.List(ctx, pattern)
	if errors.Is(err, sample.ErrPattern) {
		return nil, usageError{err}
	}
	if err != nil {
		return nil, err
	}
	var items []plan.Item
	if o.full || o.bench != "" {
		items = plan.Cross(rows, o.cpus)
	} else {
		items = plan.Choose(rows, picks, o.cpus)
	}
	if len(items) == 0 {
		return nil, misuse("no benchmark matches %q", pattern)
	}
	controls, err := s.List(ctx, plan.Controls(items))
	return plan.WithControls(items, controls), err
}

// announce says what is going to be measured and how long that takes.
func (a *app) announce(p *plan.Plan, o *options) {
	var covered []string
	impls := map[string][]string{}
	for _, i := range p.Items {
		name, _, _ := strings.Cut(strings.TrimPrefix(string(i.Row), "Benchmark"), "/impl=")
		seen := impls[name]
		if seen == nil {
			covered = append(covered, name)
		}
		if impl := i.Row.Impl(); len(seen) == 0 || seen[len(seen)-1] != impl {
			impls[name] = append(seen, impl)
		}
	}
	a.remark("covers, with %s CPUs:", join(o.cpus))
	for _, name := range covered {
		a.remark("  %s: %s", name, strings.Join(impls[name], ", "))
	}
	if most := o.cpus[len(o.cpus)-1]; most > runtime.NumCPU() {
		a.remark("oversubscribed: %d CPUs asked for, the machine has %d", most, runtime.NumCPU())
	}
	if full := p.Rounds * len(p.Items); p.Samples() < full {
		a.remark("long rows, of %s, are taken %d times", strings.Join(plan.Long, " and "), plan.Few)
	}
	a.remark("%d samples of %v in %d rounds, about %v, and up to %v more when others are busy; seed %d",
		p.Samples()*max(1, p.Builds), p.BenchTime, p.Rounds, p.Estimate().Round(time.Second), a.patience(p).Round(time.Second), p.Seed)
}

// patience is how much longer a run may take than it does on a quiet machine.
func (a *app) patience(p *plan.Plan) time.Duration {
	retakes := p.Estimate() / 4
	if g, ok := a.gate.(interface{ Patience() time.Duration }); ok {
		return retakes + g.Patience()
	}
	return retakes
}

func join(cpus []int) string {
	var s []string
	for _, n := range cpus {
		s = append(s, strconv.Itoa(n))
	}
	return strings.Join(s, ", ")
}
