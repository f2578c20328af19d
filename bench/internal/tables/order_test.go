package tables

import (
	"fmt"
	"slices"
	"testing"
)

func benchLine(impl string, ns float64) string {
	return fmt.Sprintf("BenchmarkX/impl=%s-1 100 %.2f ns/op", impl, ns)
}

func TestImplOrder(t *testing.T) {
	got := []string{"noop", "zebra", "limit", "mpmc", "channel", "lockfree", "mutex"}
	slices.SortFunc(got, byRank(impls))
	want := []string{"mutex", "lockfree", "channel", "mpmc", "zebra", "limit", "noop"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestKeyOrder(t *testing.T) {
	got := []string{"s=spin/p=2us", "s=park/p=100us", "s=park/p=2us", "s=park/p=1ms"}
	slices.SortFunc(got, compareKeys)
	want := []string{"s=park/p=2us", "s=park/p=100us", "s=park/p=1ms", "s=spin/p=2us"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	numbers := []string{"n=1000000", "n=8", "n=16"}
	slices.SortFunc(numbers, compareKeys)
	if want := []string{"n=8", "n=16", "n=1000000"}; !slices.Equal(numbers, want) {
		t.Errorf("got %v, want %v", numbers, want)
	}
}

func TestCollect(t *testing.T) {
	log := logOf(t,
		"BenchmarkX/impl=a-1 1 20 ns/op 3 gc-ms 1.9 cpus 8 B/op",
		"BenchmarkX/k=5/impl=b-16 1 20 ns/op",
		"BenchmarkPlain 1 20 ns/op")
	d, err := collect(log.Results)
	if err != nil {
		t.Fatal(err)
	}
	for c, want := range map[cell]float64{
		{row{"X", "", 1}, "sec/op", "a"}:     20e-9,
		{row{"X", "", 1}, "gc-sec", "a"}:     3e-3,
		{row{"X", "k=5", 16}, "sec/op", "b"}: 20e-9,
		{row{"Plain", "", 0}, "sec/op", ""}:  20e-9,
	} {
		if s := d[c]; s == nil || len(s.Values) != 1 || s.Values[0]/want < 0.999999 || s.Values[0]/want > 1.000001 {
			t.Errorf("%+v holds %+v, want %v", c, s, want)
		}
	}
	if len(d) != 4 {
		t.Errorf("%d cells: %v", len(d), d)
	}
}
