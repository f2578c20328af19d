package readme

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/history"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
)

// root is the checkout, seen from this package.
const root = "../../.."

func fileText(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// runs are the folders of results that are there.
func runs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "results", "*", results.BenchFile))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names
}

// TestCommittedFigures makes README's table again from the run that it names.
func TestCommittedFigures(t *testing.T) {
	folder, got, err := Folder(fileText(t, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if folder == None {
		if there := runs(t); there != nil {
			t.Errorf("README shows no figures, though there are: %v", there)
		}
		if got != Empty+"\n" {
			t.Errorf("README shows figures of no run:\n%s", got)
		}
		return
	}
	want, err := Contents(root, folder)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("README's figures are not those of %s; \"./benchstat.sh readme %s\" makes\n%s", folder, folder, want)
	}
}

// TestCommittedIndex: the index of results lists the run that README shows, and each line is what
// its file says.
func TestCommittedIndex(t *testing.T) {
	names, lines, err := Listed(fileText(t, "results/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		want, err := Line(root, "results/"+name)
		if err != nil {
			t.Error(err)
		} else if lines[i] != want {
			t.Errorf("the index says\n%sand the file\n%s", lines[i], want)
		}
	}
	folder, _, err := Folder(fileText(t, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if name := filepath.Base(folder); folder != None && !slices.Contains(names, name) {
		t.Errorf("the index doesn't list %s, which README shows", name)
	}
}

// TestCommittedPictures: the charts that README refers to are there, and drawn from the run that it names. Where
// multiplying and adding may be one instruction, the last digit of a place may differ.
func TestCommittedPictures(t *testing.T) {
	folder, contents, err := Folder(fileText(t, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if folder == None {
		t.Fatal("README shows no run")
	}
	files, err := Pictures(root, folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.Contains(contents, `"`+f.Path+`"`) {
			t.Errorf("README doesn't refer to %s", f.Path)
		}
		if got := fileText(t, f.Path); got != string(f.Data) && runtime.GOARCH == "amd64" {
			t.Errorf("%s isn't drawn from %s; \"./benchstat.sh readme %s\" draws it", f.Path, folder, folder)
		}
	}
	if n := strings.Count(contents, "<picture>"); 2*n != len(files) || n == 0 {
		t.Errorf("README has %d pictures, and there are %d files", n, len(files))
	}
}

// TestCommittedHistory: the index and the page about all runs are of the runs that the list has, and made from their files.
func TestCommittedHistory(t *testing.T) {
	list := fileText(t, "results/README.md")
	names, _, err := Listed(list)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatal("no run is listed")
	}
	x, err := schema.DecodeIndex(schema.IndexFile, []byte(fileText(t, "results/"+schema.IndexFile)))
	if err != nil {
		t.Fatal(err)
	}
	if err := history.Check(x, names); err != nil {
		t.Error(err)
	}
	files, err := History(root, list)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if got := fileText(t, f.Path); got != string(f.Data) && runtime.GOARCH == "amd64" {
			t.Errorf("%s isn't made from the runs; \"./benchstat.sh history\" makes it", f.Path)
		}
	}
}
