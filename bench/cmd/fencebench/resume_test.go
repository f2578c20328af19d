package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// again starts the same command once more, where an earlier one has run.
func (c *call) again(t *testing.T, behavior string, more ...string) *call {
	t.Helper()
	n := command(t, "fake", behavior, append(slices.Clone(c.cmd.Args[1:]), more...)...)
	n.cmd.Dir = c.cmd.Dir
	return n
}

// died runs a command whose fourth sample fails, and returns its bench file.
func died(t *testing.T, args ...string) (c *call, bench string) {
	t.Helper()
	c = command(t, "fake", "fail", append([]string{"--count", "6", "--benchtime", "1ms", "--cpu", "1"}, args...)...)
	if code := exit(t, c.cmd.Run()); code != 1 {
		t.Fatalf("exits with %d: %s", code, c.err.String())
	}
	return c, filepath.Join(only(t, filepath.Join(c.cmd.Dir, "results")), "bench.txt")
}

func names(text string) []string {
	return regexp.MustCompile(`(?m)^Benchmark\S+`).FindAllString(text, -1)
}

// The same command goes on in the same folder and in the same order, and the file is that of one
// run: nothing twice, nothing missing, no half line.
func TestGoesOn(t *testing.T) {
	c, bench := died(t)
	half := fileText(t, bench) + "BenchmarkLifecycle/callbacks=1/impl=chan"
	if err := os.WriteFile(bench, []byte(half), 0o666); err != nil {
		t.Fatal(err)
	}
	on := c.again(t, "")
	if code := exit(t, on.cmd.Run()); code != 0 {
		t.Fatalf("exits with %d: %s", code, on.err.String())
	}
	if only(t, filepath.Join(c.cmd.Dir, "results")) != filepath.Dir(bench) || !strings.Contains(on.err.String(), "going on with ") ||
		!strings.Contains(on.err.String(), "has 3 of 24 samples") {
		t.Errorf("says %s", on.err.String())
	}
	text := fileText(t, bench)
	seed := regexp.MustCompile(`\nseed: (\d+)\n`).FindStringSubmatch(text)[1]
	whole := command(t, "fake", "", append(slices.Clone(c.cmd.Args[1:]), "--seed", seed)...)
	if code := exit(t, whole.cmd.Run()); code != 0 {
		t.Fatalf("exits with %d: %s", code, whole.err.String())
	}
	uninterrupted := fileText(t, filepath.Join(only(t, filepath.Join(whole.cmd.Dir, "results")), "bench.txt"))
	if got, want := names(text), names(uninterrupted); !slices.Equal(got, want) {
		t.Errorf("interrupted:\n%s\nin one go:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, want := range []string{"# incomplete: 3 of 24", "# resumed: after 3 samples", "# complete: 24 samples", "# round 1 of 6", "# round 6 of 6"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if tables := fileText(t, filepath.Join(filepath.Dir(bench), "tables.txt")); !strings.Contains(tables, "(n=6)") {
		t.Errorf("the tables are those of the part:\n%s", tables)
	}
	third := c.again(t, "")
	if code := exit(t, third.cmd.Run()); code != 0 || strings.Contains(third.err.String(), "going on") {
		t.Errorf("after the end it exits with %d: %s", code, third.err.String())
	}
	if folders, _ := filepath.Glob(filepath.Join(c.cmd.Dir, "results", "*")); len(folders) != 2 || fileText(t, bench) != text {
		t.Errorf("after the end it leaves %v", folders)
	}
}

// What has changed makes a new folder, and the old one stays as it was.
func TestDoesNotGoOn(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, dir, bench string)
		args   []string
		says   string
	}{
		"asked for anew": {args: []string{"--fresh"}},
		"another plan":   {args: []string{"--cpu", "1,2"}},
		"another seed":   {args: []string{"--seed", "1234567"}, says: "its seed is "},
		"another binary": {
			change: func(t *testing.T, dir, _ string) { put(t, filepath.Join(dir, "speed"), "2") },
			says:   "the suite's binary is another",
		},
		"another machine": {
			change: func(t *testing.T, _, bench string) {
				put(t, bench, strings.Replace(fileText(t, bench), "\ncpu: ", "\ncpu: Some ", 1))
			},
			says: "cpu was Some ",
		},
		"another commit": {
			change: func(t *testing.T, _, bench string) {
				put(t, bench, strings.Replace(fileText(t, bench), "\ncommit: unknown", "\ncommit: 123", 1))
			},
			says: "commit was 123 and is unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, bench := died(t)
			if c.change != nil {
				c.change(t, first.cmd.Dir, bench)
			}
			text := fileText(t, bench)
			on := first.again(t, "", c.args...)
			if code := exit(t, on.cmd.Run()); code != 0 {
				t.Fatalf("exits with %d: %s", code, on.err.String())
			}
			if folders, _ := filepath.Glob(filepath.Join(first.cmd.Dir, "results", "*")); len(folders) != 2 || fileText(t, bench) != text {
				t.Errorf("there are %v", folders)
			}
			if got := strings.Contains(on.err.String(), "not going on with "); got != (c.says != "") || !strings.Contains(on.err.String(), c.says) {
				t.Errorf("says %s", on.err.String())
			}
		})
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// A dirty checkout may be another one each time.
func TestDirtyDoesNotGoOn(t *testing.T) {
	c := command(t, "fake", "fail", "--count", "2", "--benchtime", "1ms", "--cpu", "1")
	repository(t, c.cmd.Dir)
	put(t, filepath.Join(c.cmd.Dir, "more"), "not committed")
	if code := exit(t, c.cmd.Run()); code != 1 {
		t.Fatalf("exits with %d: %s", code, c.err.String())
	}
	on := c.again(t, "")
	if code := exit(t, on.cmd.Run()); code != 0 || !strings.Contains(on.err.String(), "changes that aren't committed") {
		t.Errorf("exits with %d: %s", code, on.err.String())
	}
}

// A bad --out is noticed before anything is built, and leaves nothing.
func TestBadPlaceIsNoticedFirst(t *testing.T) {
	c := command(t, "fake", "build", "--out", "/dev/null/results")
	if code := exit(t, c.cmd.Run()); code != 1 || !strings.Contains(c.err.String(), "no place for results") || strings.Contains(c.err.String(), "building") {
		t.Errorf("exits with %d: %s", code, c.err.String())
	}
	c = command(t, "fake", "build", "--out", "new/results")
	if code := exit(t, c.cmd.Run()); code != 1 || !strings.Contains(c.err.String(), "undefined: y") {
		t.Errorf("exits with %d: %s", code, c.err.String())
	}
	if _, err := os.Stat(filepath.Join(c.cmd.Dir, "new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the place that was tried is there: %v", err)
	}
}
