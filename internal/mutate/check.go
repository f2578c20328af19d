package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	root   string            // the checkout
	folder string            // for what is built
	limit  time.Duration     // for one test, by the processor's clock
	sound  map[made]verified // what checks did without a fault
	// distrust: run each check that fails without the fault too.
	distrust bool

	faults []*fault        // that are woven
	out    map[*fault]bool // but for these
	woven  weave
	batch  int // how many times use was called
}

// A made check is one whose tests are built, and whether its code has faults woven in.
type made struct {
	check
	woven bool
}

// verified is what a check did without a fault: nil, or why it can't be believed.
type verified struct {
	computed time.Duration
	err      error
}

// compile builds the tests of a check with an overlay, unless that is "".
func (b *workbench) compile(c check, file, overlay string) (problem string, err error) {
	args := []string{"test", "-c", "-gcflags=-dwarf=false -e", "-ldflags=-s -w", "-o", file}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if c.explore {
		args = append(args, "-tags=explore")
	}
	run := exec.Command("go", append(args, "./"+c.folder)...)
	run.Dir = b.root
	run.Env = append(os.Environ(), "GOGC=400") // the compiler's
	out, err := run.CombinedOutput()
	if err == nil {
		if _, missing := os.Stat(file); missing != nil {
			err = fmt.Errorf("%v: it has no tests", c)
		}
	}
	return string(out), err
}

// kept is the file for tests that are built once.
func (b *workbench) kept(c made) string {
	name := strings.NewReplacer(" ", "-", "/", "-").Replace(c.check.String())
	if c.woven {
		name += fmt.Sprint("-woven-", b.batch)
	}
	return filepath.Join(b.folder, name+".test")
}

// use says which faults are to be woven from now on.
func (b *workbench) use(faults []*fault) {
	b.faults, b.out, b.woven, b.batch = faults, map[*fault]bool{}, weave{}, b.batch+1
	maps.DeleteFunc(b.sound, func(c made, _ verified) bool { return c.woven })
}

// once builds the tests of a check for all faults that are woven, or for none.
func (b *workbench) once(c made) (file string, err error) {
	file = b.kept(c)
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	for {
		overlay := ""
		if c.woven {
			if b.woven, err = weaveAll(b.root, b.faults, b.out); err != nil {
				return "", err
			}
			if overlay, err = b.overlay(b.woven.files); err != nil {
				return "", err
			}
		}
		problem, err := b.compile(c.check, file, overlay)
		if err == nil {
			return file, nil
		}
		refused := b.woven.blamed(problem)
		if !c.woven || len(refused) == 0 {
			return "", fmt.Errorf("%v: %w\n%s", c.check, err, problem)
		}
		for _, f := range refused {
			b.out[f] = true
		}
	}
}

// overlaid is the name of what stands in place of a file. Some complaints of the compiler have it.
func overlaid(file string) string { return strings.ReplaceAll(file, "/", "-") }

// overlay writes the files, and the list that makes the go command take them.
func (b *workbench) overlay(files map[string]string) (string, error) {
	replace := map[string]string{}
	for file, text := range files {
		changed := filepath.Join(b.folder, overlaid(file))
		if err := os.WriteFile(changed, []byte(text), 0o666); err != nil {
			return "", err
		}
		replace[filepath.Join(b.root, filepath.FromSlash(file))] = changed
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	list := filepath.Join(b.folder, "overlay.json")
	return list, os.WriteFile(list, text, 0o666)
}

// try runs a check with a fault, which is woven or else built by itself.
func (b *workbench) try(c check, f *fault) (o outcome, woven bool, err error) {
	if slices.Contains(b.faults, f) && !b.out[f] {
		file, err := b.once(made{c, true})
		if err != nil {
			return outcome{}, true, err
		}
		if number := b.woven.number[f]; number > 0 && !b.out[f] {
			o, err := b.look(file, c, number)
			return o, true, err
		}
	}
	o, err = b.tryAlone(c, f)
	return o, false, err
}

// tryAlone runs a check with a fault that is built by itself.
func (b *workbench) tryAlone(c check, f *fault) (outcome, error) {
	text, err := f.mutant(b.root)
	if err != nil {
		return outcome{}, err
	}
	overlay, err := b.overlay(map[string]string{f.file: text})
	if err != nil {
		return outcome{}, err
	}
	file := filepath.Join(b.folder, "mutant.test")
	if problem, err := b.compile(c, file, overlay); err != nil {
		if _, exited := errors.AsType[*exec.ExitError](err); exited {
			return outcome{unbuilt: true, output: problem}, nil
		}
		return outcome{}, err
	}
	defer os.Remove(file)
	return b.look(file, c, 0)
}

// look runs tests that are built, with a fault.
func (b *workbench) look(file string, c check, number int) (outcome, error) {
	if !c.explore || c.single {
		return b.run(file, c, number, b.limit)
	}
	// A few schedules of each test show which of them is worth a search, in seconds. What counts is the search.
	for skip := "Mutants"; ; {
		o, err := b.run(file, c, number, b.limit/10, "-explore.random="+strconv.Itoa(sample), "-explore.seed=1", "-test.skip="+skip)
		if err == nil && !o.passed && strings.HasPrefix(o.test, "Test") {
			whole, err := b.run(file, c.only(o.test), number, b.limit)
			if err != nil || !whole.passed {
				return whole, err
			}
			if c.quick { // the tests behind this one have not been asked
				skip += "|^" + o.test + "$"
				continue
			}
		}
		if err != nil || c.quick {
			return o, err
		}
		return b.run(file, c, number, b.limit)
	}
}

// sample is how many schedules of an explorer test are tried before all of them.
const sample = 400

// run runs a check that is built, with the fault of that number, and with that limit for each test.
func (b *workbench) run(binary string, c check, number int, limit time.Duration, more ...string) (outcome, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// -skip and the environment: the tests of faults that packages have themselves start the go command.
	args := []string{"-test.short", "-test.v", "-test.failfast", "-test.skip=Mutants", "-test.timeout=0", "-test.run=" + c.pattern()}
	run := exec.CommandContext(ctx, binary, append(args, more...)...)
	run.Dir = filepath.Join(b.root, filepath.FromSlash(c.folder))
	run.Env = append(os.Environ(), "FENCERT_MUTANTS=", fmt.Sprintf("%s=%d", wovenVariable, number))
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
func (b *workbench) believe(c check, woven bool, o outcome) error {
	if strings.HasPrefix(o.test, "Test") || strings.HasPrefix(o.test, "Fuzz") || strings.HasPrefix(o.test, "Example") {
		c = c.only(o.test)
	}
	key := made{c, woven}
	v, known := b.sound[key]
	if !known && (b.distrust || o.how == "doesn't end") {
		v = b.verify(key)
		b.sound[key] = v
	}
	if v.err == nil && o.how == "doesn't end" && v.computed > b.limit/3 {
		return fmt.Errorf("%v: %s takes %.0f s without a fault: -limit is too small to tell", c, o.test, v.computed.Seconds())
	}
	return v.err
}

// verify runs a check without a fault. A search may be a long one then.
func (b *workbench) verify(c made) verified {
	file, err := b.once(c)
	if err != nil {
		return verified{err: err}
	}
	o, err := b.run(file, c.check, 0, 5*b.limit)
	switch {
	case err != nil:
	case !o.passed:
		err = fmt.Errorf("%v: %s %s without a fault:\n%s", c.check, o.test, o.how, o.output)
	case !started.MatchString(o.output):
		err = fmt.Errorf("%v: no test matches %q", c.check, c.pattern())
	}
	return verified{o.computed, err}
}
