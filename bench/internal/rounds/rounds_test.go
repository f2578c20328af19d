package rounds

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/quiet"
	"github.com/fencert/fencert/bench/internal/sample"
)

// A bench is a fake of all that a run needs.
type bench struct {
	took    []plan.Item
	passes  int
	state   quiet.State
	starve  func(plan.Item) bool
	failAt  int // which sample fails, from 1
	kept    strings.Builder
	synced  int
	full    int // which Append fails, from 1
	appends int
	clock   time.Time
	told    []Progress
	from    Point
	passing time.Duration // of each wait
	patient time.Duration // left of the gate's
}

var errFake = errors.New("fake failure")

func (b *bench) Take(ctx context.Context, item plan.Item, _ time.Duration) (sample.Sample, error) {
	if err := ctx.Err(); err != nil {
		return sample.Sample{}, err
	}
	b.took = append(b.took, item)
	b.clock = b.clock.Add(time.Second)
	if len(b.took) == b.failAt {
		return sample.Sample{}, errFake
	}
	s := sample.Sample{Line: fmt.Sprintf("%s-%d 1 1 ns/op", item.Row, item.CPUs), CPUs: 1, Want: 1}
	if b.starve != nil && b.starve(item) {
		s.CPUs = 0.5
	}
	return s, nil
}

func (b *bench) Pass(ctx context.Context) (quiet.Report, error) {
	b.passes++
	b.clock = b.clock.Add(b.passing)
	return quiet.Report{State: b.state}, ctx.Err()
}

func (b *bench) Patience() time.Duration { return cmp.Or(b.patient, time.Hour) }

func (b *bench) Append(lines string) error {
	if b.appends++; b.appends >= b.full && b.full > 0 {
		return errFake
	}
	b.kept.WriteString(lines)
	return nil
}

func (b *bench) Sync() error { b.synced++; return nil }

func (b *bench) do(ctx context.Context, rounds int) (Outcome, error) {
	r := Run{
		Plan: &plan.Plan{
			Items:  plan.Cross([]plan.Row{"BenchmarkA/impl=x", "BenchmarkB/impl=x"}, []int{1, 2}),
			Rounds: rounds, Seed: 3, BenchTime: time.Millisecond,
		},
		Sides: []Side{{Taker: b, Keeper: b, Header: "cpu: X\n\n"}}, Gate: b, From: b.from,
		PSI:  func() string { return "" },
		Tell: func(p Progress) { b.told = append(b.told, p) },
		Now:  func() time.Time { return b.clock },
	}
	return r.Do(ctx)
}

func (b *bench) lines(prefix string) int {
	n := 0
	for line := range strings.Lines(b.kept.String()) {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}

func TestWhole(t *testing.T) {
	b := &bench{state: quiet.Quiet}
	out, err := b.do(context.Background(), 3)
	if err != nil || out.Kept != 12 || out.Rounds != 3 || len(out.Rejected) > 0 || out.NotQuiet > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if b.passes != 3 || b.synced != 3 {
		t.Errorf("%d waits and %d syncs in 3 rounds", b.passes, b.synced)
	}
	text := b.kept.String()
	if !strings.HasPrefix(text, "cpu: X\n\n# round 1 of 3: quiet") {
		t.Errorf("the file begins with %.80q", text)
	}
	if n := b.lines("Benchmark"); n != 12 {
		t.Errorf("%d lines kept", n)
	}
	if b.lines("# complete: 12 samples") != 1 || b.lines("# round") != 3 {
		t.Errorf("notes are wrong: %s", text)
	}
	if last := b.told[len(b.told)-1]; last.Done != 11 || last.Total != 12 || last.Left != time.Second || last.Waiting || !b.told[0].Waiting {
		t.Errorf("before the last sample: %+v", last)
	}
}

func TestRetakes(t *testing.T) {
	b := &bench{state: quiet.Busy}
	fails := 2 // the first two of this item
	b.starve = func(i plan.Item) bool {
		if i.Row == "BenchmarkB/impl=x" && i.CPUs == 2 && fails > 0 {
			fails--
			return true
		}
		return false
	}
	out, err := b.do(context.Background(), 2)
	item := plan.Item{Row: "BenchmarkB/impl=x", CPUs: 2}
	if err != nil || out.Kept != 8 || out.Rejected[item] != 2 || out.Missing[item] != 0 || out.NotQuiet != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	if b.lines("# rejected: BenchmarkB/impl=x-2: 2 samples") != 1 || b.lines("# not quiet: 2 of 2") != 1 {
		t.Errorf("notes are wrong: %s", b.kept.String())
	}
	if b.passes != 4 {
		t.Errorf("%d waits for 2 rounds and 2 retakes", b.passes)
	}
	if got := b.took[3]; got != item && b.took[4] != item {
		t.Errorf("the sample is not taken again in its round: %v", b.took)
	}
}

// A machine that never gets quiet must not make a run endless.
func TestAlwaysStarved(t *testing.T) {
	b := &bench{starve: func(plan.Item) bool { return true }}
	out, err := b.do(context.Background(), 20)
	if err != nil || out.Kept != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if b.kept.Len() > 0 {
		t.Errorf("without a sample something is kept: %q", b.kept.String())
	}
	if most := 80 + 80/4 + attempts; len(b.took) > most {
		t.Errorf("%d samples taken, more than %d", len(b.took), most)
	}
}

func TestEndsEarly(t *testing.T) {
	b := &bench{failAt: 6}
	out, err := b.do(context.Background(), 2)
	if !errors.Is(err, errFake) || out.Kept != 5 {
		t.Errorf("%+v, %v", out, err)
	}
	if b.lines("Benchmark") != 5 || b.lines("# incomplete: 5 of 8") != 1 {
		t.Errorf("kept: %s", b.kept.String())
	}

	b = &bench{failAt: 1}
	if out, err := b.do(context.Background(), 2); !errors.Is(err, errFake) || out.Kept != 0 || b.kept.Len() > 0 {
		t.Errorf("%+v, %v, %q", out, err, b.kept.String())
	}

	b = &bench{full: 3}
	if out, err := b.do(context.Background(), 2); !errors.Is(err, errFake) || out.Kept != 2 || b.lines("Benchmark") != 2 {
		t.Errorf("%+v, %v, %q", out, err, b.kept.String())
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	b := &bench{}
	b.starve = func(plan.Item) bool {
		if len(b.took) == 3 {
			cancel()
		}
		return false
	}
	out, err := b.do(ctx, 2)
	if !errors.Is(err, context.Canceled) || out.Kept != 3 || b.lines("Benchmark") != 3 || b.lines("# incomplete: 3 of 8") != 1 {
		t.Errorf("%+v, %v, %q", out, err, b.kept.String())
	}
}
