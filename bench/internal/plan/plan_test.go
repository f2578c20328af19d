package plan

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestRow(t *testing.T) {
	r := Row("BenchmarkWake/parked=2.5us/impl=mutex")
	if got := r.Impl(); got != "mutex" {
		t.Errorf("impl is %q", got)
	}
	if got := Row("BenchmarkX").Impl(); got != "" {
		t.Errorf("impl is %q", got)
	}
	if got, want := r.Pattern(), `^BenchmarkWake$/^parked=2\.5us$/^impl=mutex$`; got != want {
		t.Errorf("pattern is %q, want %q", got, want)
	}
}

func TestLadder(t *testing.T) {
	for n, want := range map[int][]int{
		0: {1}, 1: {1}, 2: {1, 2}, 3: {1, 2, 3}, 4: {1, 2, 4}, 6: {1, 2, 4, 6}, 64: {1, 2, 4, 8, 16, 32, 64},
	} {
		if got := Ladder(n); !slices.Equal(got, want) {
			t.Errorf("Ladder(%d) = %v, want %v", n, got, want)
		}
	}
}

func TestParseCPUs(t *testing.T) {
	got, err := ParseCPUs("4, 1,2,1")
	if want := []int{1, 2, 4}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"", "0", "-1", "1,,2", "x", "1.5", "NaN", "1025", "99999999999999999999"} {
		if got, err := ParseCPUs(bad); !errors.Is(err, ErrCPUs) {
			t.Errorf("ParseCPUs(%q) = %v, %v", bad, got, err)
		}
	}
}

var rows = []Row{
	"BenchmarkAtomicAdd/impl=limit",
	"BenchmarkLifecycle/callbacks=0/impl=mutex",
	"BenchmarkLifecycle/callbacks=0/impl=noop",
	"BenchmarkLifecycle/callbacks=10/impl=mutex",
	"BenchmarkLifecycleHeld/callbacks=1/impl=lockfree",
	"BenchmarkCrossCore/impl=channel",
}

func TestChoose(t *testing.T) {
	got := WithUnit(Choose(rows, Default, []int{1, 2}), rows)
	want := []Item{
		{rows[1], 1}, {rows[1], 2}, {rows[4], 1}, {rows[4], 2}, {rows[5], 2}, {rows[0], 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if again := WithUnit(got, rows); !slices.Equal(again, got) {
		t.Errorf("the unit is taken twice: %v", again)
	}
	if got := Cross(rows[:2], []int{1, 2}); len(got) != 4 {
		t.Errorf("Cross gives %v", got)
	}
}

// The pattern for the binary and Matches must agree, and the binary's reading of a
// pattern splits it at slashes and bars outside of parentheses.
func TestPattern(t *testing.T) {
	for _, r := range rows {
		want := slices.ContainsFunc(Default, func(p Pick) bool { return p.Matches(r) })
		if got := matches(Pattern(Default), string(r)); got != want {
			t.Errorf("%s: the pattern matches: %v, Matches: %v", r, got, want)
		}
	}
}

func matches(pattern, name string) bool {
	outside := regexp.MustCompile(`\([^)]*\)|\|`).ReplaceAllStringFunc(pattern, func(s string) string {
		if s == "|" {
			return "\n"
		}
		return s
	})
	for alternative := range strings.SplitSeq(outside, "\n") {
		parts, names := strings.Split(alternative, "/"), strings.Split(name, "/")
		all := len(parts) == len(names)
		for i := 0; all && i < len(parts); i++ {
			all = regexp.MustCompile(parts[i]).MatchString(names[i])
		}
		if all {
			return true
		}
	}
	return false
}

func TestRounds(t *testing.T) {
	items := Cross(rows, []int{1, 2, 4})
	p := &Plan{Items: items, Rounds: 3, Seed: 7}
	for i := range p.Rounds {
		round := p.Round(i)
		if !slices.Equal(round, (&Plan{Items: items, Seed: 7}).Round(i)) {
			t.Errorf("round %d differs under the same seed", i)
		}
		if slices.Equal(round, (&Plan{Items: items, Seed: 8}).Round(i)) {
			t.Errorf("round %d is the same under another seed", i)
		}
		if slices.Equal(round, p.Round(i+1)) {
			t.Errorf("rounds %d and %d are the same", i, i+1)
		}
		if len(round) != len(items) {
			t.Errorf("round %d has %d items, not %d", i, len(round), len(items))
		}
		for _, item := range items {
			if !slices.Contains(round, item) {
				t.Errorf("round %d lacks %v", i, item)
			}
		}
	}
	if !slices.Equal(items, Cross(rows, []int{1, 2, 4})) {
		t.Error("Round reorders the plan")
	}
}
