package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadme runs the verb after a measurement, and where it must leave the files alone.
func TestReadme(t *testing.T) {
	c := command(t, "fake", "", "--count", "5")
	dir := c.cmd.Dir
	if code := exit(t, c.cmd.Run()); code != 0 {
		t.Fatalf("exits with %d: %s", code, c.err.String())
	}
	folder := only(t, filepath.Join(dir, "results"))
	readmeText := "<!-- results:begin none -->\nno run committed yet\n<!-- results:end -->\n"
	paths := map[string]string{
		filepath.Join(dir, "README.md"):            readmeText,
		filepath.Join(dir, "results", "README.md"): "no marks\n",
	}
	for path, text := range paths {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	readme := func(args ...string) (code int, out string) {
		c := command(t, "fake", "", append([]string{"readme"}, args...)...)
		c.cmd.Dir = dir
		code = exit(t, c.cmd.Run())
		return code, c.out.String() + c.err.String()
	}

	if code, out := readme(); code != 1 || !strings.Contains(out, "not one pair of marks") {
		t.Errorf("an index without marks: exits with %d and %q", code, out)
	}
	if code, out := readme("README.md"); code != 1 || !strings.Contains(out, "not a run's folder") {
		t.Errorf("a file elsewhere: exits with %d and %q", code, out)
	}
	for path, text := range paths {
		if got := fileText(t, path); got != text {
			t.Errorf("a refusal changes %s to %q", path, got)
		}
	}

	index := filepath.Join(dir, "results", "README.md")
	if err := os.WriteFile(index, []byte("<!-- runs:begin -->\n<!-- runs:end -->\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(folder)
	for _, args := range [][]string{{}, {folder}, {"results/" + name}} {
		if code, out := readme(args...); code != 0 || out != "README.md and results/README.md show results/"+name+"\n" {
			t.Fatalf("%v: exits with %d and %q", args, code, out)
		}
		for path, want := range map[string]string{
			filepath.Join(dir, "README.md"): "results:begin results/" + name + " -->\nMeasured ", index: "| [" + name + "](",
			filepath.Join(dir, "results", "index.json"): `"folder": "` + name, filepath.Join(dir, "results", "history.html"): name + "</a>",
			filepath.Join(folder, "charts", "readme-1-dark.svg"): "</svg>", filepath.Join(folder, "charts", "readme-2-light.svg"): "</svg>",
		} {
			if text := fileText(t, path); strings.Count(text, want) != 1 {
				t.Errorf("%v: not one %q in %s:\n%s", args, want, path, text)
			}
		}
	}
	if code, out := readme("a", "b"); code != exitUsage || !strings.Contains(out, "one folder") {
		t.Errorf("two folders: exits with %d and %q", code, out)
	}
}
