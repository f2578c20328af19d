package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A check is tests of one package.
type check struct {
	folder  string
	run     string // a pattern; "": all, but under explore those of the explorer
	explore bool
	quick   bool // with explore: a sample of schedules is all
	single  bool // run names one test
}

// only is one test of the check.
func (c check) only(test string) check {
	return check{folder: c.folder, run: "^" + test + "$", explore: c.explore, single: true}
}

func (c check) String() string {
	s := "tests"
	if c.explore {
		s = "explorer"
	}
	return s + " of " + c.folder
}

func (c check) pattern() string {
	if c.run == "" && c.explore {
		return "Explore"
	}
	return c.run
}

// An outcome is what became of a check.
type outcome struct {
	passed, unbuilt bool
	test            string // that failed
	how             string // it did: "fails", "panics", ...
	took, computed  time.Duration
	output          string
}

// A workbench runs checks.
type workbench struct {
	root   string             // the checkout
	folder string             // for what is built
	limit  time.Duration      // for one test, by the processor's clock
	sound  map[check]verified // what checks did without a fault
	// distrust: run each check that fails without the fault too.
	distrust bool
}

// verified is what a check did without a fault: nil, or why it can't be believed.
type verified struct {
	computed time.Duration
	err      error
}

// binary builds the tests of a check, with the file that overlay names, and returns where they are. Those without a fault
// are built once.
func (b *workbench) binary(c check, overlay string) (file, problem string, err error) {
	file = filepath.Join(b.folder, "mutant.test")
	if overlay == "" {
		file = filepath.Join(b.folder, strings.NewReplacer(" ", "-", "/", "-").Replace(c.String())+".test")
		if _, err := os.Stat(file); err == nil {
			return file, "", nil
		}
	}
	args := []string{"test", "-c", "-gcflags=-dwarf=false", "-ldflags=-s -w", "-o", file}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if c.explore {
		args = append(args, "-tags=explore")
	}
	build := exec.Command("go", append(args, "./"+c.folder)...)
	build.Dir = b.root
	build.Env = append(os.Environ(), "GOGC=400") // the compiler's
	out, err := build.CombinedOutput()
	return file, string(out), err
}

// overlay writes the file with the fault, and the list that makes the go command take it.
func (b *workbench) overlay(f *fault) (string, error) {
	text, err := f.mutant(b.root)
	if err != nil {
		return "", err
	}
	changed, list := filepath.Join(b.folder, "mutant.go"), filepath.Join(b.folder, "overlay.json")
	place := filepath.Join(b.root, filepath.FromSlash(f.file))
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {place: changed}})
	if err != nil {
		return "", err
	}
	return list, errors.Join(os.WriteFile(changed, []byte(text), 0o666), os.WriteFile(list, replace, 0o666))
}

// try builds and runs a check.
func (b *workbench) try(c check, overlay string) (outcome, error) {
	binary, problem, err := b.binary(c, overlay)
	if err != nil {
		if _, exited := errors.AsType[*exec.ExitError](err); exited {
			return outcome{unbuilt: true, output: problem}, nil
		}
		return outcome{}, err
	}
	if _, err := os.Stat(binary); err != nil {
		return outcome{}, fmt.Errorf("%v: it has no tests", c)
	}
	if overlay == "" {
		return b.run(binary, c, 5*b.limit) // without a fault a search may be a long one
	}
	defer os.Remove(binary)
	if !c.explore || c.single {
		return b.run(binary, c, b.limit)
	}
	// A few schedules of each test show which of them is worth a search, in seconds. What counts is the search.
	o, err := b.run(binary, c, b.limit/10, "-explore.random="+strconv.Itoa(sample), "-explore.seed=1")
	if err == nil && !o.passed && strings.HasPrefix(o.test, "Test") {
		if whole, err := b.run(binary, c.only(o.test), b.limit); err != nil || !whole.passed {
			return whole, err
		}
	}
	if err != nil || c.quick {
		return o, err
	}
	return b.run(binary, c, b.limit)
}

// sample is how many schedules of an explorer test are tried before all of them.
const sample = 400

// run runs a check that is built, with that limit for each test.
func (b *workbench) run(binary string, c check, limit time.Duration, more ...string) (outcome, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// -skip and the environment: the tests of faults that packages have themselves start the go command.
	args := []string{"-test.short", "-test.v", "-test.failfast", "-test.skip=Mutants", "-test.timeout=0", "-test.run=" + c.pattern()}
	run := exec.CommandContext(ctx, binary, append(args, more...)...)
	run.Dir = filepath.Join(b.root, filepath.FromSlash(c.folder))
	run.Env = append(os.Environ(), "FENCERT_MUTANTS=")
	run.WaitDelay = 5 * time.Second // for those that it has started and that keep its output open
	var out transcript
	run.Stdout, run.Stderr = &out, &out
	begun := time.Now()
	if err := run.Start(); err != nil {
		return outcome{}, err
	}
	why := watch(ctx, run.Process, &out, limit)
	err := run.Wait()
	o := outcome{passed: err == nil, took: time.Since(begun), output: out.text.String()}
	o.computed = run.ProcessState.UserTime() + run.ProcessState.SystemTime()
	if o.passed {
		return o, nil
	}
	o.test, o.how = blame(o.output)
	if s := why(); s != "" {
		o.how = s
	}
	return o, nil
}

var (
	failed  = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)
	started = regexp.MustCompile(`(?m)^=== RUN +(\S+)`)
)

// blame is the test that failed, and how, from what was printed.
func blame(out string) (test, how string) {
	how = "fails"
	switch {
	case strings.Contains(out, "; truncated: "):
		how = "is cut short"
	case strings.Contains(out, "fatal error: ") || strings.Contains(out, "SIGSEGV"):
		how = "crashes"
	case strings.Contains(out, "panic: "):
		how = "panics"
	}
	if m := failed.FindStringSubmatch(out); m != nil {
		return m[1], how
	}
	if all := started.FindAllStringSubmatch(out, -1); all != nil {
		test, _, _ = strings.Cut(all[len(all)-1][1], "/")
		return test, how
	}
	return "no test", how
}

// believe runs the test that has failed without a fault, once. What takes long without one isn't believed when it doesn't end.
func (b *workbench) believe(c check, o outcome) error {
	if strings.HasPrefix(o.test, "Test") || strings.HasPrefix(o.test, "Fuzz") || strings.HasPrefix(o.test, "Example") {
		c = c.only(o.test)
	}
	v, known := b.sound[c]
	if !known && (b.distrust || o.how == "doesn't end") {
		v = b.verify(c)
		b.sound[c] = v
	}
	if v.err == nil && o.how == "doesn't end" && v.computed > b.limit/3 {
		return fmt.Errorf("%v: %s takes %.0f s without a fault: -limit is too small to tell", c, o.test, v.computed.Seconds())
	}
	return v.err
}

// verify runs a check without a fault.
func (b *workbench) verify(c check) verified {
	o, err := b.try(c, "")
	switch {
	case err != nil:
	case o.unbuilt:
		err = fmt.Errorf("%v: they don't build without a fault:\n%s", c, o.output)
	case !o.passed:
		err = fmt.Errorf("%v: %s %s without a fault:\n%s", c, o.test, o.how, o.output)
	case !started.MatchString(o.output):
		err = fmt.Errorf("%v: no test matches %q", c, c.pattern())
	}
	return verified{o.computed, err}
}
