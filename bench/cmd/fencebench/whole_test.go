package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The whole way with a real suite: compiled, listed, run in processes, kept.
func TestWhole(t *testing.T) {
	c := command(t, "real", "", "run", "--bench", "Small/impl=(a|b)", "--count", "2", "--benchtime", "1ms", "--cpu", "1,2")
	for name, text := range map[string]string{
		"go.mod":              "module example.org/small\n\ngo 1.26\n",
		"bench/small_test.go": smallSuite,
	} {
		path := filepath.Join(c.cmd.Dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if code := exit(t, c.cmd.Run()); code != 0 {
		t.Fatalf("exits with %d: %s", code, c.err.String())
	}
	bench := fileText(t, filepath.Join(only(t, filepath.Join(c.cmd.Dir, "results")), "bench.txt"))
	for name, want := range map[string]int{
		"Small/impl=a-1": 2, "Small/impl=a-2": 2, "Small/impl=b-1": 2, "Small/impl=b-2": 2, "AtomicAdd/impl=limit-1": 2,
	} {
		if n := strings.Count(bench, "\nBenchmark"+name+" "); n != want {
			t.Errorf("%d lines of %s, want %d", n, name, want)
		}
	}
	if !strings.Contains(bench, "pkg: example.org/small/bench\n") || strings.Contains(bench, "impl=c") || strings.Contains(bench, "cpus-want") {
		t.Errorf("the file holds\n%s", bench)
	}
	if !strings.Contains(c.out.String(), "Small, sec/op (n=2)") {
		t.Errorf("printed:\n%s", c.out.String())
	}
}

const smallSuite = `package bench

import "testing"

var sink int

func run(b *testing.B) {
	for i := range b.N {
		sink += i
	}
}

func BenchmarkSmall(b *testing.B) {
	for _, impl := range []string{"a", "b", "c"} {
		b.Run("impl="+impl, run)
	}
}

func BenchmarkAtomicAdd(b *testing.B) { b.Run("impl=limit", run) }
`
