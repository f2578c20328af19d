package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/scaling"
	"github.com/fencert/fencert/bench/internal/schema"
)

func made(t testing.TB, in *Input) *Report {
	t.Helper()
	r, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPage: what a page must have, from a run with something of everything.
func TestPage(t *testing.T) {
	r := made(t, browserInput(t))
	page := string(r.HTML)
	for _, want := range []string{
		"<title>Fence benchmarks, 2026-01-02</title>", "Example CPU, 2 CPUs, hypervisor none", "commit 0123456",
		"lockfree is ahead of the best conventional implementation in 3 of 34 rows: Memory in 3 of 6 (1.20×)", "It is behind in ", "all of it is one machine",
		`id="op-Lifecycle"`, `id="latency-Pipeline"`, `id="op-Memory"`, `id="scaling-Lifecycle"`, "powersave", "cpupower frequency-set", "3.0 %",
		"reserve, arm with seqno", ">p99.9<", "4*", `download="bench.txt"`, `download="results.json"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"ZgotmplZ", "<no value>", "NaN", "%!", "http://", "https://", "on 4 CPUs"} {
		text := withoutScript(page)
		if i := strings.Index(text, never); i >= 0 {
			t.Errorf("the page has %q: %s", never, text[max(0, i-80):i+40])
		}
	}
	if !underRace {
		if again := made(t, browserInput(t)); string(again.HTML) != page {
			t.Error("the same run makes another page")
		}
	}
	pictures := 0
	for _, c := range r.Charts {
		if strings.HasSuffix(c.Name, ".png") {
			pictures++
		}
	}
	if len(r.Charts) < 20 || pictures != 1 {
		t.Errorf("%d charts, %d of them pictures", len(r.Charts), pictures)
	}
}

var (
	element = regexp.MustCompile(`(?i)<(script|img|iframe|html)[\s/>]`)
	quoted  = regexp.MustCompile(`"[^"]*"`)
	handler = regexp.MustCompile(`(?i)<[^<>]*[\s/]on\w+\s*=`)
)

// withoutScript is a page without what its own script says.
func withoutScript(page string) string { return strings.Replace(page, scriptText, "", 1) }

// tags counts the elements that markup from outside could have brought. In text and in attributes there is no angle
// bracket: each is escaped.
func tags(t *testing.T, page string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, m := range element.FindAllStringSubmatch(page, -1) {
		count[strings.ToLower(m[1])]++
	}
	if m := handler.FindString(quoted.ReplaceAllString(withoutScript(page), `""`)); m != "" {
		t.Errorf("a handler: %s", m)
	}
	return count
}

// TestHostile: names, keys, units, header and notes that would be markup, in HTML, SVG, JSON and the names of files.
func TestHostile(t *testing.T) {
	const evil = `</script><script>alert(1)</script><img/src=x/onerror=alert(1)>"'&{{.}}`
	var list []string
	for _, impl := range []string{"lockfree", "mutex", evil} {
		for i := range 6 {
			for _, cpus := range []int{1, 2} {
				list = append(list, fmt.Sprintf("BenchmarkX%s/k%s=1%s/impl=%s-%d 1 %d ns/op %d p50-ns %d p99-ns %d %s/B",
					strings.ReplaceAll(evil, "/", "|"), strings.ReplaceAll(evil, "/", "|"), strings.ReplaceAll(evil, "/", "|"),
					strings.ReplaceAll(impl, "/", "|"), cpus, 10+i, 10+i, 20+i, 3, strings.ReplaceAll(evil, "/", "|")))
			}
		}
	}
	dir := folderOf(t, list...)
	path := filepath.Join(dir, results.BenchFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = append([]byte("cpu: "+evil+"\nkernel: "+evil+"\n# rejected: "+evil+"\n"), text...)
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "cpu: Example CPU\n", "", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	in := input(t, dir)
	in.Doctor = []Finding{{evil, evil, evil, evil}}
	in.Noise = &Noise{Statistic: evil, Rows: []Floor{{Name: evil, Unit: evil}}}
	in.History = `javascript:alert(1)//` + evil
	r := made(t, in)
	page := string(r.HTML)
	count := tags(t, page)
	if count["script"] != 1 || count["img"] != 0 || count["html"] != 1 {
		t.Errorf("elements: %v", count)
	}
	if strings.Contains(page, `href="javascript:`) {
		t.Error("a link runs a script")
	}
	if strings.Count(page, "alert(1)") < 20 {
		t.Error("the hostile text isn't shown: this looks at the wrong thing")
	}
	for _, c := range r.Charts {
		if c.Name != filepath.Base(c.Name) || strings.ContainsAny(c.Name, `/\<>"'& `) || strings.HasPrefix(c.Name, ".") {
			t.Errorf("a chart is called %q", c.Name)
		}
		if strings.HasSuffix(c.Name, ".svg") && (strings.Contains(string(c.Data), "<script") || strings.Contains(string(c.Data), "<img")) {
			t.Errorf("markup in %s", c.Name)
		}
	}
	data, err := schema.Encode(in.Results)
	if err != nil || !json.Valid(data) || strings.Contains(string(data), "</script") {
		t.Errorf("JSON: %v", err)
	}
	x := historyIndex()
	x.Runs[0].Folder, x.Runs[0].Machine, x.Runs[0].Commit, x.Rows[0].Benchmark, x.Rows[0].Impl = evil, evil, evil, evil, evil
	all, err := History(x)
	if err != nil {
		t.Fatal(err)
	}
	if count := tags(t, string(all)); count["script"] != 1 || count["img"] != 0 {
		t.Errorf("the history's elements: %v", count)
	}
}

// TestFast: a full run of 800 rows on two CPU counts.
func TestFast(t *testing.T) {
	cases := 115
	if underRace {
		cases = 10 // what is measured is the build that is used
	}
	l := &suite{}
	for i := range cases {
		for k, impl := range fenceImpls {
			l.add(fmt.Sprintf("Bench%02d/case=%d/impl=%s", i/5, i%5, impl), float64(10+k*7), []int{1, 2}, nil)
		}
	}
	in := input(t, folderOf(t, l.list...))
	start := time.Now()
	r := made(t, in)
	took := time.Since(start)
	t.Logf("%v, %d KB, %d charts", took, len(r.HTML)/1024, len(r.Charts))
	// Five seconds are allowed, on two processors of one's own. A machine that others use as well is given six times as long: a
	// run takes one second.
	if took > 30*time.Second {
		t.Errorf("a full run takes %v", took)
	}
	if len(r.HTML) > 12<<20 {
		t.Errorf("the page has %d MB", len(r.HTML)>>20)
	}
}

// TestOddRuns: runs that lack something make a page all the same.
func TestOddRuns(t *testing.T) {
	for name, lines := range map[string]string{
		"one sample":      "BenchmarkX/impl=lockfree-1 1 5 ns/op",
		"no ours":         "BenchmarkX/impl=mutex-1 1 5 ns/op",
		"no names":        "BenchmarkX 1 5 ns/op",
		"all zero":        "BenchmarkX/impl=lockfree-1 1 0 ns/op\nBenchmarkX/impl=mutex-1 1 0 ns/op",
		"zero and more":   strings.Repeat("BenchmarkX/impl=lockfree-1 1 0 ns/op\nBenchmarkX/impl=mutex-1 1 7 ns/op\n", 6),
		"a rate alone":    "BenchmarkX/impl=lockfree-1 1 5 commits/s",
		"one percentile":  "BenchmarkX/impl=lockfree-1 1 5 p50-ns",
		"negative":        "BenchmarkX/impl=lockfree-1 1 -5 ns/op\nBenchmarkX/impl=mutex-1 1 5 ns/op",
		"huge":            "BenchmarkX/impl=lockfree-1 1 1e300 ns/op\nBenchmarkX/impl=mutex-1 1 1e-300 ns/op",
		"many processors": "BenchmarkX/impl=lockfree-1 1 64 ns/op\nBenchmarkX/impl=lockfree-2 1 32 ns/op\nBenchmarkX/impl=lockfree-64 1 1 ns/op",
	} {
		page := withoutScript(string(made(t, input(t, folderOf(t, lines))).HTML))
		if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "%!") {
			t.Errorf("%s: %s", name, regexp.MustCompile(`.{0,60}(NaN|Inf|%!).{0,60}`).FindString(page))
		}
	}
}

// TestManyCPUs: from three counts on speed-ups are drawn over them, and the ideal with them.
func TestManyCPUs(t *testing.T) {
	l := &suite{}
	for _, n := range []int{1, 2, 4, 8} {
		// The law, with a contention of 0.1 and a coherency of 0.01; suite divides by n.
		l.add("X/impl=lockfree", 100*(1+0.1*float64(n-1)+0.01*float64(n*(n-1))), []int{n}, nil)
		l.add("X/impl=mutex", 100*float64(n*n*n), []int{n}, nil)
	}
	dir := folderOf(t, l.list...)
	path := filepath.Join(dir, results.BenchFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "cpus: 2\n", "cpus: 8\n", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	page := string(made(t, input(t, dir)).HTML)
	for _, want := range []string{"ideal from 1 to 8 times as fast", "on 8 CPUs", `class="mark m3 line">ideal`, "contention σ", "<td class=\"num\" data-v=\"0.1", "lockfree, fitted from ", scaling.ErrRetrograde.Error()} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(page, "8*") {
		t.Error("a count that the machine has is called oversubscribed")
	}
}

// TestSideFiles: files of others beside the raw text are read, and refused when they aren't what they should be.
func TestSideFiles(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       error
	}{
		"findings":       {"doctor.json", `{"schema":1,"findings":[{"name":"governor","state":"bad","detail":"powersave","mend":"x"}]}`, nil},
		"floors":         {"noise.json", `{"schema":1,"statistic":"s","rows":[{"name":"BenchmarkX-1","unit":"sec/op","samples":6,"floor":0.5}]}`, nil},
		"cut short":      {"doctor.json", `{"schema":1,"find`, schema.ErrBroken},
		"newer":          {"noise.json", `{"schema":2}`, schema.ErrNewer},
		"older":          {"noise.json", `{}`, schema.ErrOlder},
		"something else": {"doctor.json", `[]`, schema.ErrBroken},
	} {
		dir := folderOf(t, "BenchmarkX/impl=lockfree-1 1 5 ns/op")
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		in, err := Read(dir)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want != nil {
			if !strings.Contains(err.Error(), c.file) {
				t.Errorf("%s: %v doesn't name the file", name, err)
			}
			continue
		}
		page := string(made(t, in).HTML)
		if !strings.Contains(page, "governor: bad") && !strings.Contains(page, "50.0 %") {
			t.Errorf("%s: not on the page", name)
		}
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestFileName(t *testing.T) {
	for title, want := range map[string]string{
		"Lifecycle callbacks=1, time per operation": "Lifecycle-callbacks=1-time-per-operation",
		"../../etc/passwd":                          "etc-passwd",
		"..":                                        "chart",
		"":                                          "chart",
		".hidden":                                   "hidden",
		strings.Repeat("x", 300):                    strings.Repeat("x", 100),
	} {
		if got := FileName(title); got != want {
			t.Errorf("%q becomes %q, want %q", title, got, want)
		}
	}
}

// TestOperations: the report says of an operation what docs/benchmarking.md says.
func TestOperations(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../../docs/benchmarking.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(string(text), "## Rows\n")
	rows, _, _ = strings.Cut(rows, "\n## ")
	found := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `Benchmark(\\w+)` \\| (.*) \\|$").FindAllStringSubmatch(rows, -1) {
		found[m[1]] = m[2]
		if operations[m[1]] != m[2] {
			t.Errorf("operations.go says of %s %q, the document %q", m[1], operations[m[1]], m[2])
		}
	}
	for name := range operations {
		if found[name] == "" {
			t.Errorf("the document doesn't have %s", name)
		}
	}
	if len(found) < 20 {
		t.Errorf("%d benchmarks: this looks at the wrong thing", len(found))
	}
}
