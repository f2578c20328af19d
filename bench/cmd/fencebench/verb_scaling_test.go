package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScaling(t *testing.T) {
	text := "cpus: 8\n"
	for _, line := range []string{"-1 1 80", "-2 1 44", "-4 1 26", "-8 1 17"} {
		text += "BenchmarkLifecycle/callbacks=1/impl=mutex" + line + " ns/op\n"
	}
	c := command(t, "fake", "", "scaling", "some")
	folder := filepath.Join(c.cmd.Dir, "some")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "bench.txt"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if code := exit(t, c.cmd.Run()); code != 0 || !strings.Contains(c.out.String(), "1.82 [1.82, 1.82] 91 %") || !strings.Contains(c.out.String(), "σ 0.1") {
		t.Errorf("exits with %d: %s%s", code, c.out.String(), c.err.String())
	}
}

func TestScalingRefusals(t *testing.T) {
	one := filepath.Join(t.TempDir(), "one")
	if err := os.WriteFile(one, []byte("cpus: 8\nBenchmarkX/impl=a-1 1 3 ns/op\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		text string
	}{
		{"scaling a b", 2, "one folder"},
		{"scaling --all", 2, "unknown flag --all"},
		{"scaling", 1, "no results yet"},
		{"scaling missing", 1, "no such file"},
		{"scaling " + one, 1, "several numbers of CPUs"},
	} {
		command(t, "fake", "", strings.Fields(c.args)...).refused(t, c.code, c.text)
	}
}
