package tables

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/results"
)

func TestMarkdown(t *testing.T) {
	text, err := Markdown(read(t, "bench.txt"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "markdown.md", text)
}

// TestMarkdownShowsLosses: a row where ours is behind stands in the sentence and in bold.
func TestMarkdownShowsLosses(t *testing.T) {
	var lines []string
	for range needed {
		lines = append(lines,
			"BenchmarkX/k=1/impl=lockfree-1 1 20 ns/op",
			"BenchmarkX/k=1/impl=context-1 1 10 ns/op",
			"BenchmarkX/k=1/impl=mutex-1 1 30 ns/op",
			"BenchmarkX/k=1/impl=heap-1 1 1 ns/op", // not conventional
			"BenchmarkX/k=2/impl=mutex-1 1 30 ns/op",
			"BenchmarkY/impl=lockfree-1 1 30000 commits/s",
			"BenchmarkY/impl=channel-1 1 10000 commits/s",
			"BenchmarkY/impl=mutex-1 1 20000 commits/s")
	}
	text, err := Markdown(logOf(t, lines...))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Of 2 rows, lockfree is ahead of the best conventional implementation in 1, behind in 1,",
		"**Behind**, with the worst factor: X 1 of 1 (2.00x).",
		"| X k=1 | 1 | 20.00 ns |  |  | 30.00 ns |  | **behind: context (10.00 ns) is 2.00x better** |\n",
		"| Y, commits/s | 1 | 30.00 k/s |  |  | 20.00 k/s | 10.00 k/s | 1.50x better than mutex |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestMarkdownOfNothing(t *testing.T) {
	if _, err := Markdown(logOf(t, "BenchmarkX/impl=mutex-1 1 30 ns/op")); !errors.Is(err, results.ErrEmpty) {
		t.Errorf("a file without ours: %v", err)
	}
}

// A table of a full run has the rows of a default run; its sentence counts all.
func TestMarkdownOfManyRows(t *testing.T) {
	var lines []string
	for i := range mostRows {
		lines = append(lines, fmt.Sprintf("BenchmarkOther/size=%d/impl=mutex-1 1 30 ns/op", i),
			fmt.Sprintf("BenchmarkOther/size=%d/impl=lockfree-1 1 20 ns/op", i))
	}
	few, err := Markdown(logOf(t, lines...))
	if err != nil || strings.Count(few, "| Other ") != mostRows {
		t.Fatalf("%v:\n%s", err, few)
	}
	for _, row := range []string{"Lifecycle/callbacks=0", "Lifecycle/callbacks=2", "CrossCore"} {
		for _, impl := range []string{"mutex", "lockfree"} {
			lines = append(lines, "Benchmark"+row+"/impl="+impl+"-1 1 30 ns/op", "Benchmark"+row+"/impl="+impl+"-2 1 30 ns/op")
		}
	}
	many, err := Markdown(logOf(t, lines...))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(many, fmt.Sprintf("Of %d rows", mostRows+6)) || !strings.Contains(many, "rows of a default run") {
		t.Errorf("the sentence doesn't say which rows there are:\n%s", many)
	}
	for row, want := range map[string]int{
		"| Other ": 0, "| Lifecycle callbacks=0 | 1 |": 1, "| Lifecycle callbacks=0 | 2 |": 1, "| Lifecycle callbacks=2 ": 0,
		"| CrossCore | 1 |": 0, "| CrossCore | 2 |": 1, // where it has another processor to cross to
	} {
		if n := strings.Count(many, row); n != want {
			t.Errorf("%d lines %q, want %d", n, row, want)
		}
	}
}
