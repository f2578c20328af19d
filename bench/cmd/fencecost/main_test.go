package main

import (
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench"
)

// output is what f prints.
func output(t *testing.T, f func() error) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, goroutines := os.Stdout, runtime.NumGoroutine()
	os.Stdout = w
	text := make(chan string)
	go func() {
		b, err := io.ReadAll(r)
		if err != nil {
			t.Error(err)
		}
		text <- string(b)
	}()
	err = f()
	os.Stdout = stdout
	if err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	read := <-text
	for runtime.NumGoroutine() > goroutines { // who has read is just ending, and would be missed while others count
		runtime.Gosched()
	}
	return read
}

// TestMarksHaveLines: valgrind's numbers are told apart by nothing but the order of the lines.
func TestMarksHaveLines(t *testing.T) {
	before := marks
	text := output(t, func() error { return instructions(64) })
	if lines := strings.Count(text, "\n"); lines != marks-before || lines < 4*repeats*len(subjects()) {
		t.Errorf("%d lines and %d marks for %d subjects", lines, marks-before, len(subjects()))
	}
	want := "aside\nLifecycle/callbacks=0 lockfree 64 least 1\naside\nLifecycle/callbacks=0 lockfree 128 least 2\n"
	if !strings.HasPrefix(text, want) {
		t.Errorf("begins with %.200q", text)
	}
	if n := strings.Count(text, "TimelineCancel/pending=4096 lockfree 128 mean 31\n"); n != repeats {
		t.Errorf("the last stretch of a long row is there %d times", n)
	}
}

func TestSubjects(t *testing.T) {
	rows := map[string][]string{}
	for _, s := range subjects() {
		rows[s.row] = append(rows[s.row], s.impl)
	}
	if len(rows) != 13 {
		t.Errorf("%d rows", len(rows))
	}
	for row, impls := range rows {
		if len(impls) != 3 || impls[0] != "lockfree" || !strings.HasPrefix(impls[1], "mutex") || impls[2] != "noop" {
			t.Errorf("%s is measured for %v", row, impls)
		}
	}
}

// TestWrongWorkIsNoticed: an operation that doesn't go as it should ends the measurement.
func TestWrongWorkIsNoticed(t *testing.T) {
	if err := good(3, 4); err == nil {
		t.Error("3 of 4 are good")
	}
	for _, r := range []rig{oneForTwo(bench.NewLockfree), oneForTwo(bench.NewMutexPool)} {
		if err := r.do(3); err != nil {
			t.Error(err)
		}
		if r.close() == nil {
			t.Error("one callback is as good as two")
		}
	}
}

func oneForTwo[F comparable, T any](open func(bench.Sizes) bench.World[F, T]) rig {
	return fenceRig(open, 2, func(w bench.Worker[F, T], n int) int { return lives(w, 1, n) })
}

func TestRefusals(t *testing.T) {
	for _, args := range [][]string{{}, {"instructions"}, {"instructions", "0"}, {"instructions", "x"}, {"nothing", "1"}, {"atomics", "1", "2"}} {
		if err := run(args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
