package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const root = "../.."

// TestFaultsApply: what each of them replaces stands where it is said to, once, and what it makes of the file is Go.
func TestFaultsApply(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range named() {
		if id := f.folder() + ": " + f.name; seen[id] {
			t.Errorf("two faults are called %s", id)
		} else {
			seen[id] = true
		}
		text, err := f.mutant(root)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), f.file, text, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	for _, p := range packages {
		if n := countOf(named(), p); n < 10 {
			t.Errorf("%d faults with names in %s", n, p)
		}
	}
}

func countOf(list []*fault, folder string) (n int) {
	for _, f := range list {
		if f.folder() == folder {
			n++
		}
	}
	return n
}

// TestGenerate: each package has mechanical faults, which are Go, and of which no two are alike; and each kind is there.
func TestGenerate(t *testing.T) {
	there := map[string]int{}
	explains := map[place]bool{}
	for _, p := range packages {
		all, err := generate(root, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) < 10 {
			t.Errorf("%d mechanical faults in %s", len(all), p)
		}
		for _, f := range all {
			there[f.kind]++
			explains[place{f.file, f.kind, f.where}] = true
			before, err := f.source(root)
			if err != nil {
				t.Fatal(err)
			}
			text, err := f.mutant(root)
			if err != nil || text == before {
				t.Errorf("%s changes nothing: %v", f.name, err)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), f.file, text, parser.SkipObjectResolution); err != nil {
				t.Errorf("%s (%s): %v", f.name, f.where, err)
			}
		}
	}
	for _, k := range kinds {
		if there[k] == 0 {
			t.Errorf("no fault of the kind %q", k)
		}
	}
	for p := range explained {
		if !explains[p] {
			t.Errorf("what is explained isn't there any more: %v", p)
		}
	}
}

// TestKinds: what becomes of a small file, in the order of its places.
func TestKinds(t *testing.T) {
	const text = `package p

func f(w, v word, n int) bool {
	b := w.Load()
	w.Store(1)
	v.Store(2)
	if v.Load() < n {
		return w.CompareAndSwap(b, 3)
	}
	return false
}
`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f.go"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	all, err := generate(dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range all {
		s, err := f.mutant(dir)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f.kind+": "+changedLines(text, s))
	}
	want := []string{
		undone + ": ",
		swapped + ": w.Store(1); b := w.Load()",
		undone + ": ",
		swapped + ": v.Store(2); w.Store(1)",
		swapped + ": if v.Load() < n {; return w.CompareAndSwap(b, 3); }; v.Store(2)",
		unlooked + ": if false && (v.Load() < n) {",
		negated + ": if v.Load() >= n {",
		moved + ": if v.Load() <= n {",
		reloaded + ": return w.CompareAndSwap(w.Load(), 3)",
		stored + ": return func() bool { _ = b; w.Store(3); return true }()",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWeave: two faults in one function and one in another, of which the compiler refuses one; what lies outside of
// functions isn't woven.
func TestWeave(t *testing.T) {
	const text = `package p

const one = 1

func (w *word) f(n int, more ...int) (bool, error) {
	return n < len(more), nil
}

func g(n int) { h(n + 1) }
`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f.go"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	var list []*fault
	for _, c := range []string{"<", "len(more)", "n + 1", "= 1"} {
		list = append(list, &fault{name: c, file: "f.go", old: c, new: "@"})
	}
	w, err := weaveAll(dir, list, map[*fault]bool{list[1]: true})
	if err != nil {
		t.Fatal(err)
	}
	got := w.files["f.go"]
	for _, s := range []string{
		"(bool, error) { if fencertFault == 1 { return w.fFault1(n, more...) }; \n\treturn n < len(more), nil",
		"func (w *word) fFault1(n int, more ...int) (bool, error) {\n\treturn n @ len(more), nil\n}\n",
		"func g(n int) { if fencertFault == 3 { gFault3(n); return };  h(n + 1) }",
		"func gFault3(n int) { h(@) }",
	} {
		if !strings.Contains(got, s) {
			t.Errorf("%q isn't in\n%s", s, got)
		}
	}
	if w.number[list[0]] != 1 || w.number[list[2]] != 3 || len(w.number) != 2 || len(w.files) != 2 {
		t.Errorf("woven: %v, %d files", w.number, len(w.files))
	}
	line := 1 + strings.Count(got[:strings.Index(got, "h(@)")], "\n")
	if b := w.blamed(fmt.Sprintf("./f.go:%d:17: no\n", line)); len(b) != 1 || b[0] != list[2] {
		t.Errorf("blamed: %v", b)
	}
}

// changedLines are the lines of b that differ, from the first to the last.
func changedLines(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	for k := range y {
		y[k] = strings.TrimSpace(y[k])
	}
	return strings.Join(y, "; ")
}

// TestChase puts faults into one small function and looks what is said of them: one that a test catches, one that
// survives, one that doesn't compile.
func TestChase(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the tests of atomicseq several times")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command isn't on PATH, and this test is about what is made of what it builds")
	}
	r := round{bench: workbench{root: mustAbs(t), folder: t.TempDir(), limit: 60 * time.Second, distrust: true, sound: map[made]verified{}}}
	const file = "atomicseq/compare.go"
	old := "return int32(a-b) > 0"
	caught, err := r.chase(&fault{name: "caught", file: file, plain: true, run: "Later", old: old, new: "return a > b"})
	if err != nil || caught.passed || !strings.HasPrefix(caught.test, "Test") || caught.by.run != "Later" {
		t.Errorf("a fault that a test catches: %+v, %v", caught.outcome, err)
	}
	broken, err := r.chase(&fault{name: "broken", file: file, plain: true, old: old, new: "return a"})
	if err != nil || !broken.unbuilt {
		t.Errorf("a fault that doesn't compile: %+v, %v", broken.outcome, err)
	}
	f := &fault{name: "same", file: file, plain: true, run: "Later", old: old, new: "return 0 < int32(a-b)"}
	if same, err := r.bench.tryAlone(f.checks()[0], f); err != nil || !same.passed {
		t.Errorf("a fault that is none: %+v, %v", same, err)
	}
	if err := r.bench.believe(check{folder: "atomicseq", run: "NoSuchTest"}, false, outcome{test: "no test"}); err == nil {
		t.Error("a pattern that matches no test is believed")
	}
}

func mustAbs(t *testing.T) string {
	t.Helper()
	s, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBlame reads what failing tests print.
func TestBlame(t *testing.T) {
	for _, c := range []struct{ out, test, how string }{
		{"=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n    b_test.go:1: x\n--- FAIL: TestB (0.01s)\nFAIL\n", "TestB", "fails"},
		{"=== RUN   TestA\n--- FAIL: TestA (0.00s)\npanic: x [recovered]\n", "TestA", "panics"},
		{"=== RUN   TestA\n=== RUN   TestA/sub\n    e.go:1: 7 schedules, 9 steps; truncated: not every one\n", "TestA", "is cut short"},
		{"=== RUN   TestA\nfatal error: all goroutines are asleep\n", "TestA", "crashes"},
	} {
		if test, how := blame(c.out); test != c.test || how != c.how {
			t.Errorf("%q: %s %s, want %s %s", c.out, test, how, c.test, c.how)
		}
	}
}

// TestPage: a row that was made anew replaces the old one, and the others stay.
func TestPage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	try := func(f *fault, o outcome) {
		t.Helper()
		r := round{page: file, results: []result{{fault: f, by: check{folder: f.folder()}, outcome: o}}}
		if err := r.write(); err != nil {
			t.Fatal(err)
		}
	}
	one, two, other := arenaFaults[0], arenaFaults[1], epochFaults[0]
	try(one, outcome{test: "TestOld", how: "fails"})
	try(two, outcome{test: "TestX", how: "panics"})
	try(one, outcome{test: "TestNew", how: "fails"})
	surviving := *other
	surviving.harmless = "it is"
	try(&surviving, outcome{passed: true})
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for s, n := range map[string]int{
		"## arena\n\n2 faults, 2 caught.": 1, "## epoch\n\n1 fault, 0 caught.": 1,
		one.rowBegin() + "tests: TestNew | 0.0 |\n": 1, "TestOld": 0, two.rowBegin() + "tests: TestX panics | 0.0 |\n": 1,
		other.rowBegin() + "nothing: it is | |\n": 1,
	} {
		if strings.Count(string(b), s) != n {
			t.Errorf("%q doesn't stand %d times in\n%s", s, n, b)
		}
	}
}
