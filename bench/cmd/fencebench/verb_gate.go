package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/rounds"
)

// underTest is the implementation that gate measures when no rows are named: the others don't
// use what this module builds.
const underTest = "lockfree"

// workingTree stands for the checkout as it is, where a revision could stand.
const workingTree = "the working tree"

// compareBuilds is the verb gate: it judges NEW, a revision or the working tree, by BASE. Both
// are built, and their samples taken in the same rounds, one right after the other. Two files are
// compared as compare does it.
func (a *app) compareBuilds(ctx context.Context, args []string) error {
	o := newOptions(gateCount)
	f := o.flags("gate")
	f.BoolVar(&o.mixed, "mixed", false, "")
	names, err := o.parse(f, args)
	if err != nil {
		return err
	}
	switch len(names) {
	case 1:
		names = append(names, workingTree)
	case 2:
		if exists(a.source(names[0])) && exists(a.source(names[1])) {
			return a.compareFiles(names[0], names[1], o)
		}
	default:
		return misuse("gate takes a base and, unless it is the working tree, what is judged by it")
	}
	err = a.gateRevisions(ctx, names, o)
	if code := verdictCode(0); err == nil || errors.As(err, &code) || errors.Is(err, context.Canceled) {
		return err
	}
	return badInput{err}
}

// gateRevisions measures two revisions side by side and judges the second.
func (a *app) gateRevisions(ctx context.Context, names []string, o *options) (err error) {
	target, kept, err := a.gatePlace(o)
	if err != nil {
		return err
	}
	defer func() { a.tidy(target, kept, err == nil) }()
	a.warn(a.examine())
	tmp, err := os.MkdirTemp("", "fencebench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	var builds []*build
	for i, name := range names {
		b, err := a.prepare(ctx, name, filepath.Join(tmp, strconv.Itoa(i)), o)
		if b != nil {
			defer b.remove()
		}
		if err != nil {
			return err
		}
		builds = append(builds, b)
	}
	items, err := a.inBoth(ctx, builds, o)
	if err != nil {
		return err
	}
	p := &plan.Plan{Items: items, Rounds: o.count, Seed: o.seed, BenchTime: o.benchTime, Builds: len(builds), Costs: costs(builds[0].suite)}
	a.announce(p, o)
	return a.gateBuilds(ctx, p, target, builds, o)
}

// gateBuilds carries the plan out and judges what it brought.
func (a *app) gateBuilds(ctx context.Context, p *plan.Plan, target string, builds []*build, o *options) error {
	var (
		sides   []rounds.Side
		folders []*results.Folder
	)
	for _, b := range builds {
		name := results.Name(a.now(), b.header.Get("commit"), runtime.GOOS, runtime.GOARCH, b.header.Get("cpu"))
		folder := results.New(target, name+"-"+b.role)
		folders = append(folders, folder)
		sides = append(sides, rounds.Side{
			Taker: b.suite, Keeper: folder,
			Header: b.header.Add("seed", strconv.FormatUint(o.seed, 10)).String() + "\n" + results.NotePrefix + b.role + " of a gate: " + b.name + "\n",
		})
	}
	_, err := a.carryOut(ctx, p, rounds.Point{}, sides...)
	var logs []*results.Log
	for _, f := range folders {
		if f.Path() == "" {
			return errors.Join(err, errors.New("no sample got the CPUs it needs: other processes are too busy"), f.Close())
		}
		_, closing := derive(f, nil, err == nil)
		log, reading := results.Read(f.Path())
		if err = errors.Join(err, closing, reading); log != nil {
			logs = append(logs, log)
		}
	}
	if err != nil {
		return err
	}
	rep, err := judge(logs[0], logs[1], o)
	if err != nil {
		return err
	}
	return a.answer(rep)
}

// gatePlace returns where samples go: where the user said, else to a directory of their own that is removed
// after a good end.
func (a *app) gatePlace(o *options) (target string, kept bool, err error) {
	if o.out != "" {
		target = a.target(o.out)
		return target, true, results.Check(target)
	}
	target, err = os.MkdirTemp("", "benchstat-gate-")
	return target, false, err
}

// tidy removes samples that nobody asked for, unless there is something to look at.
func (a *app) tidy(target string, kept, good bool) {
	left, err := os.ReadDir(target)
	switch {
	case err != nil:
	case kept || !good && len(left) > 0:
		if len(left) > 0 {
			a.remark("kept: %s", target)
		}
	default:
		_ = os.RemoveAll(target) // below the system's own place for what may be lost
	}
}
