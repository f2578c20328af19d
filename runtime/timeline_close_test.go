package fencert

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
)

func TestCloseOfATimeline(t *testing.T) {
	x := newLined(t)
	x.advance(4)
	x.on(5)
	x.on(9)
	waited := make(chan error)
	go func() { waited <- x.t.Wait(context.Background(), 7) }()
	for x.t.Pending() < 3 {
	}
	cause := errors.New("the disk is full")
	x.want("Close", x.t.Close(cause), nil)
	x.wantRan(5, 9)
	x.want("result", x.err[1], cause)
	x.want("Wait", <-waited, cause)
	x.want("Close", x.t.Close(nil), ErrTimelineClosed)
	x.want("Close", x.t.Close(nil), ErrClosed)
	if _, err := x.t.Context().Close(nil); err != ErrTimelineClosed {
		t.Error(err)
	}
	x.want("Advance", x.l.Advance(x.t, 10), cause)
	x.want("Advance", x.t.Advance(3), cause)
	x.want("Err", x.t.At(4).Err(), nil)
	x.want("Err", x.t.At(5).Err(), cause)
	x.want("Err", x.t.At(MaxPoint+1).Err(), ErrRange)
	_, err := x.l.OnSignal(x.t.At(11), x.note, 0)
	x.want("OnSignal", err, ErrSignaled)
	if x.t.Value() != 4 || !x.t.At(MaxPoint).Signaled() {
		t.Error("value", x.t.Value())
	}
	if _, err := x.rt.Context(x.t.ID()); err != ErrNotFound {
		t.Error("it isn't forgotten")
	}
}

// TestCloseOfTheRuntimeClosesTimelines, and says on which somebody waited.
func TestCloseOfTheRuntimeClosesTimelines(t *testing.T) {
	x := newLined(t)
	idle := must(x.rt.NewTimeline("", "idle"))
	x.on(7)
	x.on(5)
	err := x.rt.Close()
	var leaks *LeakError
	if !errors.As(err, &leaks) || len(leaks.Leaks) != 1 || leaks.Leaks[0] != (Leak{x.t.Context(), 2, 5}) {
		t.Errorf("%v", err)
	}
	x.wantRan(5, 7)
	x.want("result", x.err[0], ErrCanceled)
	x.want("Advance", idle.Advance(1), ErrCanceled)
}

// TestCloseFromManySides: one of them wins, and all see its cause.
func TestCloseFromManySides(t *testing.T) {
	for range 200 {
		x := newLined(t)
		errs := []error{errors.New("a"), errors.New("b"), nil}
		var wg sync.WaitGroup
		won := make(chan error, 3)
		for _, cause := range errs {
			wg.Go(func() {
				if err := x.t.Close(cause); err == nil {
					won <- cause
				}
				_ = x.t.At(1).Err().Error() // it is closed now, whoever won
			})
		}
		wg.Wait()
		cause := <-won
		if cause == nil {
			cause = ErrCanceled
		}
		if len(won) != 0 || x.t.At(1).Err() != cause {
			t.Fatal("two have won, or another one's cause counts")
		}
	}
}

func TestTimelinesInDump(t *testing.T) {
	x := newLined(t)
	x.on(12)
	x.advance(3)
	must(x.t.Next())
	var b bytes.Buffer
	x.want("Dump", x.rt.Dump(&b), nil)
	if !strings.Contains(b.String(), "timeline 2 disk/durable: value 3, last issued 1, callbacks 1, oldest point 12\n") {
		t.Error(b.String())
	}
	if strings.Contains(b.String(), "context 2") {
		t.Error("it is a fence context too:\n" + b.String())
	}
	x.advance(12)
}
