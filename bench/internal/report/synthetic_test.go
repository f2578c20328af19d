package report

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/results"
)

const header = "goos: linux\ngoarch: amd64\npkg: example.org/x\ncpu: Example CPU\ncpus: 2\nhypervisor: none\nkernel: 6.1.0\ngo: go1.26.8\n" +
	"commit: 0123456789abcdef\ndirty: no\ncount: 6\nbenchtime: 100ms\n\n"

// folderOf makes a run's folder with a file of these lines.
func folderOf(t testing.TB, lines ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "results", "20260102T030405Z-0123456-linux-amd64-example-cpu")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, results.BenchFile), []byte(header+strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func input(t testing.TB, dir string) *Input {
	t.Helper()
	in, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// A suite makes lines: six samples of a row on each CPU count, with some noise.
type suite struct {
	list []string
	r    *rand.Rand
}

func (l *suite) add(row string, ns float64, cpus []int, metrics func(noisy float64) string) {
	if l.r == nil {
		l.r = rand.New(rand.NewPCG(1, 2))
	}
	for _, n := range cpus {
		for range 6 {
			x := ns / float64(n) * (1 + 0.05*l.r.NormFloat64())
			more := ""
			if metrics != nil {
				more = metrics(x)
			}
			l.list = append(l.list, fmt.Sprintf("Benchmark%s-%d 1000 %.4g ns/op %s 1.9 cpus 0 B/op 0 allocs/op", row, n, x, more))
		}
	}
}

var fenceImpls = []string{"lockfree", "mutex", "mutexpool", "channel", "context", "limit", "noop"}

// browserInput has something of everything: times, a rate, percentiles, memory, findings and floors.
func browserInput(t testing.TB) *Input {
	t.Helper()
	l := &suite{}
	for i, impl := range fenceImpls {
		base := []float64{30, 60, 25, 400, 900, 8, 2}[i]
		l.add("AtomicAdd/impl="+impl, base/10, []int{1}, nil)
		for _, k := range []int{0, 1, 8} {
			l.add(fmt.Sprintf("Lifecycle/callbacks=%d/impl=%s", k, impl), base*(1+float64(k)/2), []int{1, 2, 4}, nil)
		}
		for _, k := range []int{1, 1000, 1000000} {
			l.add(fmt.Sprintf("Cancel/pending=%d/impl=%s", k, impl), base/2, []int{1, 2}, nil)
		}
		for _, rate := range []string{"10k", "100k", "1M"} {
			for _, order := range []string{"in", "out"} {
				l.add(fmt.Sprintf("Pipeline/rate=%s/order=%s/impl=%s", rate, order, impl), base*9, []int{2}, func(x float64) string {
					return fmt.Sprintf("%.4g total-p50-ns %.4g total-p90-ns %.4g total-p99-ns %.4g total-p99.9-ns %.4g total-max-ns", x, 2*x, 5*x, 20*x, 90*x)
				})
			}
		}
		for _, n := range []int{100000, 1000000, 10000000} {
			l.add(fmt.Sprintf("Memory/pending=%d/impl=%s", n, impl), base*1e5, []int{1}, func(x float64) string {
				return fmt.Sprintf("%.4g gc-ms %.4g B/fence", x*float64(n)/1e9, 50+float64(10*i))
			})
		}
	}
	in := input(t, folderOf(t, l.list...))
	in.Doctor = []Finding{{"governor", "bad", "powersave", "cpupower frequency-set -g performance"}}
	in.Noise = &Noise{Schema: 1, Statistic: "halves", Rows: []Floor{{"BenchmarkLifecycle/callbacks=0/impl=mutex-1", "sec/op", 6, 0.03}}}
	return in
}
