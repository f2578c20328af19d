package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A call is the program started as a process of its own.
type call struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
}

func command(t *testing.T, kind, behavior string, args ...string) *call {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &call{cmd: exec.Command(self, args...)}
	c.cmd.Dir = t.TempDir()
	c.cmd.Env = append(os.Environ(), asMain+"="+kind, behaving+"="+behavior,
		"GORACE=atexit_sleep_ms=0") // else each process sleeps for a second at its end
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	return c
}

// exit returns the exit code of a process that ended by itself.
func exit(t *testing.T, err error) int {
	t.Helper()
	var e *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.ExitCode()
	}
	t.Fatal(err)
	return -1
}

// refused checks that the process ends with a code and one message that has the text.
func (c *call) refused(t *testing.T, code int, text string) {
	t.Helper()
	if got := exit(t, c.cmd.Run()); got != code {
		t.Errorf("%v exits with %d, want %d", c.cmd.Args[1:], got, code)
	}
	if c.out.Len() > 0 {
		t.Errorf("%v fails and prints %q", c.cmd.Args[1:], c.out.String())
	}
	message := c.err.String()
	if strings.Count(message, "benchstat.sh: ") != 1 || !strings.Contains(message, text) {
		t.Errorf("%v says %q, want one message with %q", c.cmd.Args[1:], message, text)
	}
	if left, err := os.ReadDir(c.cmd.Dir); err != nil || len(left) > 0 {
		t.Errorf("%v leaves %v, %v", c.cmd.Args[1:], left, err)
	}
}

func TestRefusals(t *testing.T) {
	prose := filepath.Join(t.TempDir(), "prose")
	broken := filepath.Join(t.TempDir(), "broken")
	for path, text := range map[string]string{prose: "no numbers here\n", broken: "BenchmarkX-1 many 3 ns/op\n"} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args string
		code int
		text string
	}{
		{"measure", 2, `unknown verb "measure"`},
		{"--nonsense", 2, "unknown flag --nonsense"},
		{"run --cpu", 2, "--cpu"},
		{"--bench (", 2, "missing closing )"},
		{"--bench NoSuchBenchmark", 2, "no benchmark matches"},
		{"--full --bench Lifecycle", 2, "one of them"},
		{"run extra", 2, `"extra"`},
		{"--count 0", 2, `"0"`},
		{"--count -3", 2, `"-3"`},
		{"--count NaN", 2, `"NaN"`},
		{"--count 3.5", 2, `"3.5"`},
		{"--count 99999999999999999999", 2, "999"},
		{"--cpu 0", 2, `"0"`},
		{"--cpu 1,x", 2, `"x"`},
		{"--benchtime 10x", 2, "duration"},
		{"--benchtime 0s", 2, "duration"},
		{"--benchtime -5ms", 2, "duration"},
		{"--benchtime NaN", 2, "duration"},
		{"--seed -1", 2, "whole number"},
		{"--out=", 2, "directory"},
		{"table a b", 2, "one file"},
		{"table --all", 2, "unknown flag --all"},
		{"table", 1, "no results yet"},
		{"table missing", 1, "no such file"},
		{"table " + prose, 1, "no benchmark lines"},
		{"table " + broken, 1, "not in the benchmark format"},
		{"compare a", 2, "OLD and NEW"},
		{"compare missing missing", 2, "no such file"},
		{"compare " + prose + " " + broken, 2, "no benchmark lines"},
		{"compare --count 3 a b", 2, "unknown flag --count"},
		{"gate", 2, "a base"},
		{"gate a b c", 2, "a base"},
		{"gate HEAD", 2, "no such revision or file"},
		{"gate a b", 2, "no such revision or file"},
		{"gate -x", 2, "unknown flag"},
		{"gate " + prose + " " + broken, 2, "no benchmark lines"},
		{"doctor now", 2, `"now"`},
		{"run --out " + prose, 1, "no place for results"},
		{"run --out " + filepath.Join(prose, "below"), 1, "no place for results"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			command(t, "fake", "", strings.Fields(c.args)...).refused(t, c.code, c.text)
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"help", "--help", "-h", "run --help", "table -h"} {
		c := command(t, "fake", "", strings.Fields(args)...)
		if code := exit(t, c.cmd.Run()); code != 0 || !strings.Contains(c.out.String(), "compare OLD NEW") || c.err.Len() > 0 {
			t.Errorf("%s: exits with %d, prints %q and %q", args, code, c.out.String(), c.err.String())
		}
	}
}

// only returns the one folder of results below a directory.
func only(t *testing.T, results string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(results, "*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("below %s are %v, %v", results, found, err)
	}
	return found[0]
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRun(t *testing.T) {
	c := command(t, "fake", "", "--count", "6", "--benchtime", "1ms", "--cpu", "1,2", "--seed", "9")
	if code := exit(t, c.cmd.Run()); code != 0 {
		t.Fatalf("exits with %d: %s", code, c.err.String())
	}
	folder := only(t, filepath.Join(c.cmd.Dir, "results"))
	bench := fileText(t, filepath.Join(folder, "bench.txt"))
	for _, want := range []string{
		"\nseed: 9\n", "\ncount: 6\n", "\nbenchtime: 1ms\n", "\ncommit: unknown\n", "\ncpu: ", "\npsi: ",
		"# complete: 42 samples",
	} {
		if !strings.Contains(bench, want) {
			t.Errorf("the file lacks %q:\n%s", want, bench)
		}
	}
	if n := strings.Count(bench, "\nBenchmarkLifecycle/"); n != 36 {
		t.Errorf("%d lines of Lifecycle, want 36", n)
	}
	if n := strings.Count(bench, "\nBenchmarkAtomicAdd/impl=limit-1 "); n != 6 {
		t.Errorf("%d lines of the unit, want 6", n)
	}
	printed := c.out.String()
	if stored := fileText(t, filepath.Join(folder, "tables.txt")); stored != printed {
		t.Errorf("stored tables:\n%s\nprinted:\n%s", stored, printed)
	}
	if !regexp.MustCompile(`mutex +│ lockfree +│ channel`).MatchString(printed) {
		t.Errorf("no columns in\n%s", printed)
	}
	for _, want := range []string{"42 samples of 1ms in 6 rounds", "Lifecycle/callbacks=1: mutex, lockfree, channel", "seed 9"} {
		if !strings.Contains(c.err.String(), want) {
			t.Errorf("no %q in\n%s", want, c.err.String())
		}
	}

	again := command(t, "fake", "", "table")
	again.cmd.Dir = c.cmd.Dir
	if code := exit(t, again.cmd.Run()); code != 0 || !strings.HasSuffix(again.out.String(), printed) {
		t.Errorf("table exits with %d and prints\n%s", code, again.out.String())
	}
	for name, want := range map[string]string{"noise.json": `"schema": 1`, "doctor.json": `"state": "unknown"`} {
		if text := fileText(t, filepath.Join(folder, name)); !strings.Contains(text, want) {
			t.Errorf("%s lacks %q: %s", name, want, text)
		}
	}
	diff := command(t, "fake", "", "compare", folder, filepath.Join(folder, "bench.txt"))
	if code := exit(t, diff.cmd.Run()); code != 0 || !strings.Contains(diff.out.String(), "\nno difference found\n") {
		t.Errorf("compare exits with %d and prints\n%s", code, diff.out.String())
	}
	same := command(t, "fake", "", "--count", "6", "--benchtime", "1ms", "--cpu", "1,2", "--seed", "9")
	same.cmd.Dir = c.cmd.Dir
	if code := exit(t, same.cmd.Run()); code != 0 {
		t.Errorf("a second run exits with %d", code)
	}
	folders, _ := filepath.Glob(filepath.Join(c.cmd.Dir, "results", "*"))
	if len(folders) != 2 || fileText(t, filepath.Join(folder, "bench.txt")) != bench {
		t.Errorf("a second run leaves %v", folders)
	}
	order := func(text string) string {
		return strings.Join(regexp.MustCompile(`(?m)^Benchmark\S+`).FindAllString(text, -1), "\n")
	}
	for _, f := range folders {
		if order(fileText(t, filepath.Join(f, "bench.txt"))) != order(bench) {
			t.Error("the same seed gives another order")
		}
	}
}

func TestBuildFailure(t *testing.T) {
	command(t, "fake", "build").refused(t, 1, "undefined: y")
}

func TestNothingButRejects(t *testing.T) {
	command(t, "fake", "starve", "--count", "1", "--benchtime", "1ms").refused(t, 1, "too busy")
}

func TestBenchmarkFails(t *testing.T) {
	c := command(t, "fake", "fail", "--count", "2", "--benchtime", "1ms", "--cpu", "1")
	if code := exit(t, c.cmd.Run()); code != 1 {
		t.Errorf("exits with %d", code)
	}
	message := c.err.String()
	for _, want := range []string{"\nbenchstat.sh: ", "the benchmark failed", "wrong count", "kept: "} {
		if !strings.Contains(message, want) {
			t.Errorf("no %q in %q", want, message)
		}
	}
	bench := fileText(t, filepath.Join(only(t, filepath.Join(c.cmd.Dir, "results")), "bench.txt"))
	if strings.Count(bench, "\nBenchmark") != 3 || !strings.Contains(bench, "# incomplete: 3 of 8 samples") {
		t.Errorf("kept: %s", bench)
	}
}

// An interrupted run leaves whole lines, says how to go on, and exits with 130.
func TestInterrupted(t *testing.T) {
	c := command(t, "fake", "", "--count", "1000", "--benchtime", "2ms", "--cpu", "1", "--bench", "Lifecycle|a b")
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	results := filepath.Join(c.cmd.Dir, "results")
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		found, _ := filepath.Glob(filepath.Join(results, "*", "bench.txt"))
		if len(found) == 1 && strings.Count(fileText(t, found[0]), "\nBenchmark") >= 3 {
			break
		}
		if time.Now().After(deadline) {
			_ = c.cmd.Process.Kill()
			t.Fatalf("no samples in %v: %s", found, c.err.String())
		}
	}
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		t.Skipf("an interrupt cannot be sent here: %v", err)
	}
	_ = c.cmd.Process.Signal(os.Interrupt) // as if passed on twice
	if code := exit(t, c.cmd.Wait()); code != 130 {
		t.Errorf("exits with %d", code)
	}
	folder := only(t, results)
	bench := fileText(t, filepath.Join(folder, "bench.txt"))
	if !strings.HasSuffix(bench, "\n") || !strings.Contains(bench, "# incomplete: ") {
		t.Errorf("the file ends with %q", bench[max(0, len(bench)-200):])
	}
	for _, want := range []string{"benchstat.sh: interrupted", "kept: ", "./benchstat.sh table ", "The same command goes on: ./benchstat.sh run --count 1000 "} {
		if !strings.Contains(c.err.String(), want) {
			t.Errorf("no %q in %q", want, c.err.String())
		}
	}
	if !strings.Contains(c.out.String(), "Lifecycle, sec/op") || fileText(t, filepath.Join(folder, "tables.txt")) != c.out.String() {
		t.Errorf("no tables of what there is: %q", c.out.String())
	}
}
