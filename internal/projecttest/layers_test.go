package projecttest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed is what each core package may depend on, directly or not, beside the standard
// library. What isn't listed here may use anything but what TestNobodyImports forbids.
func allowed(short string) []string {
	base := []string{module + "/internal/atomicx", module + "/internal/pad"}
	switch {
	case short == "internal/pad":
		return nil
	case short == "internal/atomicx":
		return base[1:]
	case short == "internal/depot":
		return base
	case slices.Contains(leaves, short), short == "internal/wheel":
		return append(base, module+"/internal/depot")
	case slices.Contains(adapters, short):
		return append(allowed("runtime"), module+"/runtime")
	case slices.Contains(system, short): // futexes, mapped memory, locks on files
		return append(allowed("runtime"), module+"/runtime", "golang.org/x/sys/unix")
	case short == "runtime":
		list := append(base, module+"/internal/depot", module+"/internal/wheel", "github.com/puzpuzpuz/xsync/v3")
		for _, l := range leaves {
			list = append(list, module+"/"+l)
		}
		return list
	}
	return nil
}

// TestLayers walks what the core packages depend on: the leaves never import each other,
// and nothing gets in that is not on the list.
func TestLayers(t *testing.T) {
	var paths []string
	for _, c := range core {
		paths = append(paths, "./"+c)
	}
	standard := map[string]bool{"unsafe": true, "C": true}
	found := list(t, append([]string{"-deps"}, paths...)...)
	for _, p := range found {
		standard[p.ImportPath] = p.Standard
	}
	seen := 0
	for _, p := range found {
		if p.Standard || !slices.Contains(core, p.short()) {
			continue // the standard library has a package runtime too
		}
		seen++
		may := allowed(p.short())
		for _, d := range p.Deps {
			if !standard[d] && !slices.Contains(may, d) {
				t.Errorf("%s depends on %s", p.short(), d)
			}
			if !slices.Contains(adapters, p.short()) && (d == "net/http" || d == "expvar" || d == "runtime/trace") {
				t.Errorf("%s depends on %s: that is for an adapter", p.short(), d)
			}
		}
	}
	if seen != len(core) {
		t.Errorf("found %d of the %d core packages", seen, len(core))
	}
}

// TestNobodyImports: the explorer is for tests, and only for those of explore builds.
func TestNobodyImports(t *testing.T) {
	const explorer = module + "/internal/explore"
	users := 0
	for _, tag := range []string{"", "explore"} {
		for _, p := range list(t, "-tags="+tag, "./...") {
			if slices.Contains(p.Imports, explorer) {
				t.Errorf("%s imports the explorer outside its tests (tag %q)", p.short(), tag)
			}
			if slices.Contains(append(p.TestImports, p.XTestImports...), explorer) && p.ImportPath != explorer {
				users++
				if tag == "" {
					t.Errorf("tests of %s import the explorer in normal builds", p.short())
				}
			}
		}
	}
	if users == 0 {
		t.Error("no test uses the explorer: this test looks at the wrong thing")
	}
}

// TestNoLinkname: what the language doesn't export isn't taken.
func TestNoLinkname(t *testing.T) {
	looked := 0
	for _, p := range list(t, "./...") {
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			looked++
			if strings.Contains(string(b), "//go:"+"linkname") {
				t.Errorf("%s/%s uses go:%s", p.short(), filepath.Base(f), "linkname")
			}
		}
	}
	if looked == 0 {
		t.Error("no file was looked at")
	}
}
