package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository makes a git repository of a directory, with all that is in it.
func repository(t *testing.T, dir string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	put(t, filepath.Join(dir, "speed"), "1")
	git(t, dir, "init", "-q")
	commit(t, dir, "first")
}

func commit(t *testing.T, dir, message string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", message)
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// gated runs gate in a repository whose base is as fast as its first commit says and whose working
// tree as speed says.
func gated(t *testing.T, behavior, speed string, args ...string) *call {
	t.Helper()
	c := command(t, "fake", behavior, append([]string{"gate", "HEAD", "--count", "6", "--benchtime", "1ms", "--cpu", "1"}, args...)...)
	repository(t, c.cmd.Dir)
	put(t, filepath.Join(c.cmd.Dir, "speed"), speed)
	c.cmd.Env = append(c.cmd.Env, "TMPDIR="+t.TempDir())
	return c
}

// left returns what a call leaves in the system's temporary directory.
func (c *call) left(t *testing.T) (names []string) {
	t.Helper()
	for _, e := range c.cmd.Env {
		if dir, ok := strings.CutPrefix(e, "TMPDIR="); ok {
			names, _ = filepath.Glob(filepath.Join(dir, "*"))
		}
	}
	return names
}

func TestGate(t *testing.T) {
	for name, c := range map[string]struct {
		behavior, speed string
		code            int
		out             string
		left            int
	}{
		"nothing changed":   {"", "1", 0, "\nno difference found\n", 0},
		"slower by a tenth": {"", "1.1", 1, "SLOWER", 1},
		"faster":            {"", "0.8", 0, "\nnothing slower\n", 0},
		"the machine moved": {"drift", "1.3", 2, "can't tell", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := gated(t, c.behavior, c.speed)
			if code := exit(t, g.cmd.Run()); code != c.code || !strings.Contains(g.out.String(), c.out) {
				t.Errorf("exits with %d, want %d, and prints\n%s%s", code, c.code, g.out.String(), g.err.String())
			}
			if left := g.left(t); len(left) != c.left {
				t.Errorf("leaves %v", left)
			}
			if trees, _ := os.ReadDir(filepath.Join(g.cmd.Dir, ".git", "worktrees")); len(trees) > 0 {
				t.Errorf("git still knows %v", trees)
			}
			if strings.Contains(g.err.String(), "benchstat.sh: ") {
				t.Errorf("a verdict is no error: %s", g.err.String())
			}
		})
	}
}

// Both sides can be revisions, and their samples kept.
func TestGateOfRevisions(t *testing.T) {
	c := gated(t, "", "1.5")
	commit(t, c.cmd.Dir, "slower")
	put(t, filepath.Join(c.cmd.Dir, "speed"), "not looked at")
	g := c.again(t, "")
	g.cmd.Args = append([]string{g.cmd.Args[0], "gate", "HEAD^", "HEAD"}, append(g.cmd.Args[3:], "--out", "kept")...)
	if code := exit(t, g.cmd.Run()); code != 1 {
		t.Fatalf("exits with %d: %s%s", code, g.out.String(), g.err.String())
	}
	folders, _ := filepath.Glob(filepath.Join(c.cmd.Dir, "kept", "*"))
	if len(folders) != 2 {
		t.Fatalf("kept: %v", folders)
	}
	by := map[string]string{}
	for _, f := range folders {
		by[f[len(f)-3:]] = f
	}
	for _, order := range [][]string{{"gate", by["old"], by["new"]}, {"compare", by["old"], by["new"]}} {
		f := command(t, "fake", "", order...)
		if code := exit(t, f.cmd.Run()); code != 1 || !strings.Contains(f.out.String(), "+50") {
			t.Errorf("%v exits with %d: %s%s", order, code, f.out.String(), f.err.String())
		}
	}
	for line := range strings.Lines(fileText(t, filepath.Join(by["old"], "bench.txt"))) {
		if strings.HasPrefix(line, "# round ") && !strings.Contains(line, " of 6: quiet") {
			t.Errorf("a round says %q", line)
		}
	}
}

func TestGateRefuses(t *testing.T) {
	gated(t, "build", "1").bad(t, "undefined: y")
	gated(t, "starve", "1").bad(t, "too busy")
	gated(t, "fail", "1").bad(t, "wrong count")
	gated(t, "", "1", "--bench", "Nothing").bad(t, "no benchmark matches")
	gated(t, "", "1", "--out", "speed").bad(t, "no place for results")
	c := gated(t, "", "1")
	c.cmd.Args[2] = "no-such-branch"
	c.bad(t, "no-such-branch: no such revision or file")
}

// bad checks that a call can't tell, for a reason that it gives once.
func (c *call) bad(t *testing.T, reason string) {
	t.Helper()
	if code := exit(t, c.cmd.Run()); code != 2 || c.out.Len() > 0 {
		t.Errorf("%v exits with %d and prints %q", c.cmd.Args[1:], code, c.out.String())
	}
	if text := c.err.String(); strings.Count(text, "benchstat.sh: ") != 1 || !strings.Contains(text, reason) {
		t.Errorf("%v says %s", c.cmd.Args[1:], text)
	}
}

// sided is a file of two rows and the unit with so many samples, of which one row is that much slower.
func sided(t *testing.T, cpu string, samples int, factor float64) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("goos: linux\ncpu: " + cpu + "\n\n")
	for i := range samples {
		x := 1 + float64(i%5)/500
		for name, ns := range map[string]float64{"Add/impl=lockfree": 20 * factor, "Poll/impl=lockfree": 5, "AtomicAdd/impl=limit": 2} {
			fmt.Fprintf(&b, "Benchmark%s-1 100 %.4f ns/op\n", name, ns*x)
		}
	}
	path := filepath.Join(t.TempDir(), "bench.txt")
	put(t, path, b.String())
	return path
}

func TestCompareCodes(t *testing.T) {
	same, again, slow := sided(t, "A", 8, 1), sided(t, "A", 8, 1), sided(t, "A", 8, 1.1)
	few, other := sided(t, "A", 4, 1.1), sided(t, "B", 8, 1)
	for _, c := range []struct {
		args []string
		code int
		text string
	}{
		{[]string{same, again}, 0, "\nno difference found\n"},
		{[]string{same, slow}, 1, "+10.0%"},
		{[]string{slow, same}, 0, "faster"},
		{[]string{same, few}, 2, "too few samples"},
		{[]string{same, other, "--mixed"}, 0, `cpu is "A", then "B"`},
	} {
		n := command(t, "fake", "", append([]string{"compare"}, c.args...)...)
		if code := exit(t, n.cmd.Run()); code != c.code || !strings.Contains(n.out.String(), c.text) || n.err.Len() > 0 {
			t.Errorf("%v exits with %d, want %d:\n%s%s", c.args, code, c.code, n.out.String(), n.err.String())
		}
	}
	command(t, "fake", "", "compare", same, other).bad(t, "different machines")
	full := command(t, "fake", "", "compare", same, again)
	if null, err := os.OpenFile("/dev/full", os.O_WRONLY, 0); err == nil {
		full.cmd.Stdout = null
		full.bad(t, "no space left")
		_ = null.Close()
	}
}

func TestDoctor(t *testing.T) {
	c := command(t, "fake", "", "doctor")
	if code := exit(t, c.cmd.Run()); code != 0 || c.err.Len() > 0 {
		t.Errorf("exits with %d: %s", code, c.err.String())
	}
	for _, want := range []string{"bad      governor     the governor", "mend: wake it", "unknown  smt", "1 of 2 make numbers wrong, 1 aren't known"} {
		if !strings.Contains(c.out.String(), want) {
			t.Errorf("no %q in\n%s", want, c.out.String())
		}
	}
}
