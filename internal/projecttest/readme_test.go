package projecttest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestReadmeExample vets and runs the lines in README, in a module of its own that knows of
// nothing but this project. They print what their last comment says. A second block is vetted only.
func TestReadmeExample(t *testing.T) {
	m := goBlock.FindAllStringSubmatch(text(t, "README.md"), -1)
	if len(m) != 2 {
		t.Fatalf("README has %d blocks of Go, want 2", len(m))
	}
	if testing.Short() {
		t.Skip("it compiles")
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module example.org/readme\n\ngo 1.26.0\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + filepath.ToSlash(checkout) + "\n",
		"go.sum": text(t, "go.sum"),
		"x.go":   wholeFile(m[0][1]),
		"y.go": "package main\n\nimport (\n\t\"context\"\n\n\tfencert \"" + module + "/runtime\"\n)\n\n" +
			"func timelines(ctx context.Context, rt *fencert.Runtime, synced, end uint64) error {\n" + m[1][1] + "}\n\nvar _ = timelines\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off"}
	if _, problem, err := goCommand(t, dir, env, "vet", "."); err != nil {
		t.Fatalf("README's example: %v\n%s\nin\n%s", err, problem, wholeFile(m[0][1]))
	}
	printed := regexp.MustCompile(`prints "([^"]+)"\n$`).FindStringSubmatch(m[0][1])
	if printed == nil {
		t.Fatal("the last line of README's example doesn't say what it prints")
	}
	out, problem, err := goCommand(t, dir, env, "run", ".")
	if err != nil || string(out) != printed[1]+"\n" {
		t.Errorf("README's example prints %q, not %q: %v\n%s", out, printed[1], err, problem)
	}
}

// wholeFile puts the lines of the example into a function of a file.
func wholeFile(lines string) string {
	return "package main\n\nimport (\n\t\"fmt\"\n\n\tfencert \"" + module + "/runtime\"\n)\n\nfunc example() error {\n" +
		lines + "}\n\nfunc main() {\n\tif err := example(); err != nil {\n\t\tfmt.Println(err)\n\t}\n}\n"
}

// TestLinks: what the documents link to within the project is there.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:\s]+)\)`)
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/design.md", "docs/testing.md", "docs/benchmarking.md", "docs/guide.md", "docs/timelines.md", "docs/shared.md", "results/README.md"} {
		for _, m := range link.FindAllStringSubmatch(text(t, name), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(name), filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s links to %s, which isn't there", name, m[1])
			}
		}
	}
}

var named = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")

// TestNamedTests: tests and benchmarks that the documents name exist.
func TestNamedTests(t *testing.T) {
	var functions strings.Builder
	dirs := []string{filepath.Join(root, "bench", "peers")} // a module of its own
	for _, p := range list(t, "-tags=explore", "./...") {
		dirs = append(dirs, p.Dir)
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			functions.Write(b)
		}
	}
	found := 0
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "docs/design.md", "docs/testing.md", "docs/benchmarking.md", "docs/shared.md"} {
		for _, m := range named.FindAllStringSubmatch(text(t, name), -1) {
			found++
			if !strings.Contains(functions.String(), "\nfunc "+m[1]+"(") {
				t.Errorf("%s names %s, which isn't there", name, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("the documents name no test: this test looks at the wrong thing")
	}
}
