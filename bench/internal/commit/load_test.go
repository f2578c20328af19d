package commit

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestLoad(t *testing.T) {
	for _, w := range Ways {
		for _, writers := range []int{1, CheckWaiters} {
			begun, ended, dir := 0, 0, t.TempDir()
			load := Load{Way: w, Writers: writers, Payload: 100, Dir: dir}
			o, err := load.Run(200, func() { begun++ }, func() { ended++ })
			if err != nil {
				t.Fatalf("%s: %v", w.Name, err)
			}
			if begun != 1 || ended != 1 || len(o.Latencies) != 200 || !slices.IsSorted(o.Latencies) || o.Latencies[0] <= 0 {
				t.Errorf("%s: begun %d times, ended %d, latencies %v", w.Name, begun, ended, o.Latencies)
			}
			if o.Flushed.Bytes != 200*RecordBytes(100) || o.Flushed.Syncs == 0 || o.Flushed.Syncs > 200 || o.Syncing <= 0 {
				t.Errorf("%s: %+v, %v in them", w.Name, o.Flushed, o.Syncing)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("%s leaves %v", w.Name, left)
			}
		}
	}
}

// TestLoadCheckBites gives the check files that are wrong in one respect each.
func TestLoadCheckBites(t *testing.T) {
	l := Load{Payload: 16}
	payload := func(i uint64) []byte {
		p := make([]byte, l.Payload)
		fill(p, i)
		return p
	}
	other := payload(1)
	other[15]++
	for name, c := range map[string]struct {
		records [][]byte
		ok      bool
	}{
		"right":   {[][]byte{payload(0), payload(1)}, true},
		"missing": {[][]byte{payload(0)}, false},
		"swapped": {[][]byte{payload(1), payload(0)}, false},
		"twice":   {[][]byte{payload(0), payload(1), payload(1)}, false},
		"other":   {[][]byte{payload(0), other}, false},
		"unknown": {[][]byte{payload(0), payload(2)}, false},
		"short":   {[][]byte{payload(0), payload(1)[:9]}, false},
	} {
		b, _ := encoded(c.records...)
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		_, ends := encoded(payload(0), payload(1))
		if err := l.check(path, ends); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrLost) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type metrics map[string]float64

func (m metrics) ReportMetric(v float64, unit string) { m[unit] = v }

func TestReport(t *testing.T) {
	o := Outcome{Wall: 2 * time.Second, Flushed: Flushed{Syncs: 50}, Syncing: time.Second}
	for i := range 200 {
		o.Latencies = append(o.Latencies, time.Duration(i+1))
	}
	got := metrics{}
	o.Report(got)
	for unit, want := range map[string]float64{"commits/s": 100, "p50-ns": 100, "p99-ns": 198, "commits/sync": 4, "flush-ns": 2e7} {
		if got[unit] != want {
			t.Errorf("%s = %v, want %v", unit, got[unit], want)
		}
	}
}
