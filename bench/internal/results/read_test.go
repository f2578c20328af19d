package results

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", BenchFile)
	write(t, path, "cpu: X\n\n# round 1\nBenchmarkA-1 5 2 ns/op\n# complete: 1\nBenchmarkA-1 5 3 ns/op\nBenchmarkB-1 5 12")
	for _, p := range []string{path, filepath.Dir(path)} {
		log, err := Read(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(log.Results) != 2 || log.Get("cpu") != "X" || log.Get("none") != "" || log.Path != path {
			t.Errorf("got %+v", log)
		}
		want := []string{"the last line of bench.txt is incomplete and was left out", "round 1", "complete: 1"}
		if !slices.Equal(log.Notes, want) {
			t.Errorf("notes are %q, want %q", log.Notes, want)
		}
		if a, b := log.Results[0].Values[0].Value, log.Results[1].Values[0].Value; a == b {
			t.Errorf("two results share their values: %v, %v", a, b)
		}
	}
}

func TestReadFails(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":      {"", ErrEmpty},
		"prose":      {"some text\nmore of it\n", ErrEmpty},
		"only cut":   {"BenchmarkA-1 5 2 ns/op", ErrEmpty},
		"no number":  {"BenchmarkA-1 5 2 ns/op\nBenchmarkB-1 five 2 ns/op\n", ErrBroken},
		"no unit":    {"BenchmarkA-1 5 2\n", ErrBroken},
		"long lines": {"BenchmarkA-1 5 2 ns/op\n" + strings.Repeat("x", 1<<17) + "\n", ErrBroken},
	} {
		path := filepath.Join(dir, name)
		write(t, path, c.text)
		if _, err := Read(path); !errors.Is(err, c.want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, path := range []string{filepath.Join(dir, "missing"), dir} {
		if _, err := Read(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNewest(t *testing.T) {
	dir := t.TempDir()
	if _, err := Newest(dir); !errors.Is(err, ErrNone) {
		t.Errorf("no results: %v", err)
	}
	for _, name := range []string{"20260101T000000Z-a", "20260301T000000Z-a", "20260201T000000Z-a"} {
		write(t, filepath.Join(dir, name, BenchFile), "x\n")
	}
	write(t, filepath.Join(dir, "20270101T000000Z-no-file", TablesFile), "x\n")
	expect := func(want string) {
		t.Helper()
		if got, err := Newest(dir); err != nil || filepath.Base(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	expect("20260301T000000Z-a")
	if _, err := exec.LookPath("git"); err != nil {
		return
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "20260201T000000Z-a", "20260101T000000Z-a"}} {
		c := exec.Command("git", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	expect("20260201T000000Z-a")
}

// TestReadRefusesWhatIsNoNumber: statistics on NaN and Inf never end.
func TestReadRefusesWhatIsNoNumber(t *testing.T) {
	for _, v := range []string{"NaN", "+Inf", "-Inf", "Inf"} {
		path := filepath.Join(t.TempDir(), "bench.txt")
		text := "goos: linux\nBenchmarkX/impl=mutex-1 100 1.5 ns/op\nBenchmarkX/impl=mutex-1 100 " + v + " ns/op\n"
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", v, err)
		}
	}
}
