package sharedtimeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	fencert "github.com/fencert/fencert/runtime"
)

// pongRole answers each step of one file by the same in another, until it is killed: "pong there back strategy".
func pongRole(a []string) error {
	there, err := Open(a[0])
	if err != nil {
		return err
	}
	back, err := Open(a[1])
	if err != nil {
		return err
	}
	w, err := back.Claim()
	if err != nil {
		return err
	}
	s := fencert.Strategy(number(a[2]))
	fmt.Println("answers")
	for n := uint64(stride); ; n += stride {
		if err := there.WaitWith(context.Background(), n, s); err != nil {
			return err
		}
		if err := w.Advance(n); err != nil {
			return err
		}
	}
}

// otherWidth builds this test binary for processors of the other width.
func otherWidth(t *testing.T) string {
	t.Helper()
	other, ok := map[string]string{"amd64": "386", "386": "amd64"}[runtime.GOARCH]
	if !ok {
		t.Skip(runtime.GOARCH + " has no brother of another width that this machine runs")
	}
	if testing.Short() {
		t.Skip("it compiles for " + other)
	}
	if racing {
		t.Skip("the race detector sees neither the other process nor the memory that is shared with it; the normal build runs this")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to compile for " + other)
	}
	binary := filepath.Join(t.TempDir(), "other.test")
	c := exec.Command(tool, "test", "-c", "-o", binary, ".")
	c.Env = append(os.Environ(), "GOARCH="+other, "CGO_ENABLED=0", "GOFLAGS=")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return binary
}

// TestOtherWidth: processes of 32 and of 64 bits share a file: they wake each other, and take over from each other.
func TestOtherWidth(t *testing.T) {
	needed(t)
	binary := otherWidth(t)
	t.Run("turns", func(t *testing.T) {
		there, therePath := created(t, 0)
		back, backPath := created(t, 0)
		w := must(there.Claim())
		p := startBinary(t, binary, nil, "pong", therePath, backPath, uint64(fencert.SpinThenPark))
		if said := p.line(); said != "answers" {
			t.Fatal(said)
		}
		for n := uint64(stride); n <= 500*stride; n += stride {
			wantErr(t, "Advance", w.Advance(n), nil)
			if err := back.Wait(limited(t), n); err != nil {
				t.Fatal(err)
			}
			if v := must(back.Value()); v != n {
				t.Fatal(v, n)
			}
		}
		if _, err := back.Claim(); !errors.Is(err, ErrHeld) {
			t.Error("Claim:", err)
		}
	})
	t.Run("takeover", func(t *testing.T) {
		m, path := created(t, 0)
		journalPath := filepath.Join(t.TempDir(), "journal")
		closing(t, must(Create(journalPath, 0o600, 0)))
		for k := range 6 {
			b := binary
			if k%2 == 1 {
				b = must(os.Executable())
			}
			p := startBinary(t, b, nil, "writer", path, journalPath)
			if said := p.line(); said != "writes" {
				t.Fatal(said)
			}
			v := must(m.Value())
			if err := m.Wait(limited(t), v+1); err != nil {
				t.Fatal(err)
			}
			p.kill()
			if v := must(m.Value()); v%stride != 0 {
				t.Errorf("a torn value %#x", v)
			}
		}
	})
}
