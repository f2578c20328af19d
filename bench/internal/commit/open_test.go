package commit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestOpenGoesOn: a log opened again cuts off a torn end and goes on behind the last whole record.
func TestOpenGoesOn(t *testing.T) {
	for _, w := range Ways {
		path := filepath.Join(t.TempDir(), "log")
		var want [][]byte
		for round, tear := range []int{0, 1, headerBytes, headerBytes + 150} {
			if tear > 0 {
				cutShort(t, path, tear)
			}
			m, err := w.New(1)
			if err != nil {
				t.Fatal(err)
			}
			l, torn, err := Open(path, m)
			if err != nil || torn != int64(tear) {
				t.Fatalf("%s: %d bytes were torn, want %d: %v", w.Name, torn, tear, err)
			}
			payload := fmt.Appendf(nil, "round %d", round)
			want = append(want, payload)
			start := l.end
			if err := l.Wait(context.Background(), start); err != nil {
				t.Errorf("%s: what was there: %v", w.Name, err)
			}
			if end, err := l.Commit(context.Background(), payload); err != nil || end != start+RecordBytes(len(payload)) {
				t.Errorf("%s: commit from %d to %d: %v", w.Name, start, end, err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			m.Close()
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _, err := scanned(b); err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%s: %q, want %q: %v", w.Name, got, want, err)
		}
	}
}

// cutShort appends the first bytes of a record to the file.
func cutShort(t *testing.T, path string, n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	record := appendRecord(nil, uint64(len(b)), make([]byte, 200), 0)
	if err := os.WriteFile(path, append(b, record[:n]...), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	m, _ := Cond.New(1)
	if _, _, err := Open(filepath.Join(t.TempDir(), "no", "such"), m); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that isn't there: %v", err)
	}
}
