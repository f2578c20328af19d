package main

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/rounds"
)

func TestProgress(t *testing.T) {
	at := rounds.Progress{
		Round: 2, Rounds: 6, Done: 70, Total: 414, Rejected: 3, Left: 80 * time.Second,
		Next: plan.Item{Row: "BenchmarkLifecycle/callbacks=1/impl=" + plan.Row(strings.Repeat("x", 80)), CPUs: 2},
	}
	var now time.Time
	var out strings.Builder
	p := &progress{out: &out, now: func() time.Time { return now }}
	now = now.Add(time.Hour)
	p.tell(at)
	now = now.Add(time.Second)
	p.tell(at)
	now = now.Add(sparsely)
	at.Waiting = true
	p.tell(at)
	p.clear()
	line := "round 2/6, 70 of 414 samples, 1m20s left, 3 rejected"
	if want := line + "\n" + line + ": waiting for other processes\n"; out.String() != want {
		t.Errorf("lines are %q, want %q", out.String(), want)
	}

	out.Reset()
	p = &progress{out: &out, terminal: true, now: func() time.Time { return now }}
	at.Waiting = false
	p.tell(at)
	drawn := out.String()
	if !strings.Contains(drawn, "round 2/6, 1m20s left, 3 rejected: Lifecycle/") || !strings.Contains(drawn, "16%") {
		t.Errorf("the terminal's line is %q", drawn)
	}
	for line := range strings.SplitSeq(drawn, "\r") {
		if plain := regexp.MustCompile(`\x1b\[[0-9]*K`).ReplaceAllString(line, ""); utf8.RuneCountInString(plain) > 79 {
			t.Errorf("%d columns: %q", utf8.RuneCountInString(plain), plain)
		}
	}
	p.clear()
	cleared := out.Len()
	p.clear()
	if end := out.String()[len(drawn):cleared]; end == "" || strings.TrimLeft(end, "\r\x1b[2K ") != "" || out.Len() != cleared {
		t.Errorf("cleared: %q", out.String()[len(drawn):])
	}
}
