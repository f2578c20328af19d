package sharedtimeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	fencert "github.com/fencert/fencert/runtime"

	"github.com/fencert/fencert/internal/atomicx"
)

// damaged are the errors that a file may cause which somebody else writes.
var damaged = []error{ErrTruncated, ErrCorrupt, ErrBackwards, ErrNotShared, ErrVersion, ErrFormat}

func isDamaged(err error) bool { return damage(err) != nil }

// damage is which of them it is.
func damage(err error) error {
	for _, e := range damaged {
		if errors.Is(err, e) {
			return e
		}
	}
	return nil
}

// hostileRole writes all over the mapped file until it is killed: "hostile file words", where words are the offsets it likes.
func hostileRole(a []string) error {
	m, err := Open(a[0])
	if err != nil {
		return err
	}
	words := (*[FileBytes / 8]atomicx.Uint64)(unsafe.Pointer(m.line.h)) // Safety: the same memory, as words
	random := rand.New(rand.NewPCG(number(a[1]), 3))
	some := []int{128, 136, 256, 264, 384, 392, 400, 408}
	values := []func() uint64{
		random.Uint64, func() uint64 { return 0 }, func() uint64 { return 1<<64 - 1 }, func() uint64 { return 1 << 63 },
		func() uint64 { return uint64(random.IntN(1000)) }, func() uint64 { return fencert.MaxPoint },
	}
	fmt.Println("writes")
	for k := 0; ; k++ {
		at := some[random.IntN(len(some))]
		if random.IntN(8) == 0 {
			at = 8 * random.IntN(FileBytes/8)
		}
		words[at/8].Store(values[random.IntN(len(values))]())
		if k%64 == 0 {
			_ = m.line.os.wake(&m.line.h.turn)
			runtime.Gosched()
		}
	}
}

// TestHostileWriter writes at random while others wait, write, follow and look: nothing crashes, and every wait ends
// by its point, an error that says what is wrong, or its context.
func TestHostileWriter(t *testing.T) {
	rounds := 8
	if testing.Short() {
		rounds = 4
	}
	counts := map[string]int{}
	var mu sync.Mutex
	note := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fencert.ErrSignaled) || errors.Is(err, fencert.ErrRange):
			counts["fine"]++
		case isDamaged(err):
			counts[damage(err).Error()]++
		default:
			t.Error(err)
		}
	}
	for round := range rounds {
		m, path := created(t, 100)
		w := must(m.Claim())
		var opens []*Mapping
		for _, open := range []func(string) (*Mapping, error){Open, Open, OpenReadOnly} {
			x := must(open(path))
			closing(t, x)
			opens = append(opens, x)
		}
		_, line := localLine(t)
		f := must(opens[0].Follow(line, fencert.Park))
		p := start(t, nil, "hostile", path, round)
		if said := p.line(); said != "writes" {
			t.Fatal(said)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
		begun := time.Now()
		var all sync.WaitGroup
		for _, x := range opens {
			for _, s := range []fencert.Strategy{fencert.Park, fencert.Spin, fencert.SpinThenPark} {
				all.Go(func() { note(x.WaitWith(ctx, fencert.MaxPoint-uint64(round), s)) })
			}
			all.Go(func() {
				for ctx.Err() == nil {
					x.Signaled(200)
					_, err := x.Info()
					note(err)
					_, err = x.Value()
					note(err)
					time.Sleep(time.Millisecond)
				}
			})
		}
		all.Go(func() {
			for n := uint64(101); ctx.Err() == nil; n++ {
				note(w.Advance(n))
				_, err := w.Next()
				note(err)
				y, err := Open(path) // somebody who comes now
				note(err)
				if err == nil {
					_ = y.Close()
				}
			}
		})
		all.Wait()
		cancel()
		if d := time.Since(begun); d > 20*time.Second {
			t.Error("a wait went on for", d)
		}
		p.kill()
		f.Stop()
		note(f.Err())
		if f.Err() != nil && line.At(fencert.MaxPoint).Err() != f.Err() {
			t.Error("the local timeline isn't closed with the error")
		}
		for _, x := range append(opens, m) {
			wantErr(t, "Close", x.Close(), nil)
		}
	}
	t.Log(counts)
	if len(counts) < 2 {
		t.Error("nothing was damaged")
	}
}

// TestCutWhileMapped: a file that is cut ends waits with ErrTruncated, whoever is in it, and never crashes.
func TestCutWhileMapped(t *testing.T) {
	for name, way := range ways {
		for _, size := range []int64{0, 16, 100, 130, 4095} {
			t.Run(fmt.Sprint(name, "/", size), func(t *testing.T) {
				m, path := created(t, 9)
				w := must(m.Claim())
				x := must(way.open(path))
				closing(t, x)
				ended := make(chan error, 1)
				go func() { ended <- x.WaitWith(limited(t), 10, way.strategy) }()
				rt, line := localLine(t)
				_ = rt
				f := must(x.Follow(line, way.strategy))
				time.Sleep(2 * time.Millisecond)
				if err := os.Truncate(path, size); err != nil {
					t.Fatal(err)
				}
				// With 100 bytes left the page stays, and the value reads as 0.
				if err := <-ended; !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrBackwards) {
					t.Error("Wait:", err)
				}
				if err := line.Wait(limited(t), 10); !isDamaged(err) {
					t.Error("the local timeline:", err)
				}
				f.Stop()
				if !isDamaged(f.Err()) {
					t.Error("the follower:", f.Err())
				}
				if _, err := x.Value(); !isDamaged(err) {
					t.Error("Value:", err)
				}
				if _, err := x.Info(); !isDamaged(err) {
					t.Error("Info:", err)
				}
				if !x.Signaled(9) || x.Signaled(10) {
					t.Error("what was reached stays so, no more")
				}
				err := w.Advance(11)
				if _, checked := m.Info(); !isDamaged(checked) || err != nil && !isDamaged(err) {
					t.Error("the writer:", err, checked)
				}
				if size == 0 && !isDamaged(err) {
					t.Error("Advance:", err)
				}
				if err := x.Guard(func(v View) error { _ = v.Value(); return nil }); !isDamaged(err) {
					t.Error("Guard:", err)
				}
				_, err = Open(path)
				if !isDamaged(err) {
					t.Error("Open:", err)
				}
			})
		}
	}
}

// TestHeaderChangesWhileMapped: who sleeps finds out, though the value stays.
func TestHeaderChangesWhileMapped(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			m, path := created(t, 9)
			x := must(way.open(path))
			closing(t, x)
			ended := make(chan error, 1)
			go func() { ended <- x.WaitWith(limited(t), 10, way.strategy) }()
			time.Sleep(2 * time.Millisecond)
			m.line.h.magic.Store(0)
			wantErr(t, "Wait", <-ended, ErrCorrupt)
			_, err := x.Value()
			wantErr(t, "Value", err, ErrCorrupt)
		})
	}
}

// TestCutInGuard: a loop that polls without a guard of its own ends too.
func TestCutInGuard(t *testing.T) {
	m, path := created(t, 9)
	deferred := false
	err := m.Guard(func(v View) error {
		defer func() { deferred = true }()
		for k := 0; !v.Signaled(10); k++ {
			if k == 1000 {
				if err := os.Truncate(path, 0); err != nil {
					return err
				}
			}
		}
		return nil
	})
	wantErr(t, "Guard", err, ErrTruncated)
	if !deferred {
		t.Error("the deferred call wasn't made")
	}
	_, err = m.Claim()
	wantErr(t, "Claim", err, ErrTruncated)
}

// TestWhatIsNotShared: a file that isn't ours gives an error that says so, and isn't changed.
func TestWhatIsNotShared(t *testing.T) {
	needed(t)
	dir := t.TempDir()
	good := fresh(5)
	with := func(at int, b ...byte) []byte {
		c := append([]byte(nil), good...)
		copy(c[at:], b)
		return c
	}
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":      {nil, ErrNotShared},
		"text":       {[]byte(strings.Repeat("text\n", 2000)), ErrNotShared},
		"zeros":      {make([]byte, FileBytes), ErrNotShared},
		"short":      {good[:200], ErrTruncated},
		"one short":  {good[:FileBytes-1], ErrTruncated},
		"magic only": {good[:8], ErrTruncated},
		"long":       {append(with(0), 0), ErrFormat},
		"order":      {with(8, good[11], good[10], good[9], good[8]), ErrFormat},
		"no order":   {with(8, 0, 0, 0, 0), ErrFormat},
		"version":    {with(12, 9, 9, 9, 9), ErrVersion},
		"size":       {with(16, 9, 9, 9, 9), ErrFormat},
		"width":      {with(20, 32, 0, 0, 32), ErrFormat},
		"value":      {with(128, 255, 255, 255, 255, 255, 255, 255, 255), ErrCorrupt},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, open := range []func(string) (*Mapping, error){Open, OpenReadOnly} {
			_, err := open(path)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if now := must(os.ReadFile(path)); string(now) != string(c.content) {
			t.Error(name, "was changed")
		}
	}
	_, err := Open(dir)
	wantErr(t, "a directory", err, ErrNotShared)
	_, err = OpenReadOnly(dir)
	wantErr(t, "a directory", err, ErrNotShared)
	_, err = OpenReadOnly(os.DevNull)
	wantErr(t, "a device", err, ErrNotShared)
	_, err = Open(filepath.Join(dir, "none"))
	wantErr(t, "no file", err, os.ErrNotExist)
}

// FuzzHeader: whatever a file holds, opening it gives an error or a timeline that works.
func FuzzHeader(f *testing.F) {
	needed(f)
	good := fresh(77)
	f.Add(good[:64], good[128:140], uint16(FileBytes))
	f.Add([]byte{}, []byte{}, uint16(0))
	f.Add(good[:24], []byte{255, 255, 255, 255, 255, 255, 255, 127}, uint16(FileBytes))
	f.Add(good[:23], good[128:136], uint16(FileBytes-1))
	path := filepath.Join(f.TempDir(), "line")
	f.Fuzz(func(t *testing.T, head, value []byte, size uint16) {
		b := make([]byte, max(int(size), FileBytes))
		copy(b, head)
		copy(b[128:], value)
		b = b[:size]
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := Open(path)
		if err != nil {
			if !isDamaged(err) {
				t.Fatal(err)
			}
			return
		}
		defer m.Close()
		if size != FileBytes || string(b[:24]) != string(good[:24]) {
			t.Fatal("it was opened")
		}
		w, err := m.Claim()
		if err != nil {
			if !isDamaged(err) {
				t.Fatal(err)
			}
			return
		}
		v := must(m.Value())
		if n, err := w.Next(); err == nil && n <= v {
			t.Fatal(n, v)
		}
		if err := w.Advance(v + 1); err != nil && v != fencert.MaxPoint {
			t.Fatal(err)
		}
	})
}
