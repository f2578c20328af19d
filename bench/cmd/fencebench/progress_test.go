package main

import (
	"strings"
	"testing"
	"time"

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
	if got := out.String(); !strings.HasPrefix(got, "\r\x1b[K"+line+": Lifecycle/") || len(got) > len("\r\x1b[K")+79 {
		t.Errorf("the terminal's line is %q", got)
	}
	p.clear()
	p.clear()
	if got := out.String(); !strings.HasSuffix(got, "\r\x1b[K") || strings.HasSuffix(got, "\r\x1b[K\r\x1b[K") {
		t.Errorf("cleared: %q", got)
	}
}
