package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fencert/fencert/bench/internal/machine"
	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/rounds"
	"github.com/fencert/fencert/bench/internal/sample"
	"github.com/fencert/fencert/bench/internal/tables"
)

// Directories below the checkout.
const (
	benchDir   = "bench"
	resultsDir = "results"
)

// fewest samples can show a difference.
const fewest = 5

func benchPath(repo string) string { return filepath.Join(repo, benchDir) }

// measure is the verb run.
func (a *app) measure(ctx context.Context, o *options) (err error) {
	tmp, err := os.MkdirTemp("", "fencebench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	binary := filepath.Join(tmp, "bench.test")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if binary, err = filepath.Abs(binary); err != nil {
		return err
	}
	a.remark("building the suite")
	s, err := a.build(ctx, a.repo, binary)
	if err != nil {
		return err
	}
	items, err := a.choose(ctx, s, o)
	if err != nil {
		return err
	}
	p := &plan.Plan{Items: items, Rounds: o.count, Seed: o.seed, BenchTime: o.benchTime}
	a.announce(p, o)

	header := machine.Describe(ctx, machine.Source{Root: os.DirFS("/"), Repo: a.repo, Binary: binary, Getenv: os.Getenv}).
		Add("seed", strconv.FormatUint(o.seed, 10)).
		Add("count", strconv.Itoa(o.count)).
		Add("benchtime", o.benchTime.String())
	folder := results.New(a.target(o.out),
		results.Name(a.now(), header.Get("commit"), runtime.GOOS, runtime.GOARCH, header.Get("cpu")))
	shown := &progress{out: a.err, terminal: a.terminal, now: a.now}
	run := rounds.Run{
		Plan: p, Taker: s, Gate: a.gate, Keeper: folder,
		Header: header.String() + "\n",
		PSI:    func() string { return machine.PSI(os.DirFS("/")) },
		Tell:   shown.tell, Now: a.now,
	}
	outcome, err := run.Do(ctx)
	shown.clear()
	err = errors.Join(err, folder.Close())
	return a.finish(folder, outcome, p, o, err)
}

// choose finds the rows to measure and pairs them with CPU counts.
func (a *app) choose(ctx context.Context, s suite, o *options) ([]plan.Item, error) {
	pattern := o.bench
	switch {
	case o.full:
		pattern = "."
	case pattern == "":
		pattern = plan.Pattern(plan.Default)
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
		items = plan.Choose(rows, plan.Default, o.cpus)
	}
	if len(items) == 0 {
		return nil, misuse("no benchmark matches %q", pattern)
	}
	unit, err := s.List(ctx, plan.Pattern([]plan.Pick{plan.Unit}))
	return plan.WithUnit(items, unit), err
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
	a.remark("%d samples of %v in %d rounds, about %v; seed %d",
		p.Samples(), p.BenchTime, p.Rounds, p.Estimate().Round(time.Second), o.seed)
}

func join(cpus []int) string {
	var s []string
	for _, n := range cpus {
		s = append(s, strconv.Itoa(n))
	}
	return strings.Join(s, ", ")
}

// finish prints what was measured, be it all or not, and says where it is kept and how
// to go on.
func (a *app) finish(folder *results.Folder, outcome rounds.Outcome, p *plan.Plan, o *options, cause error) error {
	path := folder.Path()
	if path == "" {
		if cause == nil {
			return errors.New("no sample got the CPUs it needs: other processes are too busy")
		}
		return cause
	}
	err := errors.Join(cause, a.show(folder))
	a.remark("kept: %s", path)
	if cause != nil {
		a.remark("%d of %d samples were taken. Tables again: ./benchstat.sh table %s\nThe same run again: %s",
			outcome.Kept, p.Samples(), quote(path), o.again())
	}
	return err
}

func (a *app) show(folder *results.Folder) error {
	log, err := results.Read(folder.Path())
	if err != nil {
		return err
	}
	text, err := tables.Render(log)
	if err != nil {
		return err
	}
	return errors.Join(folder.WriteTables(text), a.print(text))
}
