package rounds

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/quiet"
	"github.com/fencert/fencert/bench/internal/sample"
)

// Wherever a run dies, the rest of it is what it hadn't done yet, in the same order.
func TestGoesOn(t *testing.T) {
	whole := &bench{state: quiet.Quiet}
	if _, err := whole.do(context.Background(), 3); err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{Items: plan.Cross([]plan.Row{"BenchmarkA/impl=x", "BenchmarkB/impl=x"}, []int{1, 2}), Rounds: 3}
	for failAt := 2; failAt <= 12; failAt++ {
		first := &bench{failAt: failAt}
		if _, err := first.do(context.Background(), 3); !errors.Is(err, errFake) || Complete(first.kept.String()) {
			t.Fatalf("%d: %v", failAt, err)
		}
		second := &bench{from: PointOf(first.kept.String(), p)}
		out, err := second.do(context.Background(), 3)
		if err != nil || out.Kept != 12 || second.from.Kept != failAt-1 {
			t.Fatalf("died at %d, had %d: %+v, %v", failAt, second.from.Kept, out, err)
		}
		if got := append(first.took[:failAt-1:failAt-1], second.took...); !slices.Equal(got, whole.took) {
			t.Errorf("died at %d: %v, want %v", failAt, got, whole.took)
		}
		if !Complete(first.kept.String() + second.kept.String()) {
			t.Errorf("not complete: %s", second.kept.String())
		}
		if p := second.told[0]; p.Done != failAt-1 || p.Total != 12 {
			t.Errorf("died at %d and begins at %+v", failAt, p)
		}
	}
}

// A sample that was given up in an earlier round is not tried again; one of the round that goes on is.
func TestPointOf(t *testing.T) {
	p := &plan.Plan{Items: plan.Cross([]plan.Row{"BenchmarkA/impl=x", "BenchmarkB/impl=x"}, []int{1})}
	at := PointOf("cpu: X\n\n# run: x\n# round 1 of 3: quiet\nBenchmarkA/impl=x-1 1 1 ns/op\n# round 2 of 3: quiet\nBenchmarkB/impl=x-1 1 1 ns/op\n"+
		"# incomplete: 2 of 6\n# resumed: after 2\n# round 2 of 3: quiet\n", p)
	if at.Round != 1 || at.Kept != 2 || !at.Has[p.Items[1]] || at.Has[p.Items[0]] {
		t.Errorf("got %+v", at)
	}
	if at := PointOf("", p); at.Round != 0 || at.Kept != 0 {
		t.Errorf("of nothing: %+v", at)
	}
	if at := PointOf("# round 0 of 3\n# round x of 3\n# round -2 of 3\n", p); at.Round != 0 {
		t.Errorf("of nonsense: %+v", at)
	}
}

// Two builds are measured one right after the other, in either order, and kept or thrown away together.
func TestSides(t *testing.T) {
	old, now := &bench{}, &bench{}
	var order []string
	sides := []Side{{Taker: taker{old, "old", &order}, Keeper: old, Header: "a: b\n"}, {Taker: taker{now, "new", &order}, Keeper: now, Header: "a: c\n"}}
	fails := 2
	now.starve = func(i plan.Item) bool {
		if i.Row == "BenchmarkB/impl=x" && fails > 0 {
			fails--
			return true
		}
		return false
	}
	r := Run{
		Plan:  &plan.Plan{Items: plan.Cross([]plan.Row{"BenchmarkA/impl=x", "BenchmarkB/impl=x"}, []int{1}), Rounds: 20, Seed: 1, Builds: 2},
		Sides: sides, Gate: old, PSI: func() string { return "" }, Tell: func(Progress) {}, Now: func() time.Time { return old.clock },
	}
	out, err := r.Do(context.Background())
	if err != nil || out.Kept != 40 || old.lines("Benchmark") != 40 || now.lines("Benchmark") != 40 {
		t.Fatalf("%+v, %v, %d and %d lines", out, err, old.lines("Benchmark"), now.lines("Benchmark"))
	}
	if a, b := names(old), names(now); !slices.Equal(a, b) {
		t.Errorf("the files differ:\n%v\n%v", a, b)
	}
	if !strings.HasPrefix(old.kept.String(), "a: b\n# round 1") || !strings.HasPrefix(now.kept.String(), "a: c\n# round 1") || now.lines("# complete: 40") != 1 {
		t.Errorf("%s", now.kept.String())
	}
	text := strings.Join(order, " ")
	if !strings.Contains(text, "old old") || !strings.Contains(text, "new new") { // the end of a pair and the start of the next
		t.Errorf("always in the same order: %s", text)
	}
}

type taker struct {
	*bench
	name  string
	order *[]string
}

func (t taker) Take(ctx context.Context, item plan.Item, d time.Duration) (sample.Sample, error) {
	*t.order = append(*t.order, t.name)
	return t.bench.Take(ctx, item, d)
}

func names(b *bench) (names []string) {
	for line := range strings.Lines(b.kept.String()) {
		if strings.HasPrefix(line, "Benchmark") {
			names = append(names, line)
		}
	}
	return names
}

// The time left counts a wait for each round that is to come.
func TestLeftCountsWaits(t *testing.T) {
	b := &bench{}
	b.passing = 10 * time.Second
	if _, err := b.do(context.Background(), 4); err != nil {
		t.Fatal(err)
	}
	left := func(b *bench) time.Duration {
		for _, p := range b.told {
			if p.Done == 10 && !p.Waiting {
				return p.Left
			}
		}
		return 0
	}
	// Samples take a second, and six and a round are to come.
	if got, want := left(b), 6*time.Second+10*time.Second; got != want {
		t.Errorf("left: %v, want %v", got, want)
	}
	b = &bench{passing: 10 * time.Second, patient: 3 * time.Second}
	if _, err := b.do(context.Background(), 4); err != nil {
		t.Fatal(err)
	}
	if got, want := left(b), 6*time.Second+4*time.Second; got != want {
		t.Errorf("left with a gate whose patience ends: %v, want %v", got, want)
	}
}
