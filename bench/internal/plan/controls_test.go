package plan

import (
	"slices"
	"testing"
	"time"
)

// Each benchmark brings the controls of its first case, on as many processors as it is measured on itself.
func TestControls(t *testing.T) {
	all := []Row{
		"BenchmarkAtomicAdd/impl=limit",
		"BenchmarkLifecycle/callbacks=0/impl=mutex", "BenchmarkLifecycle/callbacks=0/impl=noop", "BenchmarkLifecycle/callbacks=0/impl=limit",
		"BenchmarkLifecycle/callbacks=1/impl=mutex", "BenchmarkLifecycle/callbacks=1/impl=noop",
		"BenchmarkCrossCore/impl=channel", "BenchmarkCrossCore/impl=noop",
		"BenchmarkGC/pending=1/impl=mutex",
	}
	chosen := []Item{{all[1], 1}, {all[1], 2}, {all[4], 1}, {all[6], 2}, {all[8], 1}}
	var found []Row
	for _, r := range all {
		if matches(Controls(chosen), string(r)) {
			found = append(found, r)
		}
	}
	if want := []Row{all[0], all[2], all[3], all[7]}; !slices.Equal(found, want) {
		t.Errorf("the pattern finds %v, want %v", found, want)
	}
	got := WithControls(chosen, found)
	want := append(slices.Clone(chosen), Item{all[2], 1}, Item{all[2], 2}, Item{all[3], 1}, Item{all[3], 2}, Item{all[7], 2}, Item{all[0], 1})
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if again := WithControls(got, found); !slices.Equal(again, got) {
		t.Errorf("taken twice: %v", again)
	}
}

// Long rows are in the first rounds alone, and the counts know it.
func TestLong(t *testing.T) {
	p := &Plan{Items: []Item{{"BenchmarkMemory/pending=1/impl=x", 1}, {"BenchmarkGC/impl=x", 1}, {"BenchmarkGC/impl=y", 1}}, Rounds: 10}
	sum := 0
	for i := range p.Rounds {
		if got, want := p.SamplesFrom(i), p.Samples()-sum; got != want {
			t.Errorf("from round %d on there are %d samples, want %d", i, got, want)
		}
		round := p.Round(i)
		sum += len(round)
		if got := slices.Contains(round, p.Items[0]); got != (i < Few) {
			t.Errorf("round %d: long row is in it: %v", i, got)
		}
	}
	if sum != p.Samples() || sum != 26 || p.SamplesFrom(10) != 0 {
		t.Errorf("%d samples in all, %d told", sum, p.Samples())
	}
	short := &Plan{Items: p.Items, Rounds: 3}
	if short.Samples() != 9 || len(short.Round(2)) != 3 {
		t.Errorf("%d samples in 3 rounds", short.Samples())
	}
}

func TestEstimateCounts(t *testing.T) {
	p := &Plan{Items: []Item{{"BenchmarkX/impl=x", 1}}, Rounds: 4, BenchTime: 100 * time.Millisecond}
	plain := p.Estimate()
	if want := 4 * (perRound + perSample + 170*time.Millisecond); plain != want {
		t.Errorf("%v, want %v", plain, want)
	}
	p.Costs = map[Row]time.Duration{"BenchmarkX/impl=x": time.Second}
	if got := p.Estimate() - plain; got != 4*time.Second {
		t.Errorf("a set-up of a second adds %v to 4 rounds", got)
	}
	p.Builds = 2
	if got := p.Estimate(); got != 4*perRound+8*(perSample+1170*time.Millisecond) {
		t.Errorf("two builds: %v", got)
	}
}

func TestOf(t *testing.T) {
	for _, p := range Of("lockfree") {
		if !slices.Equal(p.Impls, []string{"lockfree"}) {
			t.Errorf("%v", p)
		}
	}
	if got := len(Of("lockfree")); got != len(Default) {
		t.Errorf("%d picks of %d", got, len(Default))
	}
	if Default[0].Impls[0] != "mutex" || len(Of("no such")) != 0 {
		t.Error("Of changes the default, or finds what isn't there")
	}
}
