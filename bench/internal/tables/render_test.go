package tables

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/fencert/fencert/bench/internal/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs. got:\n%s", path, got)
	}
}

func read(t *testing.T, name string) *results.Log {
	t.Helper()
	log, err := results.Read(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestRender(t *testing.T) {
	got, err := Render(read(t, "bench.txt"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "tables.txt", got)
}
