package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A check is tests of one package.
type check struct {
	folder  string
	run     string // a pattern; "": all, but under explore those of the explorer
	explore bool
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
	took            time.Duration
	output          string
}

// A workbench runs checks.
type workbench struct {
	root   string          // the checkout
	folder string          // for what is built
	limit  time.Duration   // for a few tests; for all of a package five times that
	sound  map[check]error // what checks did without a fault
}

// binary builds the tests of a check, with the file that overlay names, and returns where they are.
func (b *workbench) binary(c check, overlay string) (file, problem string, err error) {
	file = filepath.Join(b.folder, "mutant.test")
	args := []string{"test", "-c", "-ldflags=-s -w", "-o", file}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if c.explore {
		args = append(args, "-tags=explore")
	}
	build := exec.Command("go", append(args, "./"+c.folder)...)
	build.Dir = b.root
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
	defer os.Remove(binary)
	limit := b.limit
	if c.run == "" {
		limit *= 5
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit+10*time.Second) // where the test's own limit doesn't bite
	defer cancel()
	// -skip and the environment: the tests of faults that packages have themselves start the go command.
	run := exec.CommandContext(ctx, binary, "-test.short", "-test.v", "-test.failfast", "-test.skip=Mutants",
		"-test.timeout="+limit.String(), "-test.run="+c.pattern())
	run.Dir = filepath.Join(b.root, filepath.FromSlash(c.folder))
	run.Env = append(os.Environ(), "FENCERT_MUTANTS=")
	var out bytes.Buffer
	run.Stdout, run.Stderr = &out, &out
	begun := time.Now()
	if err := run.Start(); err != nil {
		return outcome{}, err
	}
	fat := watchMemory(ctx, run.Process)
	err = run.Wait()
	o := outcome{passed: err == nil, took: time.Since(begun), output: out.String()}
	if o.passed {
		return o, nil
	}
	o.test, o.how = blame(o.output)
	if fat() {
		o.how = "takes all memory"
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
	case strings.Contains(out, "panic: test timed out"):
		how = "doesn't end"
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

// believe runs a check without a fault, once.
func (b *workbench) believe(c check) error {
	if err, known := b.sound[c]; known {
		return err
	}
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
	b.sound[c] = err
	return err
}
