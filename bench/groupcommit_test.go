package bench

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/fencert/fencert/bench/internal/commit"
)

type groupCommitCase struct{ writers int }

func (c groupCommitCase) String() string { return fmt.Sprintf("writers=%d", c.writers) }

// recordBytes is the payload of a record in BenchmarkGroupCommit.
const recordBytes = 256

// BenchmarkGroupCommit times a commit: a record is appended to a real file, one goroutine writes and syncs what has come together, and
// the writer waits until its own record is durable. That many writers do nothing else. ns/op is wall time per commit of all writers
// together, p50-ns and p99-ns are what one of them waits; flush-ns is what the disk takes for a batch, and says what disk it was.
// Afterwards the file is read: it has to hold each record that was acknowledged.
func BenchmarkGroupCommit(b *testing.B) {
	for _, c := range []groupCommitCase{{1}, {16}, {256}} {
		for _, w := range commit.Ways {
			measure(b, c.String(), w.Name, func(int) rig {
				load := commit.Load{Way: w, Writers: c.writers, Payload: recordBytes}
				run := func(b *testing.B) {
					load.Dir = diskDir(b)
					var m meter
					o, err := load.Run(b.N, func() { m = startMeter(b) }, func() { m.stop(b, c.writers, blocks) })
					if err != nil {
						b.Fatal(err)
					}
					o.Report(b)
				}
				return rig{run, func() error { return nil }}
			})
		}
	}
}

// diskDir returns a folder for files to be synced: the one for temporary files, unless that is in memory, where a sync is nothing,
// and /var/tmp isn't.
func diskDir(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	if !inMemory(dir) || inMemory("/var/tmp") {
		return dir
	}
	other, err := os.MkdirTemp("/var/tmp", "fencert")
	if err != nil {
		return dir
	}
	b.Cleanup(func() { _ = os.RemoveAll(other) })
	return other
}

func TestGroupCommitNames(t *testing.T) {
	ok := regexp.MustCompile(`^[a-z]+$`)
	seen := map[string]bool{}
	for _, w := range commit.Ways {
		if !ok.MatchString(w.Name) || seen[w.Name] {
			t.Errorf("%q can't stand in a benchmark name, or stands for two", w.Name)
		}
		seen[w.Name] = true
	}
}
