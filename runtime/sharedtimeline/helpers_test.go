package sharedtimeline

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// wantErr fails when err isn't what is wanted.
func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// needed skips where the system shares no memory.
func needed(t testing.TB) {
	t.Helper()
	if !supported {
		t.Skip("this system shares no memory between processes, as ErrUnsupported says")
	}
}

// created is a new file, and its Mapping, which the test closes.
func created(t testing.TB, start uint64) (*Mapping, string) {
	t.Helper()
	needed(t)
	path := filepath.Join(t.TempDir(), "line")
	m := must(Create(path, 0o600, start))
	closing(t, m)
	return m, path
}

func closing(t testing.TB, m *Mapping) {
	t.Cleanup(func() { _ = m.Close() })
}

// opened is one more Mapping of a file.
func opened(t testing.TB, path string) *Mapping {
	t.Helper()
	m := must(Open(path))
	closing(t, m)
	return m
}

// limited is a context that ends before the test does.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// localLine is a runtime with a timeline.
func localLine(t testing.TB) (*fencert.Runtime, *fencert.Timeline) {
	t.Helper()
	rt := must(fencert.New(fencert.Config{Fences: 64, Callbacks: 64, Points: 1 << 12}))
	t.Cleanup(func() { _ = rt.Close() })
	return rt, must(rt.NewTimeline("test", "shared"))
}
