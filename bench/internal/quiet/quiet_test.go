package quiet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"testing"
	"testing/fstest"
	"time"
)

// A box is a fake machine with two processors whose time goes on while a gate sleeps.
type box struct {
	idle, used, own uint64
	others          []float64 // share used by others in each coming window, the last for good
	slept           int
}

func (b *box) Open(name string) (fs.File, error) {
	return fstest.MapFS{
		"proc/stat":      {Data: fmt.Appendf(nil, "cpu  %d 0 0 %d 0 0 0 0 9 9\ncpu0 1 2 3\n", b.used+b.own, b.idle)},
		"proc/self/stat": {Data: fmt.Appendf(nil, "1 (a ) b) S 1 1 1 0 -1 0 0 0 0 0 %d %d 0 0", b.own, 0)},
	}.Open(name)
}

func (b *box) sleep(context.Context, time.Duration) error {
	share := b.others[min(b.slept, len(b.others)-1)]
	b.slept++
	others := uint64(math.Round(200 * share))
	b.used, b.own, b.idle = b.used+others, b.own+20, b.idle+180-others
	return nil
}

func (b *box) gate() *Gate {
	g := New(b)
	g.sleep = b.sleep
	return g
}

func TestPass(t *testing.T) {
	for name, c := range map[string]struct {
		others []float64
		state  State
		slept  int
	}{
		"quiet at once":       {[]float64{0}, Quiet, 1},
		"own use is no other": {[]float64{0.015}, Quiet, 1},
		"quiet later":         {[]float64{0.5, 0.02, 0.01}, Quiet, 3},
		"never":               {[]float64{0.3}, Busy, 31},
	} {
		b := &box{others: c.others}
		r, err := b.gate().Pass(context.Background())
		if err != nil || r.State != c.state || b.slept != c.slept {
			t.Errorf("%s: %v after %d windows, %v; want %v after %d", name, r, b.slept, err, c.state, c.slept)
		}
		if want := c.others[len(c.others)-1]; math.Abs(r.Others-want) > 1e-9 {
			t.Errorf("%s: others used %v, want %v", name, r.Others, want)
		}
	}
}

// A run doesn't wait in each round for a machine that never gets quiet.
func TestBudget(t *testing.T) {
	b := &box{others: []float64{0.3}}
	g := b.gate()
	for range 10 {
		if r, err := g.Pass(context.Background()); err != nil || r.State != Busy {
			t.Fatalf("%v, %v", r, err)
		}
	}
	if most := 45 + 10; b.slept > most {
		t.Errorf("10 rounds waited for %d windows, more than %d", b.slept, most)
	}
}

func TestUnknown(t *testing.T) {
	for name, text := range map[string]string{"other format": "intr 5\n", "not numbers": "cpu a b c d e\n", "short": "cpu 1 2\n"} {
		g := New(fstest.MapFS{"proc/stat": {Data: []byte(text)}})
		g.sleep = func(context.Context, time.Duration) error { t.Errorf("%s: slept", name); return nil }
		if r, err := g.Pass(context.Background()); err != nil || r.State != Unknown {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if r, err := New(fstest.MapFS{}).Pass(context.Background()); err != nil || r.String() != "unknown" {
		t.Errorf("nothing to read: %v, %v", r, err)
	}
}

func TestPassEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(&box{others: []float64{1}}).Pass(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMeter(t *testing.T) {
	b := &box{others: []float64{0.25}}
	m := StartMeter(b)
	if _, ok := m.Others(0); ok {
		t.Error("a meter tells a share of no time")
	}
	_ = b.sleep(context.Background(), 0)
	if got, ok := m.Others(0); !ok || got != 0.25 {
		t.Errorf("others used %v, %v, want a quarter", got, ok)
	}
	if got, ok := m.Others(400 * time.Millisecond); !ok || got != 0.05 {
		t.Errorf("others used %v, %v beside a child that used a fifth", got, ok)
	}
	if got, ok := m.Others(time.Minute); !ok || got != 0 {
		t.Errorf("others used %v, %v beside a child that used it all", got, ok)
	}
	if _, ok := StartMeter(fstest.MapFS{}).Others(0); ok {
		t.Error("a meter tells what it cannot read")
	}
}

// Of named processors, what others do elsewhere doesn't count.
func TestMeterOfSome(t *testing.T) {
	stat := func(first, second int) []byte {
		return fmt.Appendf(nil, "cpu %d 0 0 500 0 0 0 0\ncpu0 %d 0 0 100 0 0 0 0\ncpu1 %d 0 0 400 0 0 0 0\nintr 5\n", first+second, first, second)
	}
	m := fstest.MapFS{"proc/stat": {Data: stat(0, 0)}, "proc/self/stat": {Data: []byte("1 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0")}}
	busy, idle, both, none := StartMeter(m, 0), StartMeter(m, 1), StartMeter(m, 0, 1), StartMeter(m, 0, 7)
	m["proc/stat"].Data = stat(100, 0)
	m["proc/stat"].Data = append(m["proc/stat"].Data, "cpu1 0 0 0 1 0 0 0 0\n"...) // a second line of one counts for nothing
	if got, ok := busy.Others(0); !ok || got != 1 {
		t.Errorf("of the busy one: %v, %v", got, ok)
	}
	if got, ok := busy.Others(900 * time.Millisecond); !ok || got != 0.1 {
		t.Errorf("of the busy one, most of it ours: %v, %v", got, ok)
	}
	if got, _ := idle.Others(0); got != 0 {
		t.Errorf("of the idle one: %v", got)
	}
	if got, ok := both.Others(0); !ok || got != 1 { // the other's counters didn't move
		t.Errorf("of both: %v, %v", got, ok)
	}
	if _, ok := none.Others(0); ok {
		t.Error("tells of a processor that isn't there")
	}
}
