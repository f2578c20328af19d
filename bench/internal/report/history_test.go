package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/schema"
)

// historyIndex is of four runs on two machines, the third run being of the other.
func historyIndex() *schema.Index {
	x := &schema.Index{Head: schema.Head{Schema: schema.IndexName, Version: schema.Version}}
	for i := range 4 {
		machine := "cpu A, cpus 2"
		if i == 2 {
			machine = "cpu B, cpus 8"
		}
		x.Runs = append(x.Runs, schema.Run{
			Folder: fmt.Sprintf("2026010%dT000000Z-%d", i+1, i), Time: fmt.Sprintf("2026-01-0%dT00:00:00Z", i+1),
			Commit: "0123456789", Machine: machine, Condition: fmt.Sprintf("kernel %d, go 1", i/3), Samples: 6,
		})
	}
	for i := range 8 {
		t := schema.Trail{Benchmark: "Lifecycle", Keys: []schema.Pair{{Key: "callbacks", Value: fmt.Sprint(i)}}, Unit: "sec/op", CPUs: 1, Impl: "lockfree"}
		for run := range 4 {
			t.Points = append(t.Points, schema.Point{Run: run, N: 6, Median: 1e-9 * float64(10+i+3*run)})
		}
		if i == 0 {
			t.Points[3].Step = &schema.Step{Change: -0.25, P: 0.002, Condition: true}
		}
		x.Rows = append(x.Rows, t)
	}
	x.Rows = append(x.Rows, schema.Trail{Benchmark: "Once", Unit: "sec/op", CPUs: 1, Impl: "lockfree", Points: []schema.Point{{Run: 0, Median: 1}}})
	return x
}

func TestHistory(t *testing.T) {
	page, err := History(historyIndex())
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, want := range []string{"4 committed runs", "2 machines", "▼ −25.0 % †", "1 step.", "kernel 1", "not here: 1 row.", `aria-label="4 runs, steps: −25.0 % at run 4"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if again, err := History(historyIndex()); err != nil || string(again) != text {
		t.Errorf("the same index makes another page, %v", err)
	}
	if n := strings.Count(text, `class="spark"`); n != 8 {
		t.Errorf("%d lines over the runs, want 8", n)
	}
	// Two machines, two colors; within a drawing no path goes from one to the other.
	_, spark, _ := strings.Cut(text, `class="spark"`)
	spark, _, _ = strings.Cut(spark, "</svg>")
	if n := strings.Count(spark, "stroke:var(--chart-1)"); n != 1 {
		t.Errorf("%d lines for the first machine in %s", n, spark)
	}
	if !strings.Contains(spark, "fill:var(--chart-2)") {
		t.Errorf("no point of the second machine: %s", spark)
	}
	if strings.Contains(spark, "stroke:var(--chart-2)") {
		t.Errorf("a line for a machine with one run, so to another: %s", spark)
	}
}
