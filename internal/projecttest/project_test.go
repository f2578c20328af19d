package projecttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is the path of this project's module.
const module = "github.com/fencert/fencert"

// root is the checkout, seen from this package.
const root = "../.."

// leaves are the core packages that never import each other.
var leaves = []string{"arena", "atomicseq", "cbqueue", "epoch"}

// adapters show what a runtime does through packages that the core shall not bring along.
var adapters = []string{"runtime/fenceexpvar", "runtime/fencetrace"}

// system are packages that need more of the system than the standard library gives.
var system = []string{"runtime/sharedtimeline"}

// core are the packages that a user's program is made of.
var core = append(append([]string{"runtime", "internal/atomicx", "internal/depot", "internal/pad", "internal/wheel"}, leaves...), append(adapters, system...)...)

// goCommand runs the go command in a directory with additions to the environment. It
// answers what was printed on stdout and, when there is no go command, skips the test.
func goCommand(t *testing.T, dir string, env []string, args ...string) (stdout []byte, stderr string, err error) {
	t.Helper()
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, and this test is about what it says")
	}
	c := exec.Command(tool, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), env...)
	var out, problem bytes.Buffer
	c.Stdout, c.Stderr = &out, &problem
	err = c.Run()
	return out.Bytes(), problem.String(), err
}

// mustGo is goCommand in the checkout, for what cannot fail.
func mustGo(t *testing.T, args ...string) []byte {
	t.Helper()
	out, problem, err := goCommand(t, root, nil, args...)
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, problem)
	}
	return out
}

// A goPackage is what "go list -json" says of a package, as far as it is needed.
type goPackage struct {
	Dir, ImportPath, Name, Doc         string
	Standard                           bool
	Imports, TestImports, XTestImports []string
	Deps                               []string
	GoFiles, TestGoFiles, XTestGoFiles []string
	IgnoredGoFiles                     []string
}

// short is the path within the module.
func (p goPackage) short() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// list asks for packages and, with the argument -deps, all that they depend on.
func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(mustGo(t, append([]string{"list", "-json"}, args...)...)))
	var found []goPackage
	for {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, p)
	}
}

// committed returns the files under version control, with slashes, skipping the test
// where there is none.
func committed(t *testing.T) []string {
	t.Helper()
	files, err := gitFiles()
	if err != nil || len(files) == 0 {
		t.Skipf("not a checkout that git knows, so what belongs to the project can't be told: %v", err)
	}
	return files
}

// gitFiles lists tracked files that are there, and new ones that git would not ignore.
var gitFiles = sync.OnceValues(func() ([]string, error) {
	c := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	c.Dir = root
	out, err := c.Output()
	if err != nil {
		return nil, err
	}
	var files []string
	for name := range strings.SplitSeq(string(out), "\x00") {
		if info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name))); err == nil && name != "" && info.Mode().IsRegular() {
			files = append(files, name)
		}
	}
	return files, nil
})

// text reads a file of the checkout.
func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}
