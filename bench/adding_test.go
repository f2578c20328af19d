package bench

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What docs/benchmarking.md adds to the suite compiles, is short, conforms, and is measured.
func TestDocumentedAdditions(t *testing.T) {
	if testing.Short() || raceEnabled || strconv.IntSize == 32 {
		t.Skip("it builds the suite a second time: once is enough")
	}
	text, err := os.ReadFile("../docs/benchmarking.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(package bench\n.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d additions in the document, want an implementation and a row", len(blocks))
	}
	table, err := os.ReadFile("table_test.go")
	if err != nil {
		t.Fatal(err)
	}
	// The two lines that it says go into the table.
	changed := strings.Replace(string(table), "\tcrossCore() opener\n", "\tcrossCore() opener\n\thold() opener\n", 1)
	changed = strings.Replace(changed, "var subjects = []implementation{\n",
		"var subjects = []implementation{\n\tsubject[fencert.Issuer, fencert.Ticket]{\"apart\", ours, NewApart},\n", 1)
	dir := t.TempDir()
	replace := map[string]string{}
	for name, content := range map[string]string{
		"apart.go": blocks[0][1], "hold_test.go": blocks[1][1], "table_test.go": changed,
	} {
		if lines := strings.Count(content, "\n"); name != "table_test.go" && lines >= 40 {
			t.Errorf("%s has %d lines: the document promises less than 40", name, lines)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		here, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		replace[here] = path
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "test", "-overlay", filepath.Join(dir, "overlay.json"), "-short",
		"-run", "^TestConformance$/^impl=apart$", "-bench", "^BenchmarkHold$", "-benchtime", "100x", "-v", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"--- PASS: TestConformance/impl=apart", "BenchmarkHold/impl=apart", "BenchmarkHold/impl=mutexpool"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
}
