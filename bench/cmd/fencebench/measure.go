package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/fencert/fencert/bench/internal/doctor"
	"github.com/fencert/fencert/bench/internal/machine"
	"github.com/fencert/fencert/bench/internal/noise"
	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/rounds"
	"github.com/fencert/fencert/bench/internal/sample"
	"github.com/fencert/fencert/bench/internal/tables"
	"github.com/fencert/fencert/bench/internal/verdict"
)

// Directories below the checkout.
const (
	benchDir   = "bench"
	resultsDir = "results"
)

func benchPath(repo string) string { return filepath.Join(repo, benchDir) }

// binaryIn is the path of the binary that is built in a directory.
func binaryIn(dir string) (string, error) {
	name := "bench.test"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Abs(filepath.Join(dir, name))
}

// measure is the verb run.
func (a *app) measure(ctx context.Context, o *options) (err error) {
	target := a.target(o.out)
	if err := results.Check(target); err != nil {
		return err
	}
	found := a.examine() // before building, which is work too
	a.warn(found)
	tmp, err := os.MkdirTemp("", "fencebench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	binary, err := binaryIn(tmp)
	if err != nil {
		return err
	}
	a.remark("building the suite")
	s, err := a.build(ctx, a.repo, binary)
	if err != nil {
		return err
	}
	pinned(s, o.pin)
	items, err := a.choose(ctx, s, o)
	if err != nil {
		return err
	}
	p := &plan.Plan{Items: items, Rounds: o.count, Seed: o.seed, BenchTime: o.benchTime, Costs: costs(s)}
	header := a.describe(ctx, a.repo, binary, o)
	print := fingerprint(binary)
	side := rounds.Side{Taker: s, Header: fmt.Sprintf("%s\n%s%s binary=%s\n", header.Add("seed", strconv.FormatUint(o.seed, 10)), runNote, o.asked(), print)}
	var (
		folder *results.Folder
		from   rounds.Point
	)
	if e, ok := a.unfinished(target, header, o, print); ok {
		folder, p.Seed = e.folder, e.seed
		from = rounds.PointOf(e.text, p)
		side.Header = fmt.Sprintf("%sresumed: after %d samples, on %s\n", results.NotePrefix, from.Kept, a.now().UTC().Format(time.RFC3339))
		a.remark("going on with %s, which has %d of %d samples; --fresh begins anew", folder.Path(), from.Kept, p.Samples())
	} else {
		folder = results.New(target, results.Name(a.now(), header.Get("commit"), runtime.GOOS, runtime.GOARCH, header.Get("cpu")))
	}
	side.Keeper = folder
	a.announce(p, o)
	outcome, err := a.carryOut(ctx, p, from, side)
	return a.finish(folder, outcome, p, o, found, err)
}

// pinned has a suite keep its samples on as many processors as they are measured on.
func pinned(s suite, pin bool) {
	if b, ok := s.(*sample.Binary); ok {
		b.Pin = pin
	}
}

// costs are what a suite knows of how long its rows take to set up.
func costs(s suite) map[plan.Row]time.Duration {
	if b, ok := s.(interface {
		Costs() map[plan.Row]time.Duration
	}); ok {
		return b.Costs()
	}
	return nil
}

// describe returns the header of a run, all but the seed.
func (a *app) describe(ctx context.Context, repo, binary string, o *options) machine.Header {
	header := machine.Describe(ctx, machine.Source{Root: os.DirFS("/"), Repo: repo, Binary: binary, Getenv: os.Getenv}).
		Add("count", strconv.Itoa(o.count)).
		Add("benchtime", o.benchTime.String())
	if o.pin {
		header = header.Add("pin", "yes")
	}
	return header
}

// carryOut measures what is left of a plan from a point on.
func (a *app) carryOut(ctx context.Context, p *plan.Plan, from rounds.Point, sides ...rounds.Side) (rounds.Outcome, error) {
	shown := &progress{out: a.err, terminal: a.terminal, now: a.now}
	run := rounds.Run{
		Plan: p, Sides: sides, Gate: a.gate, From: from,
		PSI:  func() string { return machine.PSI(os.DirFS("/")) },
		Tell: shown.tell, Now: a.now,
	}
	outcome, err := run.Do(ctx)
	shown.clear()
	return outcome, err
}

// finish prints what was measured, be it all or not, and says where it is kept and how
// to go on.
func (a *app) finish(folder *results.Folder, outcome rounds.Outcome, p *plan.Plan, o *options, found []doctor.Finding, cause error) error {
	path := folder.Path()
	if path == "" {
		if cause == nil {
			return errors.New("no sample got the CPUs it needs: other processes are too busy")
		}
		return cause
	}
	text, err := derive(folder, found, cause == nil)
	if err == nil {
		err = a.print(text)
	}
	err = errors.Join(cause, err)
	a.remark("kept: %s", path)
	if cause != nil {
		a.remark("%d of %d samples were taken. Tables again: ./benchstat.sh table %s\nThe same command goes on: %s",
			outcome.Kept, p.Samples(), quote(path), o.again())
	}
	return err
}

// derive closes a folder and stores in it what is made from its bench file, and what the doctor found. It returns
// the tables.
func derive(folder *results.Folder, found []doctor.Finding, complete bool) (string, error) {
	log, err := results.Read(folder.Path())
	if err != nil {
		return "", errors.Join(err, folder.Close())
	}
	if moved := verdict.Moved(log); complete && moved != "" {
		log.Notes = append(log.Notes, moved)
		if err := folder.Append(results.NotePrefix + moved + "\n"); err != nil {
			return "", errors.Join(err, folder.Close())
		}
	}
	if err := folder.Close(); err != nil {
		return "", err
	}
	text, err := tables.Render(log)
	if err != nil {
		return "", err
	}
	floors, err := noise.Measure(log.Results).Encode()
	if err != nil {
		return "", err
	}
	findings, err := doctor.Encode(found)
	if err != nil {
		return "", err
	}
	return text, errors.Join(folder.WriteTables(text), folder.Put(noise.File, floors), folder.Put(doctor.File, findings))
}
