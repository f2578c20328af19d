package tables

import (
	"errors"
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
