package tables

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fencert/fencert/bench/internal/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a stored answer. A change in one is to be read before it is kept.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(string(text), "\r\n", "\n"); got != want {
		t.Errorf("%s differs. got:\n%s", path, got)
	}
}

func read(t *testing.T, name string) *results.Log {
	t.Helper()
	log, err := results.Read(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	log.Path = name
	return log
}

// logOf makes a file's contents of lines.
func logOf(t *testing.T, lines ...string) *results.Log {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bench.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	log, err := results.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func render(t *testing.T, log *results.Log) string {
	t.Helper()
	text, err := Render(log)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRender(t *testing.T) {
	golden(t, "tables.txt", render(t, read(t, "bench.txt")))
}

func TestDiff(t *testing.T) {
	text, err := Diff(read(t, "bench.txt"), read(t, "later.txt"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "diff.txt", text)

	text, err = Diff(read(t, "bench.txt"), read(t, "bench.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nno difference found\n", " 0 differ at p < 0.01"} {
		if !strings.Contains(text, want) {
			t.Errorf("a file against itself: no %q in\n%s", want, text)
		}
	}
	for _, never := range []string{"only in", "differs:"} {
		if strings.Contains(text, never) {
			t.Errorf("a file against itself: %q in\n%s", never, text)
		}
	}
}

func TestDiffAllocs(t *testing.T) {
	lines := func(impl string, allocs string) []string {
		return slices.Repeat([]string{"BenchmarkX/impl=" + impl + "-1 1 5 ns/op " + allocs + " allocs/op"}, 6)
	}
	before := logOf(t, append(lines("a", "0"), lines("b", "2")...)...)
	after := logOf(t, append(lines("a", "1"), lines("b", "2")...)...)
	text, err := Diff(before, after)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(text, "X, allocs/op\n")
	if !strings.Contains(table, "│ a ") || !strings.Contains(table, "from 0") || strings.Contains(table, "│ b ") {
		t.Errorf("allocations that rose from 0:\n%s", text)
	}
}

// Many implementations must not make lines that a terminal breaks.
func TestWide(t *testing.T) {
	var lines []string
	names := []string{"mutex", "lockfree", "channel", "mutexpool", "context", "implicit", "heap", "limit", "noop"}
	for _, impl := range names {
		for range 6 {
			lines = append(lines, "BenchmarkX/a=1/b=2us/impl="+impl+"-1 1 123456 ns/op 3 allocs/op")
		}
	}
	text := render(t, logOf(t, lines...))
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(line); n > width+1 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
	for _, impl := range names {
		if !strings.Contains(text, "│ "+impl) {
			t.Errorf("no column %s in\n%s", impl, text)
		}
	}
	if n := strings.Count(text, "│ mutex "); n < 3 {
		t.Errorf("the base column is not repeated:\n%s", text)
	}
}

func TestNoAllocsTable(t *testing.T) {
	zero := "BenchmarkX/impl=mutex-1 1 5 ns/op 0 B/op 0 allocs/op"
	if text := render(t, logOf(t, zero)); strings.Contains(text, "allocs") {
		t.Errorf("a table of zeros:\n%s", text)
	}
	one := "BenchmarkX/impl=lockfree-1 1 5 ns/op 9 B/op 1 allocs/op"
	if text := render(t, logOf(t, zero, one)); !strings.Contains(text, "X, allocs/op") {
		t.Errorf("no table of allocations:\n%s", text)
	}
}

func TestWinners(t *testing.T) {
	six := func(impl string, from float64) []string {
		var lines []string
		for i := range 6 {
			lines = append(lines, benchLine(impl, from+float64(i)/100))
		}
		return lines
	}
	rate := func(impl string, from float64) []string {
		var lines []string
		for i := range 6 {
			lines = append(lines, fmt.Sprintf("BenchmarkX/impl=%s-1 100 %.2f commits/s", impl, from+float64(i)/10))
		}
		return lines
	}
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"ours": {append(six("lockfree", 10), six("mutex", 20)...), "lockfree 2.00x better (p=0.002)"},
		"theirs": {append(six("lockfree", 30), append(six("mutex", 20), six("channel", 10)...)...),
			"channel 3.00x better (p=0.002)"},
		"neither":        {append(six("lockfree", 10), six("mutex", 10)...), "no difference (p=1.000)"},
		"nobody can say": {append(six("lockfree", 10)[:4], six("mutex", 20)[:4]...), "no verdict: 4 samples, needs 5"},
		"limits are no rivals": {append(six("lockfree", 10), append(six("limit", 1), six("mutex", 20)...)...),
			"lockfree 2.00x better"},
		"more is better": {append(rate("lockfree", 400), rate("cond", 200)...), "lockfree 2.00x better (p=0.002)"},
		"the most is the best": {append(rate("lockfree", 200), append(rate("cond", 100), rate("channel", 600)...)...),
			"channel 3.00x better (p=0.002)"},
	} {
		text := render(t, logOf(t, c.lines...))
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, text)
		}
	}
	if text := render(t, logOf(t, six("mutex", 1)...)); strings.Contains(text, "Who wins") {
		t.Errorf("a verdict without ours:\n%s", text)
	}
}
